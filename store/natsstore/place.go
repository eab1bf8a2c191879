package natsstore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/evtui/evtui/store/logstore/jetlog"
)

// Place is what a URL says of a cluster.
type Place struct {
	cluster *url.URL // as jetlog takes it
	files   files
	monitor []string // URLs of the servers' monitoring ports
}

// files are those that reaching a cluster takes; "": none.
type files struct {
	creds, nkey   string // a JWT and its seed as nsc writes them; an NKey's seed
	ca, cert, key string // for TLS
}

const monitorParameter = "monitor"

// errPassword is returned for a URL that carries a secret.
var errPassword = errors.New("holds a password or a token, which others on this machine can see: give it in EVTUI_NATS_PASSWORD or EVTUI_NATS_TOKEN, " +
	"or in a file with ?creds=, ?nkey= or --db-password-file")

// Parse reads a URL. It returns an error unless it names hosts, no secret, and parameters
// that are known.
func Parse(u *url.URL) (Place, error) {
	var p Place
	bare := *u
	q := bare.Query()
	if _, given := u.User.Password(); given || q.Has("password") || q.Has("token") {
		return p, errPassword
	}
	f := &p.files
	for name, file := range map[string]*string{"creds": &f.creds, "nkey": &f.nkey, "ca": &f.ca, "cert": &f.cert, "key": &f.key} {
		if *file = q.Get(name); q.Has(name) && *file == "" {
			return p, fmt.Errorf("has the parameter %s without a file", name)
		}
		q.Del(name)
	}
	if q.Has(monitorParameter) {
		for one := range strings.SplitSeq(q.Get(monitorParameter), ",") {
			m, err := url.Parse(one)
			if err != nil || m.Scheme != "http" && m.Scheme != "https" || m.Host == "" || m.User != nil {
				return p, fmt.Errorf("has monitor=%s: must be URLs like http://HOST:8222, with commas between them", q.Get(monitorParameter))
			}
			p.monitor = append(p.monitor, strings.TrimRight(one, "/"))
		}
		q.Del(monitorParameter)
	}
	bare.RawQuery = q.Encode()
	p.cluster = &bare
	if p.files.creds != "" && p.files.nkey != "" {
		return p, errors.New("has both creds and nkey: give the one that the cluster knows this evtui by")
	}
	return p, jetlog.Check(&bare)
}

// maxName is how long a directory's name may be that is made of hosts.
const maxName = 120

// name names the cluster, as one element of a path: by its hosts in alphabetical order, so
// that the order in which they are given makes no other cluster of it.
func (p Place) name() string {
	hosts := strings.Split(p.cluster.Host, ",")
	for i, host := range hosts {
		if name, port, err := net.SplitHostPort(host); err == nil {
			hosts[i] = strings.Trim(name, "[]") + "-" + port
		}
	}
	slices.Sort(hosts)
	parts := hosts
	if user := p.cluster.User.Username(); user != "" {
		parts = append(parts, "as", user)
	}
	if domain := p.cluster.Query().Get("domain"); domain != "" {
		parts = append(parts, "in", domain)
	}
	name := strings.ReplaceAll(url.QueryEscape(strings.Join(parts, "-")), "%", "_")
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(name))
		name = name[:maxName-17] + "-" + hex.EncodeToString(sum[:8])
	}
	return name
}
