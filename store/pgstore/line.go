package pgstore

import (
	"context"
	"net"
	"sync"
)

// lines are the network connections to a server. Whoever gives up a server that does
// not answer cuts them: the driver would wait for it for another quarter of a minute,
// in order to say good-bye.
type lines struct {
	mu   sync.Mutex // guards what follows
	open map[*line]struct{}
	cut  bool
}

// line is one of them.
type line struct {
	net.Conn
	of *lines
}

// dial opens a connection.
func (l *lines) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	one := &line{c, l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	if l.open == nil {
		l.open = map[*line]struct{}{}
	}
	l.open[one] = struct{}{}
	return one, nil
}

// Close ends one connection.
func (l *line) Close() error {
	l.of.mu.Lock()
	delete(l.of.open, l)
	l.of.mu.Unlock()
	return l.Conn.Close()
}

// cutAll ends all connections, and those that are being opened.
func (l *lines) cutAll() {
	l.mu.Lock()
	l.cut = true
	open := l.open
	l.open = nil
	l.mu.Unlock()
	for one := range open {
		_ = one.Conn.Close()
	}
}
