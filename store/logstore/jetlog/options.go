package jetlog

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Scheme begins the URLs of this log; SchemeTLS those that insist on TLS.
const (
	Scheme    = "nats"
	SchemeTLS = "tls"

	defaultPort     = "4222"
	defaultReplicas = 3
	maxReplicas     = 5 // JetStream's own limit
)

// parameters are what may stand in a URL's query.
var parameters = []string{"replicas", "domain"}

// Options say how a cluster is reached. The zero value is ready for use. None of the
// secrets may come from the command line, where others on the machine see them.
type Options struct {
	Credentials string   // file with a JWT and a seed, as nsc writes it; "": none
	Seed        string   // file with an NKey's seed; "": none
	User        string   // "": the URL's
	Password    string   // of User
	Token       string   // instead of a user
	CA          string   // file with the certificates to trust; "": the system's
	Cert, Key   string   // files of the client's own certificate; "": none
	Monitor     []string // URLs of the servers' monitoring ports; nil: what they tell is not known
	Logger      *slog.Logger
}

// Check returns an error unless a URL can be that of a cluster: hosts, no password, known parameters.
func Check(u *url.URL) error {
	_, err := parse(u)
	return err
}

// place is what a URL says.
type place struct {
	servers  []string // nats://host:port
	user     string
	replicas int // 0: not said
	domain   string
	secure   bool
}

func parse(u *url.URL) (place, error) {
	p := place{secure: u.Scheme == SchemeTLS}
	const form = "nats://HOST1,HOST2,HOST3"
	if u.Scheme != Scheme && u.Scheme != SchemeTLS {
		return p, fmt.Errorf("must be %s, not %s://", form, u.Scheme)
	}
	if _, given := u.User.Password(); given {
		return p, errors.New("holds a password, which others on this machine can see: give it in a file or in the environment")
	}
	if u.Path != "" && u.Path != "/" {
		return p, fmt.Errorf("names %q behind the hosts: must be %s", u.Path, form)
	}
	p.user = u.User.Username()
	for host := range strings.SplitSeq(u.Host, ",") {
		server, err := server(u.Scheme, host)
		if err != nil {
			return p, err
		}
		if slices.Contains(p.servers, server) {
			return p, fmt.Errorf("names the host %s twice", host)
		}
		p.servers = append(p.servers, server)
	}
	return p, p.query(u.Query())
}

func (p *place) query(q url.Values) error {
	for name := range q {
		if !slices.Contains(parameters, name) {
			return fmt.Errorf("has the parameter %q: there are %s", name, strings.Join(parameters, " and "))
		}
	}
	if q.Has("replicas") {
		n, err := strconv.Atoi(q.Get("replicas"))
		if err != nil || n < 1 || n > maxReplicas {
			return fmt.Errorf("has replicas=%s: must be 1 to %d", q.Get("replicas"), maxReplicas)
		}
		p.replicas = n
	}
	p.domain = q.Get("domain")
	if strings.ContainsAny(p.domain, ".*> \t\r\n") {
		return fmt.Errorf("names the domain %q, which cannot be one", p.domain)
	}
	return nil
}

// server is the URL of one host, "HOST" or "HOST:PORT".
func server(scheme, host string) (string, error) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), defaultPort
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("names the port %q of host %q: must be 1 to 65535", port, name)
	}
	if name == "" {
		return "", errors.New("names no host: must be nats://HOST1,HOST2,HOST3")
	}
	return scheme + "://" + net.JoinHostPort(name, port), nil
}

// tls is what TLS is done with, nil when nothing is said of it.
func (o Options) tls() (*tls.Config, error) {
	if o.CA == "" && o.Cert == "" && o.Key == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CA != "" {
		text, err := os.ReadFile(o.CA)
		if err != nil {
			return nil, fmt.Errorf("read the certificates to trust: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("read the certificates to trust: %s holds none in PEM", o.CA)
		}
	}
	if (o.Cert == "") != (o.Key == "") {
		return nil, errors.New("a client certificate needs its key, and a key its certificate")
	}
	if o.Cert != "" {
		pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
		if err != nil {
			return nil, fmt.Errorf("read the client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
