package natsstore

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore/jetlog"
)

// The environment has what a URL does not say, and what must not stand in one.
const (
	envUser     = "EVTUI_NATS_USER"
	envPassword = "EVTUI_NATS_PASSWORD"
	envToken    = "EVTUI_NATS_TOKEN"
	envCreds    = "EVTUI_NATS_CREDS" // files from here on
	envNKey     = "EVTUI_NATS_NKEY"
	envCA       = "EVTUI_NATS_CA"
	envCert     = "EVTUI_NATS_CERT"
	envKey      = "EVTUI_NATS_KEY"
)

// access is who evtui is to the cluster, and whom it trusts: the URL's word counts before the
// environment's.
func (p Place) access(o store.OpenOptions, env func(string) string) (jetlog.Options, error) {
	f := p.files
	options := jetlog.Options{
		User: cmp.Or(p.cluster.User.Username(), env(envUser)), Password: cmp.Or(o.Password, env(envPassword)),
		CA: cmp.Or(f.ca, env(envCA)), Cert: cmp.Or(f.cert, env(envCert)), Key: cmp.Or(f.key, env(envKey)),
		Monitor: p.monitor, Logger: o.Logger,
	}
	if f.creds == "" && f.nkey == "" && p.cluster.User.Username() == "" {
		f.creds, f.nkey, options.Token = env(envCreds), env(envNKey), env(envToken)
	}
	options.Credentials, options.Seed = f.creds, f.nkey
	ways := 0
	for _, one := range []string{options.Credentials, options.Seed, options.Token} {
		if one != "" {
			ways++
		}
	}
	switch {
	case ways > 1:
		return options, fmt.Errorf("the environment has more than one of %s, %s and %s: leave the one that the cluster knows this evtui by", envCreds, envNKey, envToken)
	case ways == 1:
		options.User, options.Password = "", ""
	case options.User == "" && options.Password != "": // a password without a user is a token
		options.Token, options.Password = options.Password, ""
	}
	for _, secret := range []string{options.Credentials, options.Seed, options.Key} {
		if err := checkSecret(secret); err != nil {
			return options, err
		}
	}
	return options, nil
}

// checkSecret refuses a file of secrets that is not there or that others can read.
func checkSecret(file string) error {
	if file == "" {
		return nil
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s, which is to have the credentials for the cluster", file)
	case err != nil:
		return fmt.Errorf("read the credentials for the cluster: %w", err)
	case runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("users other than the owner can read %s (mode %04o): run chmod 600", file, info.Mode().Perm())
	}
	return nil
}
