package client

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	rpcPath = "/rpc"
	// maxIdle is how many connections are kept: more than any load uses at once.
	maxIdle = 512
	// dialTimeout bounds the making of a connection.
	dialTimeout = 10 * time.Second
)

func (s *shared) transport() *http.Transport {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConns:          maxIdle,
		MaxIdleConnsPerHost:   maxIdle,
		TLSClientConfig:       s.tls,
		DisableCompression:    true, // on the same machine it costs more than it saves
		WriteBufferSize:       16 << 10,
		ReadBufferSize:        32 << 10,
	}
	if s.dial != nil {
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return s.dial(ctx) }
	}
	return t
}

// direct reports whether calls can go over connections of the client's own:
// with no proxy between.
func (s *shared) direct() bool {
	if strings.ContainsFunc(s.base.Host, func(r rune) bool { return r > 0x7e }) {
		return false
	}
	if s.dial != nil {
		return true
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: s.base})
	return proxy == nil && err == nil
}

// dialer returns what connects for calls, as the transport does for the rest.
func (s *shared) dialer(t *http.Transport) func(ctx context.Context) (net.Conn, error) {
	dial := func(ctx context.Context) (net.Conn, error) { return t.DialContext(ctx, "tcp", s.hostPort()) }
	if s.base.Scheme != "https" {
		return dial
	}
	config := &tls.Config{}
	if s.tls != nil {
		config = s.tls.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = s.base.Hostname()
	}
	return func(ctx context.Context) (net.Conn, error) {
		plain, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		c := tls.Client(plain, config)
		if err := c.HandshakeContext(ctx); err != nil {
			plain.Close()
			return nil, err
		}
		return c, nil
	}
}

func (s *shared) hostPort() string {
	port := s.base.Port()
	switch {
	case port != "":
	case s.base.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(s.base.Hostname(), port)
}

// request makes a request of this client for one of the server's paths.
func (c *Client) request(ctx context.Context, method, path string, query url.Values, body io.Reader) (*http.Request, error) {
	if c.err != nil {
		return nil, c.err
	}
	u := c.shared.base.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	for _, h := range c.headers() {
		req.Header.Set(h[0], h[1])
	}
	return req, nil
}

// fetch sends a small request, waits for the answer within limit (0: as long
// as it takes) and appends its body to dst.
func (c *Client) fetch(ctx context.Context, req *http.Request, limit time.Duration, dst []byte) ([]byte, error) {
	if limit > 0 {
		bounded, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		req = req.WithContext(bounded)
	}
	resp, err := c.shared.http.Do(req)
	if err != nil {
		return dst, transportError(ctx, unwrapURL(err))
	}
	defer resp.Body.Close()
	dst, err = readAll(dst, resp.Body, resp.ContentLength)
	if err != nil {
		return dst, transportError(ctx, err)
	}
	return dst, statusError(resp.StatusCode, dst)
}

// maxPrealloc bounds what a length that a server claims makes us allocate.
const maxPrealloc = 1 << 20

// readAll appends all of r, whose length is known unless it is negative, to dst.
func readAll(dst []byte, r io.Reader, length int64) ([]byte, error) {
	if length > 0 {
		// One byte more, so that the end is seen without growing.
		dst = slices.Grow(dst, int(min(length, maxPrealloc))+1)
	}
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, 512)
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// unwrapURL takes off what net/http repeats of the address, which may carry a
// token.
func unwrapURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
