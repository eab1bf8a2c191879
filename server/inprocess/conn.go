package inprocess

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// bufferSize is how many bytes one direction of an in-process connection holds
// before its writer waits: one spill of a reply and some more.
const bufferSize = 128 << 10

// conn is one end of an in-process connection. Unlike net.Pipe it is
// buffered, so that a write does not wait for the read on the other side.
type conn struct {
	in, out *half
}

func newPipe() (near, far net.Conn) {
	there, back := newHalf(), newHalf()
	return &conn{in: back, out: there}, &conn{in: there, out: back}
}

func (c *conn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p) }

// Close ends both directions: what was written can still be read by the other
// end, what comes in is thrown away.
func (c *conn) Close() error {
	c.out.closeWrite()
	c.in.closeRead()
	return nil
}

// CloseWrite ends one direction: the other end reads what is left, then
// io.EOF. net/http does so before it closes a connection whose request it did
// not read whole.
func (c *conn) CloseWrite() error {
	c.out.closeWrite()
	return nil
}

func (c *conn) LocalAddr() net.Addr  { return addr{} }
func (c *conn) RemoteAddr() net.Addr { return addr{} }

func (c *conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readBy, t)
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writeBy, t)
	return nil
}

// half is one direction of a connection.
type half struct {
	mu       sync.Mutex
	changed  *sync.Cond // on mu: any field below changed
	buf      []byte     // the bytes under way are buf[start:]
	start    int
	noWrites bool // the writer is gone: read what is left, then io.EOF
	noReads  bool // the reader is gone: writes fail
	readBy   deadline
	writeBy  deadline
}

// deadline is guarded by its half's mu.
type deadline struct {
	timer   *time.Timer
	set     uint64 // how often it was set, so that a late timer does not count
	expired bool
}

func newHalf() *half {
	h := &half{}
	h.changed = sync.NewCond(&h.mu)
	return h
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.noReads:
			return 0, io.ErrClosedPipe
		case h.readBy.expired:
			return 0, os.ErrDeadlineExceeded
		case h.start < len(h.buf):
			n := copy(p, h.buf[h.start:])
			h.start += n
			if h.start == len(h.buf) {
				h.buf, h.start = h.buf[:0], 0
			}
			h.changed.Broadcast()
			return n, nil
		case h.noWrites:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		h.changed.Wait()
	}
}

func (h *half) write(p []byte) (written int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.noWrites, h.noReads:
			return written, io.ErrClosedPipe
		case h.writeBy.expired:
			return written, os.ErrDeadlineExceeded
		case len(p) == 0:
			return written, nil
		}
		if n := min(len(p), bufferSize-(len(h.buf)-h.start)); n > 0 {
			h.roomLocked(n)
			h.buf = append(h.buf, p[:n]...)
			p, written = p[n:], written+n
			h.changed.Broadcast()
			continue
		}
		h.changed.Wait()
	}
}

// roomLocked moves what is left to the front when n more bytes would make the
// buffer grow, so that a busy direction keeps one buffer of bufferSize bytes.
func (h *half) roomLocked(n int) {
	if h.start > 0 && len(h.buf)+n > cap(h.buf) {
		h.buf = h.buf[:copy(h.buf, h.buf[h.start:])]
		h.start = 0
	}
}

func (h *half) closeWrite() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noWrites = true
	h.changed.Broadcast()
}

func (h *half) closeRead() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noReads = true
	h.buf, h.start = nil, 0
	h.changed.Broadcast()
}

func (h *half) setDeadline(d *deadline, t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d.set++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.expired = false
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.expired = true
		h.changed.Broadcast()
		return
	}
	set := d.set
	d.timer = time.AfterFunc(wait, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if d.set == set {
			d.expired = true
			h.changed.Broadcast()
		}
	})
}
