package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/inprocess"
)

// Serve accepts connections from l until Shutdown, then returns nil. It may be
// called for several listeners at once, and closes l. What goes over a TCP
// listener can be read on its way: one that is reached from other hosts is
// warned of in the log, and engine.info says so.
func (s *Server) Serve(l net.Listener) error {
	if isExposed(l.Addr()) {
		s.exposed.Store(true)
		s.log.Warn("other hosts reach this server, and tokens and data go over the network for anyone to read: serve a certificate with TLS, or listen on 127.0.0.1",
			"address", l.Addr().String())
	}
	return s.serveLimited(l)
}

// ServeTLS is Serve with TLS, by HTTP/1.1 only: over HTTP/2 one connection
// could carry many requests, and the limits on connections would mean nothing.
func (s *Server) ServeTLS(l net.Listener, config *tls.Config) error {
	config = config.Clone()
	config.NextProtos = []string{"http/1.1"}
	return s.serveLimited(tls.NewListener(l, config))
}

func (s *Server) serveLimited(l net.Listener) error {
	if s.cfg.TestMode && isExposed(l.Addr()) {
		s.log.Warn("other hosts reach this server, and test mode asks nobody for a token", "address", l.Addr().String())
	}
	if _, local := l.(*inprocess.Listener); !local {
		l = &limitedListener{Listener: l, s: s}
	}
	if err := s.front.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// isExposed reports whether an address is on a network, beyond this host.
func isExposed(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}

// connections counts the connections that are open, and knows those that have
// not asked for anything yet: http.Server.Shutdown would wait for them.
type connections struct {
	open  atomic.Int64
	fresh sync.Map // of net.Conn
}

// track is the http.Server's ConnState hook.
func (c *connections) track(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.open.Add(1)
		c.fresh.Store(conn, nil)
	case http.StateActive:
		c.fresh.Delete(conn)
	case http.StateHijacked, http.StateClosed:
		c.open.Add(-1)
		c.fresh.Delete(conn)
	case http.StateIdle:
	}
}

// closeFresh closes the connections that have not asked for anything yet.
func (c *connections) closeFresh() {
	for conn := range c.fresh.Range {
		_ = conn.(net.Conn).Close()
	}
}

// limitedListener turns connections away while there are too many: with an
// answer, since a client that is left waiting does not know why.
type limitedListener struct {
	net.Listener
	s *Server
}

const (
	// maxRejected is how many are told at once why they are turned away; others
	// are cut.
	maxRejected = 64
	// partingTime is how long that may take.
	partingTime = 2 * time.Second
)

// rejected are the connections that are being turned away.
type rejected struct {
	under atomic.Int64
	all   sync.WaitGroup // awaited by Shutdown
}

// Accept returns the next connection for which there is room.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		// The server counts each connection before it accepts the next.
		if err != nil || l.s.conns.open.Load() < int64(l.s.cfg.Limits.Connections) {
			return conn, err
		}
		l.s.load.turnedAway.Add(1)
		l.s.turnAway(conn)
	}
}

// turnAway closes the connection; it does not wait for that.
func (s *Server) turnAway(conn net.Conn) {
	if s.rejected.under.Add(1) > maxRejected {
		s.rejected.under.Add(-1)
		_ = conn.Close()
		return
	}
	s.rejected.all.Go(func() {
		defer s.rejected.under.Add(-1)
		defer func() { _ = conn.Close() }() // there is nobody left to tell
		_ = conn.SetDeadline(time.Now().Add(partingTime))
		defer context.AfterFunc(s.stopping, func() { _ = conn.SetDeadline(time.Now()) })()
		s.partWith(conn)
	})
}

// partWith answers whatever is asked with UNAVAILABLE: not before something is, which
// clients would take for no answer of theirs, and reading on after that, since
// closing a connection with bytes unread takes the answer back.
func (s *Server) partWith(conn net.Conn) {
	if _, err := conn.Read(make([]byte, 4<<10)); err != nil {
		return
	}
	f := unavailable(0, "the server has %d connections open, which is its limit; try again", s.cfg.Limits.Connections)
	body := appendFault(nil, f)
	answer := &http.Response{
		StatusCode: f.status, ProtoMajor: 1, ProtoMinor: 1, Close: true,
		Header:        http.Header{"Content-Type": jsonType, "Retry-After": f.retryAfter()},
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}
	if answer.Write(conn) != nil {
		return
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_, _ = io.CopyN(io.Discard, conn, int64(s.cfg.Limits.HeaderBytes))
	}
}
