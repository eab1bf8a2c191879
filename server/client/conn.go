package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"time"
)

// A conn is one kept HTTP/1.1 connection (RFC 9112) that carries nothing but
// calls. Calls are small and one at a time, so that the goroutines, channels
// and maps that net/http spends on each are left out: it is what most of a
// load's CPU would go to. One goroutine at a time uses it.
type conn struct {
	net  net.Conn
	in   *bufio.Reader
	out  []byte
	by   time.Time // deadline that is set
	used time.Time // when the last call ended
}

func newConn(nc net.Conn) *conn {
	return &conn{net: nc, in: bufio.NewReaderSize(nc, 16<<10)}
}

// patience makes I/O fail some time after limit from now; 0 stands for never.
// The deadline is set a quarter too late, so that it need not be set again for
// each call.
func (c *conn) patience(now time.Time, limit time.Duration) error {
	if limit == 0 {
		if c.by.IsZero() {
			return nil
		}
		c.by = time.Time{}
	} else {
		if !c.by.Before(now.Add(limit)) {
			return nil
		}
		c.by = now.Add(limit + limit/4)
	}
	return c.net.SetDeadline(c.by)
}

// smallBody is up to which size a body goes out in one piece with its header.
const smallBody = 64 << 10

// send writes the request: head, which ends with "Content-Length: ", and body.
func (c *conn) send(head, body []byte) error {
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

// answer is what the header of an answer says.
type answer struct {
	status  int
	length  int64 // -1: until the connection ends
	chunked bool
	last    bool // the connection ends with this answer
}

// errHTTP is returned for an answer that is not HTTP/1.1.
var errHTTP = errors.New("the answer is not HTTP/1.1")

// receive reads an answer, appending its body to dst. begun says whether any
// of it came; keep, whether the connection can carry another call.
func (c *conn) receive(dst []byte) (body []byte, status int, begun, keep bool, err error) {
	if _, err := c.in.Peek(1); err != nil {
		return dst, 0, false, false, err
	}
	a, err := c.header()
	for err == nil && a.status < 200 { // told ahead of the answer proper
		a, err = c.header()
	}
	if err != nil {
		return dst, 0, true, false, err
	}
	body, err = c.body(a, dst)
	return body, a.status, true, err == nil && !a.last, unexpected(err)
}

// unexpected names an end in the middle.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *conn) header() (answer, error) {
	a := answer{length: -1}
	line, err := c.line()
	if err != nil {
		return a, err
	}
	// HTTP/1.1 200 OK
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[8] != ' ' {
		return a, errHTTP
	}
	a.last = line[7] == '0'
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil || a.status < 100 {
		return a, errHTTP
	}
	for {
		line, err := c.line()
		if err != nil {
			return a, err
		}
		if len(line) == 0 {
			break
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
func (c *conn) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, errHTTP
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
		return errHTTP
	}
	name := line[:colon]
	switch len(name) { // most fields are told apart by their length
	case len("Connection"):
		if equalFold(name, "connection") {
			a.last = a.last || equalFold(bytes.TrimSpace(line[colon+1:]), "close")
		}
	case len("Content-Length"):
		if equalFold(name, "content-length") {
			n, err := strconv.ParseInt(string(bytes.TrimSpace(line[colon+1:])), 10, 64)
			if err != nil || n < 0 || a.length >= 0 && a.length != n {
				return errHTTP
			}
			a.length = n
		}
	case len("Transfer-Encoding"):
		if equalFold(name, "transfer-encoding") {
			if !equalFold(bytes.TrimSpace(line[colon+1:]), "chunked") {
				return fmt.Errorf("%w: transfer encoding %q", errHTTP, bytes.TrimSpace(line[colon+1:]))
			}
			a.chunked = true
		}
	}
	return nil
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

func (c *conn) body(a answer, dst []byte) ([]byte, error) {
	switch {
	case a.chunked:
		dst, err := readAll(dst, httputil.NewChunkedReader(c.in), -1)
		if err != nil {
			return dst, err
		}
		return dst, c.trailer()
	case a.length < 0:
		return readAll(dst, c.in, -1)
	case a.length <= maxPrealloc:
		start := len(dst)
		dst = slices.Grow(dst, int(a.length))[:start+int(a.length)]
		_, err := io.ReadFull(c.in, dst[start:])
		return dst, err
	}
	start := len(dst)
	dst, err := readAll(dst, io.LimitReader(c.in, a.length), a.length)
	if err == nil && int64(len(dst)-start) < a.length {
		err = io.ErrUnexpectedEOF
	}
	return dst, err
}

// trailer steps over what may follow the last chunk.
func (c *conn) trailer() error {
	for {
		line, err := c.line()
		if err != nil || len(line) == 0 {
			return err
		}
	}
}
