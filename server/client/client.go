package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// DefaultTimeout is how long a call waits for its answer unless [WithTimeout]
// says otherwise.
const DefaultTimeout = 30 * time.Second

// Client calls one server with one token. Make it with [New].
type Client struct {
	shared    *shared
	namespace string      // "" for the token's own
	header    http.Header // of every request; never changed
	err       error       // why this client cannot be used
	fresh     bool        // see Fresh
}

// shared is what derived clients have in common.
type shared struct {
	base    *url.URL
	token   string
	actor   string
	timeout time.Duration
	refuse  bool // what writes; see WithReadOnly
	limits  Limits
	retries Retries
	dial    func(ctx context.Context) (net.Conn, error)       // nil: TCP to base
	tls     *tls.Config                                       // for https; nil: Go's own
	wrap    func(transport *http.Transport) http.RoundTripper // nil: the transport itself
	http    http.RoundTripper                                 // carries requests, one by one: it follows no redirect
	rpc     *url.URL                                          // where calls go
	offers  atomic.Int32                                      // one of the offers constants
	noScans atomic.Bool                                       // the server is known not to scan
}

// Option adjusts a Client.
type Option func(*shared)

// WithToken sends the token with each call. Without one, only a server in test
// mode answers.
func WithToken(token string) Option { return func(s *shared) { s.token = token } }

// WithActor marks each call as made by the actor; "ui" keeps calls out of the
// server's figures.
func WithActor(actor string) Option { return func(s *shared) { s.actor = actor } }

// WithDialer connects by dial instead of TCP, for a server in this process.
func WithDialer(dial func(ctx context.Context) (net.Conn, error)) Option {
	return func(s *shared) { s.dial = dial }
}

// WithTLS sets what a server at an https address must show, and what it is
// shown: which authorities are trusted, say. Without it, those that the system
// trusts are. The config is not changed, and must not be afterwards.
func WithTLS(config *tls.Config) Option { return func(s *shared) { s.tls = config } }

// WithTimeout ends each call after d; 0 stands for no end. Subscribe, Import,
// Export as a whole, Profile's capture, Storage, Flush and Compact are not
// limited by it.
func WithTimeout(d time.Duration) Option { return func(s *shared) { s.timeout = d } }

// WithTransport has wrap's answer carry the requests instead of the transport
// that it is given, which dials, speaks TLS and finds its proxy as the other
// options say. Whatever a request must not be sent twice for (see
// http.Transport) holds for it too. Its CloseIdleConnections, if it has one, is
// called by Close.
func WithTransport(wrap func(transport *http.Transport) http.RoundTripper) Option {
	return func(s *shared) { s.wrap = wrap }
}

// New returns a client of the server at baseURL, such as
// http://127.0.0.1:8080; http is understood where no scheme is given. It does
// not connect yet.
func New(baseURL string, opts ...Option) (*Client, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", baseURL, err)
	}
	s := &shared{base: base, timeout: DefaultTimeout}
	// Parsed again: what JoinPath returns has a relative path where base has none.
	if s.rpc, err = url.Parse(base.JoinPath(rpcPath).String()); err != nil {
		return nil, fmt.Errorf("address %q: %w", baseURL, err)
	}
	for _, o := range opts {
		o(s)
	}
	s.limits, s.retries = s.limits.withDefaults(), s.retries.withDefaults()
	transport := s.transport()
	s.http = transport
	if s.wrap != nil {
		s.http = s.wrap(transport)
	}
	c := &Client{shared: s}
	return c, c.prepare()
}

func parseBase(raw string) (*url.URL, error) {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	base, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, err
	case base.Scheme != "http" && base.Scheme != "https":
		return nil, fmt.Errorf("scheme %q is neither http nor https", base.Scheme)
	case base.Hostname() == "":
		return nil, fmt.Errorf("names no host")
	case base.RawQuery != "" || base.Fragment != "" || base.User != nil:
		return nil, fmt.Errorf("must be scheme, host, port and path only")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	return base, nil
}

// In returns a client that acts on the namespace, with the same connections
// and token; "" stands for the token's own. Only the admin token may name
// another namespace, and only an evtui server understands it.
func (c *Client) In(namespace string) *Client {
	d := &Client{shared: c.shared, namespace: namespace, fresh: c.fresh}
	if namespace == c.shared.ownNamespace() {
		d.namespace = ""
	}
	d.err = d.prepare()
	// What the caller named is what Namespace says, even if no header is needed.
	d.namespace = namespace
	return d
}

// Fresh returns a client whose ReadStream, Version and LastMessage show all that was
// acknowledged anywhere before the call, also by other evtui on the same cluster: the server asks
// the cluster's leader and waits until it has that. Where nobody can say how far that
// is, they fail with an error for which [Unavailable] is true, as writes do. On
// servers that share their store with nobody every read is like that.
func (c *Client) Fresh() *Client {
	d := *c
	d.fresh = true
	return &d
}

// Namespace returns what the client acts on: what was given to In, else what
// the token names, else "default".
func (c *Client) Namespace() string {
	if c.namespace != "" {
		return c.namespace
	}
	return c.shared.ownNamespace()
}

func (s *shared) ownNamespace() string {
	if name, err := wire.ParseToken(s.token); err == nil {
		return name
	}
	return store.DefaultNamespace
}

// foreign reports whether calls must name their namespace by header.
func (c *Client) foreign() bool {
	return c.namespace != "" && c.namespace != c.shared.ownNamespace()
}

// URL returns the server's address.
func (c *Client) URL() string { return c.shared.base.String() }

// Close closes the connections that are idle, for all derived clients too.
// Calls under way go on, and the client can still be used.
func (c *Client) Close() {
	if closer, ok := c.shared.http.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// prepare checks what goes into headers and makes them.
func (c *Client) prepare() error {
	for _, v := range []string{c.shared.token, c.shared.actor, c.namespace} {
		if strings.ContainsFunc(v, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
			return &store.InvalidError{Field: "header", Reason: "must not contain control characters"}
		}
	}
	if c.namespace != strings.TrimSpace(c.namespace) {
		return &store.InvalidError{Field: "namespace", Reason: "must not begin or end with a space to be named in a header"}
	}
	c.header = c.shared.bareHeader()
	if c.shared.token != "" {
		c.header.Set("Authorization", "Bearer "+c.shared.token)
	}
	if c.foreign() {
		c.header.Set(wire.NamespaceHeader, c.namespace)
	}
	return nil
}

// bareHeader is the header of what needs no token.
func (s *shared) bareHeader() http.Header {
	header := http.Header{"User-Agent": {"evtui"}}
	if s.actor != "" {
		header.Set(wire.ActorHeader, s.actor)
	}
	return header
}
