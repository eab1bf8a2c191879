package inprocess

import (
	"context"
	"net"
	"sync"
)

// Listener is a listener inside the process: what Dial returns, Accept gets
// the other end of. The terminal UI reaches the server it is built into this
// way, over the same HTTP as everybody else.
type Listener struct {
	conns chan net.Conn // written by Dial, read by Accept, never closed
	done  chan struct{} // closed by Close
	once  sync.Once
}

// Listen returns an open listener.
func Listen() *Listener {
	return &Listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Dial connects to the listener. It returns ctx's error when ctx ends before
// the connection is accepted, and net.ErrClosed after Close.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	near, far := newPipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next Dial. It returns net.ErrClosed after Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close stops the listener; connections that are open stay. It may be called
// twice.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr returns an address that is on no network.
func (l *Listener) Addr() net.Addr { return addr{} }

// Address is the address of both ends of an in-process connection. No address
// on a network looks like it.
const Address = "memory"

type addr struct{}

func (addr) Network() string { return Address }
func (addr) String() string  { return Address }
