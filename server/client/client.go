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
	namespace string // "" for the token's own
	head      []byte // request line and header of a call, up to the length
	err       error  // why this client cannot be used
}

// shared is what derived clients have in common.
type shared struct {
	base    *url.URL
	token   string
	actor   string
	timeout time.Duration
	refuse  bool                                        // what writes; see WithReadOnly
	dial    func(ctx context.Context) (net.Conn, error) // nil: TCP to base
	tls     *tls.Config                                 // for https; nil: Go's own
	http    *http.Client                                // for everything that is not a call
	pool    *pool                                       // for calls; nil: they go through http as well
	offers  atomic.Int32                                // one of the offers constants
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

// New returns a client of the server at baseURL, such as
// http://127.0.0.1:8080; http is understood where no scheme is given. It does
// not connect yet.
func New(baseURL string, opts ...Option) (*Client, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", baseURL, err)
	}
	s := &shared{base: base, timeout: DefaultTimeout}
	for _, o := range opts {
		o(s)
	}
	transport := s.transport()
	s.http = &http.Client{Transport: transport}
	if s.direct() {
		s.pool = &pool{dial: s.dialer(transport)}
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
	d := &Client{shared: c.shared, namespace: namespace}
	if namespace == c.shared.ownNamespace() {
		d.namespace = ""
	}
	d.err = d.prepare()
	// What the caller named is what Namespace says, even if no header is needed.
	d.namespace = namespace
	return d
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
	c.shared.http.CloseIdleConnections()
	if c.shared.pool != nil {
		c.shared.pool.closeIdle()
	}
}

// prepare checks what goes into headers and makes the head of calls.
func (c *Client) prepare() error {
	for _, v := range []string{c.shared.token, c.shared.actor, c.namespace} {
		if strings.ContainsFunc(v, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
			return &store.InvalidError{Field: "header", Reason: "must not contain control characters"}
		}
	}
	if c.namespace != strings.TrimSpace(c.namespace) {
		return &store.InvalidError{Field: "namespace", Reason: "must not begin or end with a space to be named in a header"}
	}
	head := "POST " + c.shared.base.EscapedPath() + rpcPath + " HTTP/1.1\r\nHost: " + c.shared.base.Host + "\r\n"
	for _, h := range c.headers() {
		head += h[0] + ": " + h[1] + "\r\n"
	}
	c.head = []byte(head + "Content-Type: application/json\r\nContent-Length: ")
	return nil
}

// headers are those of every request.
func (c *Client) headers() [][2]string {
	headers := [][2]string{{"User-Agent", "evtui"}}
	if c.shared.token != "" {
		headers = append(headers, [2]string{"Authorization", "Bearer " + c.shared.token})
	}
	if c.shared.actor != "" {
		headers = append(headers, [2]string{wire.ActorHeader, c.shared.actor})
	}
	if c.foreign() {
		headers = append(headers, [2]string{wire.NamespaceHeader, c.namespace})
	}
	return headers
}
