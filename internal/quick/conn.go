package quick

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// The states of a connection. From idle it is closed by whoever moves it to
// closed first; an active one ends after its reply.
const (
	idle int32 = iota
	active
	closed
)

const (
	firstBytes = 4 << 10  // of the buffer a connection reads into
	keptBytes  = 32 << 10 // a larger buffer is released after its call
)

// conn is one connection as long as its requests are plain calls.
type conn struct {
	s     *Server
	nc    net.Conn
	state atomic.Int32

	buf      []byte // what has been read and not been used
	head     head
	notified bool      // of the first request
	deadline time.Time // of reading, as last set

	ctx     context.Context // ends with the connection
	cancel  context.CancelFunc
	plain   *http.Request // what every request begins as
	request http.Request
	header  http.Header
	values  [len(known)][1]string // of header
	body    body
	reply   writer
	watch   watch
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{s: s, nc: nc, header: make(http.Header, len(known))}
	c.ctx, c.cancel = context.WithCancel(context.WithValue(context.Background(), http.ServerContextKey, s.HTTP))
	c.plain = (&http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: s.Path}, RequestURI: s.Path,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.header, RemoteAddr: nc.RemoteAddr().String(),
	}).WithContext(c.ctx)
	c.watch.c = c
	c.reply.c = c
	c.reply.header = make(http.Header, 4)
	return c
}

// run answers calls. It returns true when HTTP has to go on with what rest
// returns, and false when the connection is done with.
func (c *conn) run() bool {
	defer c.cancel()
	line := "POST " + c.s.Path + " HTTP/1.1\r\n"
	c.buf = make([]byte, 0, firstBytes)
	for {
		switch c.await(line) {
		case other:
			return true
		case call:
			if !c.answer() {
				return false
			}
		case partial: // the connection ended
			return false
		}
		if c.s.stopping.Load() || !c.state.CompareAndSwap(active, idle) {
			return false
		}
		// Shutdown may have looked before this was idle.
		if c.s.stopping.Load() {
			return false
		}
	}
}

// await reads until a whole plain call is in the buffer, or something that is
// none. It returns partial when the connection ended first.
func (c *conn) await(line string) verdict {
	if c.notified && !c.between() {
		return partial
	}
	start, timeout := time.Now(), cmp.Or(c.s.HTTP.ReadHeaderTimeout, c.s.HTTP.ReadTimeout) // 0 is for ever
	for {
		if len(c.buf) > 0 {
			if !c.begin() {
				return partial
			}
			v := c.head.read(c.buf, line)
			if v == call && c.head.length > c.s.BodyBytes {
				v = other
			}
			if v == other || v == call && len(c.buf) >= c.head.size+c.head.length {
				return v
			}
			if v == call {
				timeout = c.s.HTTP.ReadTimeout
			}
		}
		c.arm(start, timeout) // not before something is missing: most calls come whole
		if err := c.read(); errors.Is(err, io.EOF) && len(c.buf) > 0 {
			return other // HTTP knows what to say to half a request
		} else if err != nil {
			return partial
		}
	}
}

// between waits for the beginning of the next call as net/http does: for four
// bytes, of which line breaks are dropped, since old clients send some behind
// a call's body (RFC 7230, section 3.5). It reports false when the connection
// ended.
func (c *conn) between() bool {
	const enough = 4
	for len(c.buf) < enough {
		c.arm(time.Now(), cmp.Or(c.s.HTTP.IdleTimeout, c.s.HTTP.ReadTimeout))
		if c.read() != nil {
			return false
		}
	}
	n := 0
	for n < enough && (c.buf[n] == '\r' || c.buf[n] == '\n') {
		n++
	}
	c.buf = c.buf[:copy(c.buf, c.buf[n:])]
	return true
}

// begin marks the connection active, and reports whether it may go on.
func (c *conn) begin() bool {
	if c.state.Load() != active && !c.state.CompareAndSwap(idle, active) {
		return false
	}
	if !c.notified {
		c.notified = true
		c.s.notify(c.nc, http.StateActive)
	}
	return true
}

// read adds what comes next to the buffer. It returns the connection's error,
// as io.EOF at its end, when nothing came.
func (c *conn) read() error {
	if len(c.buf) == cap(c.buf) {
		// Grown by what has come, not by what was declared.
		c.buf = append(make([]byte, 0, 2*cap(c.buf)), c.buf...)
	}
	n, err := c.nc.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}

// arm sets the deadline of reading to come so long after start, 0 for never.
// Setting it for each call would be a good part of the call's cost, so a
// deadline that is near enough is left.
func (c *conn) arm(start time.Time, timeout time.Duration) {
	if timeout <= 0 {
		if !c.deadline.IsZero() {
			c.deadline = time.Time{}
			_ = c.nc.SetReadDeadline(c.deadline)
		}
		return
	}
	want := start.Add(timeout)
	if late := want.Sub(c.deadline); late >= 0 && late < timeout/64 {
		return
	}
	c.deadline = want
	_ = c.nc.SetReadDeadline(want)
}

// answer has the handler answer the call in the buffer, and reports whether the
// connection can take another.
func (c *conn) answer() bool {
	size := c.head.size + c.head.length
	c.prepare()
	ok := c.handle()
	if c.watch.end() {
		c.deadline = time.Time{} // it was changed meanwhile
	}
	if !ok {
		return false
	}
	c.buf = c.buf[:copy(c.buf, c.buf[size:])]
	if cap(c.buf) > keptBytes && len(c.buf) <= firstBytes {
		c.buf = append(make([]byte, 0, firstBytes), c.buf...)
	}
	if c.watch.ahead {
		c.watch.ahead = false
		c.buf = append(c.buf, c.watch.next[0])
	}
	return true
}

// handle runs the handler and sends the end of its reply. It reports false when
// the connection must be closed.
func (c *conn) handle() (ok bool) {
	defer func() {
		reason := recover()
		if reason == nil {
			return
		}
		ok = false
		err, is := reason.(error)
		if log := c.s.HTTP.ErrorLog; log != nil && !(is && errors.Is(err, http.ErrAbortHandler)) {
			log.Printf("http: panic serving %v: %v\n%s", c.nc.RemoteAddr(), reason, debug.Stack())
		}
	}()
	c.s.HTTP.Handler.ServeHTTP(&c.reply, &c.request)
	return c.reply.finish()
}
