package barehttp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Conn is one connection. One goroutine at a time uses it, for one call after
// the other: Send, then Receive.
type Conn struct {
	net  net.Conn
	in   *bufio.Reader
	out  []byte
	used time.Time   // when the last call ended
	stop func() bool // of what closes it with a context; nil: nothing does
}

// NewConn returns a connection over nc, which it owns from then on. It reads up
// to buffer bytes of an answer at once.
func NewConn(nc net.Conn, buffer int) *Conn {
	return &Conn{net: nc, in: bufio.NewReaderSize(nc, buffer)}
}

// Dial returns a connection to addr, host:port, that closes when ctx ends.
func Dial(ctx context.Context, addr string, buffer int) (*Conn, error) {
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := NewConn(nc, buffer)
	c.stop = context.AfterFunc(ctx, func() { nc.Close() })
	return c, nil
}

// Close closes the connection; a call under way fails.
func (c *Conn) Close() {
	if c.stop != nil {
		c.stop()
	}
	c.net.Close()
}

// smallBody is up to which size a body goes out in one piece with its header.
const smallBody = 64 << 10

// Send writes a request: head, which is everything up to and with
// "Content-Length: ", and body.
func (c *Conn) Send(head, body []byte) error {
	c.out = append(c.out[:0], head...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	if len(body) <= smallBody {
		c.out = append(c.out, body...)
		body = nil
	}
	if _, err := c.net.Write(c.out); err != nil {
		return err
	}
	if len(body) > 0 {
		_, err := c.net.Write(body)
		return err
	}
	return nil
}

// Receive reads an answer, appending its body to dst, and returns its status.
// An answer of more than limit bytes is ErrTooLong. The connection carries
// another call only if keep is true.
func (c *Conn) Receive(dst []byte, limit int64) (body []byte, status int, keep bool, err error) {
	a, err := c.receive()
	if err != nil {
		return dst, 0, false, err
	}
	r := a.reader(c)
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, int(min(max(a.length, 512), maxPrealloc)))
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case int64(len(dst)) > limit:
			return dst, a.status, false, ErrTooLong
		case errors.Is(err, io.EOF):
			return dst, a.status, !a.last && c.in.Buffered() == 0, nil
		case err != nil:
			return dst, a.status, false, err
		}
	}
}

// Stream reads the header of an answer, and returns its body to be read as it
// comes. The connection carries no other call.
func (c *Conn) Stream() (body io.Reader, status int, err error) {
	a, err := c.receive()
	if err != nil {
		return nil, 0, err
	}
	return a.reader(c), a.status, nil
}

// maxPrealloc bounds what a length that a server claims makes us allocate.
const maxPrealloc = 1 << 20

// answer is what the header of an answer says.
type answer struct {
	status  int
	length  int64 // -1: until the connection ends
	chunked bool
	last    bool        // the connection ends with this answer
	kept    http.Header // what a client looks at; nil for none of it
}

var (
	// ErrHTTP is returned for an answer that is not HTTP/1.1.
	ErrHTTP = errors.New("the answer is not HTTP/1.1")
	// ErrTooLong is returned by Receive for an answer of more than its limit.
	ErrTooLong = errors.New("the answer is too long")
)

// maxAhead is how many answers may come ahead of the answer proper.
const maxAhead = 5

// receive reads the header of an answer.
func (c *Conn) receive() (answer, error) {
	for range 1 + maxAhead {
		a, err := c.header()
		if err != nil || a.status >= 200 {
			return a, err
		}
	}
	return answer{}, ErrHTTP
}

// unexpected names an end in the middle.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// maxFields is how many lines the header of an answer may have.
const maxFields = 200

func (c *Conn) header() (answer, error) {
	a := answer{length: -1}
	line, err := c.line()
	if err != nil {
		return a, err
	}
	// HTTP/1.1 200 OK
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[8] != ' ' {
		return a, ErrHTTP
	}
	a.last = line[7] == '0'
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil || a.status < 100 {
		return a, ErrHTTP
	}
	for fields := 0; ; fields++ {
		line, err := c.line()
		if err != nil {
			return a, err
		}
		if len(line) == 0 {
			break
		}
		if fields == maxFields {
			return a, ErrHTTP
		}
		if err := a.field(line); err != nil {
			return a, err
		}
	}
	a.last = a.last || !a.chunked && a.length < 0
	if a.status == 204 || a.status == 304 || a.status < 200 {
		a.length, a.chunked = 0, false
	}
	return a, nil
}

// line returns the next line without its end, borrowed.
func (c *Conn) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, ErrHTTP
	}
	if err != nil {
		return nil, unexpected(err)
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

// field takes in one line of the header.
func (a *answer) field(line []byte) error {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return ErrHTTP
	}
	name := line[:colon]
	switch len(name) { // most fields differ in their length
	case len("Connection"):
		if equalFold(name, "connection") {
			a.last = a.last || equalFold(bytes.TrimSpace(line[colon+1:]), "close")
		}
	case len("Content-Length"):
		if equalFold(name, "content-length") {
			n, err := strconv.ParseInt(string(bytes.TrimSpace(line[colon+1:])), 10, 64)
			if err != nil || n < 0 || a.length >= 0 && a.length != n {
				return ErrHTTP
			}
			a.length = n
		}
	case len("Transfer-Encoding"):
		if equalFold(name, "transfer-encoding") {
			if !equalFold(bytes.TrimSpace(line[colon+1:]), "chunked") {
				return fmt.Errorf("%w: transfer encoding %q", ErrHTTP, bytes.TrimSpace(line[colon+1:]))
			}
			a.chunked = true
		}
	case len("Location"):
		a.keepField(name, "Location", line[colon+1:])
	case len("Retry-After"):
		a.keepField(name, "Retry-After", line[colon+1:])
	}
	return nil
}

// keepField keeps a field that a client looks at.
func (a *answer) keepField(name []byte, wanted string, value []byte) {
	if !strings.EqualFold(string(name), wanted) {
		return
	}
	if a.kept == nil {
		a.kept = make(http.Header)
	}
	a.kept.Set(wanted, string(bytes.TrimSpace(value)))
}

// equalFold compares with a lower-case ASCII word.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// reader returns what reads the answer's body, to io.EOF at its end.
func (a *answer) reader(c *Conn) io.Reader {
	switch {
	case a.chunked:
		return &chunks{c, httputil.NewChunkedReader(c.in)}
	case a.length < 0:
		return c.in
	}
	return &counted{c.in, a.length}
}

// counted reads a body of known length.
type counted struct {
	in   io.Reader
	left int64
}

func (r *counted) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.in.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if r.left > 0 {
		err = unexpected(err)
	}
	return n, err
}

// chunks reads a body in chunks, and the trailer behind it.
type chunks struct {
	c  *Conn
	in io.Reader
}

func (r *chunks) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if errors.Is(err, io.EOF) {
		if trailing := r.c.trailer(); trailing != nil {
			return n, trailing
		}
	}
	return n, err
}

// maxTrailer is how many lines may follow the last chunk.
const maxTrailer = 100

// trailer steps over what may follow the last chunk.
func (c *Conn) trailer() error {
	for range maxTrailer {
		line, err := c.line()
		if err != nil || len(line) == 0 {
			return err
		}
	}
	return ErrHTTP
}
