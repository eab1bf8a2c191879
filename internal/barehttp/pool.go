package barehttp

import (
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
	// maxIdle is how many connections are kept: more than any load uses at once.
	maxIdle = 512
)

// pool keeps the connections to one server.
type pool struct {
	mu     sync.Mutex  // guards what follows
	idle   []*Conn     // the one used last stands last
	reaper *time.Timer // nil while nothing idles
}

// take returns the connection that was used last, or nil. A request that may
// be sent only once gets none that has idled for long.
func (p *pool) take(once bool) *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle[last] = nil
	p.idle = p.idle[:last]
	if once && time.Since(c.used) > fresh {
		c.net.Close()
		return nil
	}
	return c
}

func (p *pool) put(c *Conn) {
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
