package natsstore

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore/jetlog"
)

func mustParse(t *testing.T, text string) Place {
	t.Helper()
	u, err := parsed(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(u)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func parsed(text string) (*url.URL, error) {
	var o store.Openers
	o.Register(Opener())
	u, _, err := o.Parse(text)
	return u, err
}

func TestParse(t *testing.T) {
	p := mustParse(t, "tls://app@a,b:4223?replicas=1&creds=/c&ca=/ca.pem&cert=/x.pem&key=/x.key&monitor=http://a:8222,https://b/")
	if got := p.cluster.String(); got != "tls://app@a,b:4223?replicas=1" {
		t.Errorf("the log is opened by %s", got)
	}
	if want := (files{creds: "/c", ca: "/ca.pem", cert: "/x.pem", key: "/x.key"}); p.files != want {
		t.Errorf("files are %+v, want %+v", p.files, want)
	}
	if got := strings.Join(p.monitor, " "); got != "http://a:8222 https://b" {
		t.Errorf("monitoring ports are %s", got)
	}
	for text, says := range map[string]string{
		"nats://me:secret@a":         "password",
		"nats://a?password=x":        "EVTUI_NATS_PASSWORD",
		"nats://a?token=x":           "EVTUI_NATS_TOKEN",
		"nats://a?creds=":            "without a file",
		"nats://a?creds=/x&nkey=/y":  "both",
		"nats://a?monitor=a:8222":    "http://HOST:8222",
		"nats://a?monitor=http://":   "http://HOST:8222",
		"nats://a?replicas=0":        "replicas",
		"nats://a?replica=3":         `"replica"`,
		"nats://a,a":                 "twice",
		"nats://":                    "no host",
		"nats://a/orders":            "orders",
		"nats://a?monitor=ftp://b:1": "http://HOST:8222",
	} {
		u, err := parsed(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(u); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v; want %s", text, err, says)
		}
	}
}

// TestNames gives one cluster one name, whatever the order of its hosts, and others another.
func TestNames(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{
		"nats://b:4223,a", "nats://a,b", "nats://me@a,b", "nats://a,b?domain=hub", "nats://[::1]:4222",
		"nats://" + strings.Repeat("very-long-name.", 20) + "example.com", "nats://" + strings.Repeat("very-long-name.", 20) + "example.org",
	} {
		name := mustParse(t, text).name()
		if other, taken := seen[name]; taken {
			t.Errorf("%s and %s are both %s", text, other, name)
		}
		seen[name] = text
		if name == "" || len(name) > maxName || strings.ContainsAny(name, "/\\:") || filepath.Base(name) != name {
			t.Errorf("%s: %q is no directory's name", text, name)
		}
	}
	if one, other := mustParse(t, "nats://b:4223,a").name(), mustParse(t, "nats://a,b:4223?replicas=1&creds=/c").name(); one != other {
		t.Errorf("the order of hosts makes %s of %s", other, one)
	}
}

func TestAccess(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url  string
		env  map[string]string
		file string // the password that --db-password-file holds
		want jetlog.Options
	}{
		"nothing":              {url: "nats://a"},
		"user and file":        {url: "nats://me@a", file: "pw", want: jetlog.Options{User: "me", Password: "pw"}},
		"user and environment": {url: "nats://me@a", env: map[string]string{envPassword: "pw", envCreds: secret}, want: jetlog.Options{User: "me", Password: "pw"}},
		"environment alone":    {url: "nats://a", env: map[string]string{envUser: "me", envPassword: "pw"}, want: jetlog.Options{User: "me", Password: "pw"}},
		"token in a file":      {url: "nats://a", file: "tok", want: jetlog.Options{Token: "tok"}},
		"token":                {url: "nats://a", env: map[string]string{envToken: "tok"}, want: jetlog.Options{Token: "tok"}},
		"creds":                {url: "nats://a?creds=" + secret, env: map[string]string{envUser: "me", envPassword: "pw"}, want: jetlog.Options{Credentials: secret}},
		"creds of environment": {url: "nats://a", env: map[string]string{envCreds: secret}, want: jetlog.Options{Credentials: secret}},
		"nkey":                 {url: "nats://a?nkey=" + secret, want: jetlog.Options{Seed: secret}},
		"TLS": {url: "tls://a?ca=/ca", env: map[string]string{envCA: "/other", envCert: "/crt", envKey: secret},
			want: jetlog.Options{CA: "/ca", Cert: "/crt", Key: secret}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := mustParse(t, c.url).access(store.OpenOptions{Password: c.file}, func(name string) string { return c.env[name] })
			if err != nil {
				t.Fatal(err)
			}
			if got.User != c.want.User || got.Password != c.want.Password || got.Token != c.want.Token || got.Credentials != c.want.Credentials || got.Seed != c.want.Seed ||
				got.CA != c.want.CA || got.Cert != c.want.Cert || got.Key != c.want.Key {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
	open := filepath.Join(t.TempDir(), "open")
	if err := os.WriteFile(open, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		url  string
		env  map[string]string
		says string
	}{
		{"nats://a?creds=/nowhere/x", nil, "/nowhere/x"},
		{"nats://a", map[string]string{envCreds: secret, envToken: "tok"}, envToken},
		{"nats://a?creds=" + open, nil, "chmod 600"},
	} {
		if _, err := mustParse(t, c.url).access(store.OpenOptions{}, func(name string) string { return c.env[name] }); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %v: %v; want %s", c.url, c.env, err, c.says)
		}
	}
}
