package barehttp

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Transport is an http.RoundTripper over connections of its own. Make it with
// [New]. All methods may be called at once from many goroutines.
type Transport struct {
	base *http.Transport
	pool pool
	once sync.Once
	site *url.URL // of the first request; nil: everything goes to base
}

// New returns a transport that connects as base does (its dialer, TLS and
// proxy), to the server that the first request is for. What it does not send
// itself goes through base, which must not be changed afterwards.
func New(base *http.Transport) http.RoundTripper { return &Transport{base: base} }

// maxBody is the largest body that is sent over own connections: what a server
// takes as one call.
const maxBody = 16 << 20

// suits reports whether the request can go over connections of the transport's
// own.
func (t *Transport) suits(r *http.Request) bool {
	if r.Method != http.MethodPost || r.Body == nil || r.ContentLength <= 0 || r.ContentLength > maxBody || len(r.TransferEncoding) > 0 {
		return false
	}
	t.once.Do(func() {
		if strings.ContainsFunc(r.URL.Host, func(c rune) bool { return c > 0x7e }) {
			return
		}
		if t.base.Proxy != nil {
			if proxy, err := t.base.Proxy(r); proxy != nil || err != nil {
				return
			}
		}
		t.site = r.URL
	})
	return t.site != nil && r.URL.Scheme == t.site.Scheme && r.URL.Host == t.site.Host
}

// RoundTrip implements http.RoundTripper. As with net/http a request may be
// sent again if it has GetBody and an Idempotency-Key among its headers, which
// is not sent when it is empty.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.suits(r) {
		return t.base.RoundTrip(r)
	}
	defer r.Body.Close()
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return nil, err
	}
	_, replayable := r.Header["Idempotency-Key"]
	replayable = replayable && r.GetBody != nil
	if c := t.pool.take(!replayable); c != nil {
		resp, begun, err := t.try(c, r, body)
		if err == nil || begun || !replayable || r.Context().Err() != nil {
			return resp, err
		}
		// The server closed the kept connection; others may be as dead.
	}
	c, err := t.open(r.Context())
	if err != nil {
		return nil, err
	}
	resp, _, err := t.try(c, r, body)
	return resp, err
}

// head returns the request up to the length of its body.
func head(r *http.Request) []byte {
	b := make([]byte, 0, 512)
	b = append(append(append(b, "POST "...), r.URL.RequestURI()...), " HTTP/1.1\r\nHost: "...)
	b = append(append(b, r.URL.Host...), "\r\n"...)
	for name, values := range r.Header {
		for _, value := range values {
			b = append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
		}
	}
	return append(b, "Content-Length: "...)
}

// try makes the call over c, which the response's body then keeps or closes.
// begun says whether the server began to answer.
func (t *Transport) try(c *Conn, r *http.Request, body []byte) (resp *http.Response, begun bool, err error) {
	ctx := r.Context()
	x := &exchange{t: t, c: c, ctx: ctx, stop: context.AfterFunc(ctx, func() { c.Close() })}
	x.sendErr = c.Send(head(r), body)
	if x.sendErr != nil {
		// It may have answered, and closed, before it had read everything.
		_ = c.net.SetReadDeadline(time.Now().Add(lastWords))
	}
	_, err = c.in.Peek(1)
	begun = err == nil
	if begun {
		x.answer, err = c.receive()
	}
	if err != nil {
		x.stop()
		c.Close()
		switch {
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case x.sendErr != nil:
			err = x.sendErr
		}
		return nil, begun, err
	}
	return x.response(r), true, nil
}

// exchange is one call under way, and the body of its answer.
type exchange struct {
	t       *Transport
	c       *Conn // nil once the connection is kept or closed
	ctx     context.Context
	stop    func() bool
	sendErr error
	answer  answer
	body    io.Reader
	resp    http.Response
}

func (x *exchange) response(r *http.Request) *http.Response {
	x.body = x.answer.reader(x.c)
	if x.answer.kept == nil {
		x.answer.kept = http.Header{}
	}
	x.resp = http.Response{
		StatusCode: x.answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.answer.kept, ContentLength: x.answer.length, Body: x, Request: r,
	}
	return &x.resp
}

// Read reads the answer's body. At its end the connection is kept.
func (x *exchange) Read(p []byte) (int, error) {
	if x.c == nil {
		return 0, io.EOF
	}
	n, err := x.body.Read(p)
	switch {
	case err == io.EOF: //nolint:errorlint // readers return it as it is
		x.end(!x.answer.last && x.sendErr == nil && x.c.in.Buffered() == 0)
	case err != nil:
		x.end(false)
		if x.ctx.Err() != nil {
			err = context.Cause(x.ctx)
		}
	}
	return n, err
}

// Close closes the connection unless the answer was read to its end.
func (x *exchange) Close() error {
	x.end(false)
	return nil
}

func (x *exchange) end(keep bool) {
	c := x.c
	if c == nil {
		return
	}
	x.c = nil
	if x.stop() && keep {
		x.t.pool.put(c)
		return
	}
	c.Close()
}

const (
	// dialTimeout bounds the making of a connection.
	dialTimeout = 10 * time.Second
	// readBuffer is small: a load may have thousands of connections, and most
	// answers are of one line.
	readBuffer = 16 << 10
)

// open connects to the server.
func (t *Transport) open(ctx context.Context) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dial := t.base.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	nc, err := dial(ctx, "tcp", hostPort(t.site))
	if err != nil {
		return nil, err
	}
	if t.site.Scheme != "https" {
		return NewConn(nc, readBuffer), nil
	}
	config := &tls.Config{}
	if t.base.TLSClientConfig != nil {
		config = t.base.TLSClientConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = t.site.Hostname()
	}
	secure := tls.Client(nc, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	return NewConn(secure, readBuffer), nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// CloseIdleConnections closes the connections that no call is using.
func (t *Transport) CloseIdleConnections() {
	t.pool.closeIdle()
	t.base.CloseIdleConnections()
}
