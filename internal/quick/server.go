package quick

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server answers the plain calls of its listeners' connections and hands all
// others to HTTP. Its fields must not change once Serve was called.
type Server struct {
	// HTTP is required. Its Handler, ReadTimeout, IdleTimeout, ConnState and
	// ErrorLog hold for plain calls too; ConnState is notified of a connection's
	// first request and its end, and of being hijacked when HTTP gets it.
	HTTP *http.Server
	// Path is the one path of plain calls, as "/rpc".
	Path string
	// BodyBytes is the most that the body of a plain call may hold; longer ones
	// go to HTTP.
	BodyBytes int

	stopping atomic.Bool

	mu    sync.Mutex // guards what follows
	conns map[*conn]struct{}
	empty chan struct{} // closed once stopping and without connections; nil before
}

// Serve accepts connections from l, and returns what HTTP.Serve returns:
// http.ErrServerClosed after Shutdown or Close. It closes l.
func (s *Server) Serve(l net.Listener) error {
	f := &feed{Listener: l, conns: make(chan net.Conn), errs: make(chan error), done: make(chan struct{})}
	go s.accept(f)
	return s.HTTP.Serve(f)
}

func (s *Server) accept(f *feed) {
	for {
		nc, err := f.Listener.Accept()
		if err != nil {
			// HTTP decides what an error means and waits before it asks again.
			select {
			case f.errs <- err:
				continue
			case <-f.done:
				return
			}
		}
		if !plain(nc) {
			f.give(nc)
			continue
		}
		c := newConn(s, nc)
		if !s.add(c) {
			_ = nc.Close()
			continue
		}
		s.notify(nc, http.StateNew) // before the next is accepted: see http.ConnState
		go s.serve(f, c)
	}
}

// serve answers a connection's calls until it ends or HTTP gets it.
func (s *Server) serve(f *feed, c *conn) {
	nc := c.nc
	over := c.run()
	s.remove(c)
	if over {
		s.notify(nc, http.StateHijacked)
		_ = nc.SetReadDeadline(time.Time{})
		f.give(c.rest())
		return
	}
	_ = nc.Close()
	s.notify(nc, http.StateClosed)
}

// plain reports whether the connection carries HTTP as it is: TLS negotiates
// what it carries, and that is HTTP's to do.
func plain(nc net.Conn) bool {
	_, secure := nc.(interface{ HandshakeContext(context.Context) error })
	return !secure
}

func (s *Server) notify(nc net.Conn, state http.ConnState) {
	if s.HTTP.ConnState != nil {
		s.HTTP.ConnState(nc, state)
	}
}

func (s *Server) add(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() {
		return false
	}
	if s.conns == nil {
		s.conns = make(map[*conn]struct{})
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.empty != nil && len(s.conns) == 0 {
		close(s.empty)
		s.empty = nil
	}
}

// Shutdown stops accepting, closes the connections without a call under way,
// and waits for the others, and for HTTP's, until ctx ends; then it returns
// ctx's error and leaves what is left to Close. It may be called again.
func (s *Server) Shutdown(ctx context.Context) error {
	empty := s.halt(func(c *conn) bool { return c.state.CompareAndSwap(idle, closed) })
	err := s.HTTP.Shutdown(ctx)
	select {
	case <-empty:
		return err
	case <-ctx.Done():
		return errors.Join(err, ctx.Err())
	}
}

// Close stops accepting and cuts all connections.
func (s *Server) Close() error {
	s.halt(func(c *conn) bool { c.cancel(); return true })
	return s.HTTP.Close()
}

// halt lets no more connections in, closes those that cut chooses, and returns
// a channel that is closed when all have ended.
func (s *Server) halt(cut func(*conn) bool) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping.Store(true)
	for c := range s.conns {
		if cut(c) {
			_ = c.nc.Close()
		}
	}
	if s.empty == nil {
		empty := make(chan struct{})
		if len(s.conns) == 0 {
			close(empty)
			return empty
		}
		s.empty = empty
	}
	return s.empty
}

// feed is the listener that HTTP serves: it accepts what Server hands over.
type feed struct {
	net.Listener
	conns chan net.Conn // never closed
	errs  chan error    // of the listener's Accept, never closed
	done  chan struct{} // closed by Close
	once  sync.Once
}

// give hands a connection over, or closes it when nobody serves any more.
func (f *feed) give(nc net.Conn) {
	select {
	case f.conns <- nc:
	case <-f.done:
		_ = nc.Close()
	}
}

// Accept waits for a connection that is handed over.
func (f *feed) Accept() (net.Conn, error) {
	select {
	case nc := <-f.conns:
		return nc, nil
	case err := <-f.errs:
		return nil, err
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close closes the listener.
func (f *feed) Close() error {
	err := net.ErrClosed
	f.once.Do(func() {
		close(f.done)
		err = f.Listener.Close()
	})
	return err
}
