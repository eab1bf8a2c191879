package pgstore

import (
	"context"
	"net"
)

// line is a network connection to a server. Whoever gives up a server that does not
// answer cuts them: the driver would wait for it for another quarter of a minute,
// in order to say good-bye.
type line struct {
	net.Conn
	spare func() bool // it is not cut any more
}

// dialUntil returns what opens connections that are cut when cut ends.
func dialUntil(cut context.Context) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &line{c, context.AfterFunc(cut, func() { _ = c.Close() })}, nil
	}
}

// Close ends one connection.
func (l *line) Close() error {
	l.spare()
	return l.Conn.Close()
}
