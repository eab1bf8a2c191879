package server

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// connections counts the connections that are open, and knows those that have
// not asked for anything yet: http.Server.Shutdown would wait for them.
type connections struct {
	open    atomic.Int64
	waiting atomic.Int64 // how many are fresh, so that a request of another need not lock

	mu    sync.Mutex
	fresh map[net.Conn]struct{}
}

// track is the http.Server's ConnState hook.
func (c *connections) track(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.open.Add(1)
		c.add(conn)
	case http.StateActive:
		c.remove(conn)
	case http.StateHijacked, http.StateClosed:
		c.open.Add(-1)
		c.remove(conn)
	case http.StateIdle:
	}
}

func (c *connections) add(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fresh == nil {
		c.fresh = make(map[net.Conn]struct{})
	}
	c.fresh[conn] = struct{}{}
	c.waiting.Store(int64(len(c.fresh)))
}

func (c *connections) remove(conn net.Conn) {
	if c.waiting.Load() == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.fresh, conn)
	c.waiting.Store(int64(len(c.fresh)))
}

// closeFresh closes the connections that have not asked for anything yet.
func (c *connections) closeFresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.fresh {
		_ = conn.Close()
	}
}
