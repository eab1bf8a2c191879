package quick

import (
	"io"
	"net"
	"net/http"
)

// prepare makes the request from the head and the body in the buffer.
func (c *conn) prepare() {
	clear(c.header)
	host := c.request.Host
	for i := range c.head.fields[:c.head.count] {
		f := &c.head.fields[i]
		if f.name == "Host" {
			host = same(host, f.value)
			continue
		}
		v := &c.values[i]
		v[0] = same(v[0], f.value)
		c.header[f.name] = v[:]
	}
	c.request = *c.plain
	c.request.Host = host
	c.request.ContentLength = int64(c.head.length)
	c.body.rest = c.buf[c.head.size : c.head.size+c.head.length]
	c.request.Body = &c.body
	if c.head.length == 0 {
		c.request.Body = http.NoBody
	}
	c.reply.reset()
}

// same returns old where it says what b says: the headers of a connection's
// calls hardly ever change.
func same(old string, b []byte) string {
	if old == string(b) {
		return old
	}
	return string(b)
}

// rest returns the connection with what has been read of it put back.
func (c *conn) rest() net.Conn {
	if len(c.buf) == 0 {
		return c.nc
	}
	return &replayed{Conn: c.nc, ahead: c.buf}
}

// replayed is a connection of which something was read already.
type replayed struct {
	net.Conn
	ahead []byte
}

func (r *replayed) Read(p []byte) (int, error) {
	if len(r.ahead) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.ahead)
	if r.ahead = r.ahead[n:]; len(r.ahead) == 0 {
		r.ahead = nil
	}
	return n, nil
}

// CloseWrite ends the sending half where the connection has halves: net/http
// asks for that before it closes on bytes that it did not read.
func (r *replayed) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// body is a request's body, which lies in the connection's buffer.
type body struct{ rest []byte }

func (b *body) Read(p []byte) (int, error) {
	n := copy(p, b.rest)
	if b.rest = b.rest[n:]; len(b.rest) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (b *body) Close() error { return nil }
