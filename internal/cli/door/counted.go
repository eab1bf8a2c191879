package door

import (
	"net"
	"sync"
)

// counted is a connection that gives its place back when it is closed.
type counted struct {
	net.Conn
	once sync.Once
	gone func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.gone)
	return err
}
