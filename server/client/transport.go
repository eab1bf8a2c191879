package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	rpcPath = "/rpc"
	// maxIdle is how many connections are kept: more than any load uses at once.
	maxIdle = 512
	// dialTimeout bounds the making of a connection.
	dialTimeout = 10 * time.Second
	// maxHeader bounds the header of an answer, in bytes.
	maxHeader = 256 << 10
)

func (s *shared) transport() *http.Transport {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       30 * time.Second, // less than any server or proxy closes them after
		MaxIdleConns:          maxIdle,
		MaxIdleConnsPerHost:   maxIdle,
		TLSClientConfig:       s.tls,
		DisableCompression:    true, // on the same machine it costs more than it saves
		WriteBufferSize:       16 << 10,
		ReadBufferSize:        32 << 10,

		MaxResponseHeaderBytes: maxHeader,
	}
	if s.dial != nil {
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return s.dial(ctx) }
	}
	return t
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
	req.Header = c.header.Clone()
	return req, nil
}

// do sends a request, once, and returns its answer, whose body the caller
// closes. No redirect is followed: it comes back as a *RedirectError, for
// wherever it points to is not who the token is for. ctx is the caller's.
func (c *Client) do(ctx context.Context, req *http.Request) (*http.Response, error) {
	resp, err := c.shared.http.RoundTrip(req)
	if err != nil {
		return nil, transportError(ctx, err)
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		defer resp.Body.Close()
		return nil, redirected(req.URL, resp)
	}
	return resp, nil
}

// fetch sends a small request, waits for the answer within limit (0: as long
// as it takes) and appends its body to dst, no more than the bound lets.
func (c *Client) fetch(ctx context.Context, req *http.Request, limit time.Duration, dst []byte, b bound) ([]byte, error) {
	if limit > 0 {
		bounded, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		req = req.WithContext(bounded)
	}
	resp, err := c.do(ctx, req)
	if err != nil {
		return dst, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return dst, refusal(resp)
	}
	dst, err = b.read(dst, resp.Body, resp.ContentLength)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		err = transportError(ctx, err)
	}
	return dst, err
}

// maxRefusal bounds the body of an answer that is an error, in bytes. What is
// longer is no error of the protocol.
const maxRefusal = 64 << 10

// refusal reads an answer that is not 200.
func refusal(resp *http.Response) *Error {
	// What is cut off, by whatever, does not parse, and then the status speaks.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	e := answerError(resp.StatusCode, body)
	e.retryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	return e
}
