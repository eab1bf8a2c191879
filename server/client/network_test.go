package client

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// pipeNet is a network of net.Pipes, for servers inside a synctest bubble.
type pipeNet struct {
	conns chan net.Conn
	done  chan struct{}
}

func (n *pipeNet) Dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case n.conns <- far:
		return near, nil
	case <-n.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *pipeNet) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

func (n *pipeNet) Close() error   { close(n.done); return nil }
func (n *pipeNet) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// onPipes serves the handler until the test ends and returns a client of it.
func onPipes(t *testing.T, h http.HandlerFunc, opts ...Option) *Client {
	t.Helper()
	n := &pipeNet{conns: make(chan net.Conn), done: make(chan struct{})}
	s := &http.Server{Handler: h}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(n)
	}()
	t.Cleanup(func() {
		s.Close()
		<-served
	})
	return mustNew(t, "http://pipe", append(opts, WithDialer(n.Dial))...)
}
