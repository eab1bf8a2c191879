package client

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// fresh is how long after a call a connection still carries a write. One
	// that idled for longer may have been closed by the server meanwhile, and a
	// write cannot be sent again.
	fresh = time.Second
	// idleFor is how long connections are kept.
	idleFor = 30 * time.Second
	// lastWords is how long the answer of a server is waited for that stopped
	// reading the request.
	lastWords = 500 * time.Millisecond
)

// pool keeps the connections for calls.
type pool struct {
	dial func(ctx context.Context) (net.Conn, error)

	mu     sync.Mutex
	idle   []*conn     // the one used last stands last
	reaper *time.Timer // nil while nothing idles
}

// roundTrip makes one call. It returns the status; the answer's body is in
// x.reply. The call ends with ctx, or some time after limit (0: never).
func (p *pool) roundTrip(ctx context.Context, x *exchange, head []byte, kind callKind, limit time.Duration) (int, error) {
	c := p.take(kind)
	if c != nil {
		status, begun, err := p.try(ctx, c, x, head, limit)
		if err == nil || begun || kind == writing || ctx.Err() != nil || isTimeout(err) {
			return status, err
		}
		// The server closed the kept connection; others may be as dead.
	}
	c, err := p.open(ctx, limit)
	if err != nil {
		return 0, err
	}
	status, _, err := p.try(ctx, c, x, head, limit)
	return status, err
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// open dials within the limit.
func (p *pool) open(ctx context.Context, limit time.Duration) (*conn, error) {
	if limit == 0 || limit > dialTimeout {
		limit = dialTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	nc, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	return newConn(nc), nil
}

// try makes the call over c and then keeps or closes it. begun says whether
// the server began to answer.
func (p *pool) try(ctx context.Context, c *conn, x *exchange, head []byte, limit time.Duration) (status int, begun bool, err error) {
	if err := c.patience(time.Now(), limit); err != nil {
		c.net.Close()
		return 0, false, err
	}
	stop := func() bool { return true }
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, func() { c.net.Close() })
	}
	sendErr := c.send(head, x.body)
	if sendErr != nil {
		// It may have answered, and closed, before it had read everything.
		_ = c.net.SetReadDeadline(time.Now().Add(lastWords))
	}
	var keep bool
	x.reply, status, begun, keep, err = c.receive(x.reply)
	if err != nil && sendErr != nil {
		err = sendErr
	}
	if stop() && keep && sendErr == nil && c.in.Buffered() == 0 {
		p.put(c)
	} else {
		c.net.Close()
	}
	return status, begun, err
}

// take returns the connection that was used last, or nil.
func (p *pool) take(kind callKind) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle[last] = nil
	p.idle = p.idle[:last]
	if kind == writing && time.Since(c.used) > fresh {
		c.net.Close()
		return nil
	}
	return c
}

func (p *pool) put(c *conn) {
	if cap(c.out) > 2*smallBody {
		c.out = nil
	}
	c.used = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == maxIdle {
		c.net.Close()
		return
	}
	p.idle = append(p.idle, c)
	if p.reaper == nil {
		p.reaper = time.AfterFunc(idleFor, p.reap)
	}
}

// reap closes what has idled for long and comes back for the rest.
func (p *pool) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	old := 0
	for old < len(p.idle) && now.Sub(p.idle[old].used) >= idleFor {
		p.idle[old].net.Close()
		old++
	}
	p.idle = append(p.idle[:0], p.idle[old:]...)
	clear(p.idle[len(p.idle) : len(p.idle)+old])
	p.reaper = nil
	if len(p.idle) > 0 {
		p.reaper = time.AfterFunc(idleFor-now.Sub(p.idle[0].used), p.reap)
	}
}

// closeIdle closes what is not in use.
func (p *pool) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		c.net.Close()
	}
	p.idle = nil
	if p.reaper != nil {
		p.reaper.Stop()
		p.reaper = nil
	}
}
