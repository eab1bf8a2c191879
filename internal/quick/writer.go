package quick

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	joinBytes = 8 << 10 // a piece up to here is copied behind its header, to leave in one packet
	holdBytes = 2 << 10 // a reply up to here gets its length from what the handler wrote, as in net/http
)

// writer is the reply to a plain call. Its zero value is not ready: newConn
// makes it.
type writer struct {
	c       *conn
	header  http.Header
	status  int
	out     []byte // header and what has gathered of the body
	begun   bool   // the header is in out, or sent
	held    []byte // the body until begun
	chunked bool
	left    int // bytes that the declared length still lacks
	failed  bool
	last    bool // the connection ends with this reply
}

func (w *writer) reset() {
	clear(w.header)
	w.status, w.begun, w.chunked, w.left, w.failed, w.last = 0, false, false, 0, false, false
	w.out, w.held = w.out[:0], w.held[:0]
}

// Header returns the reply's header, to be changed before the first Write.
func (w *writer) Header() http.Header { return w.header }

// WriteHeader sets the reply's status. Only the first call counts.
func (w *writer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write adds to the reply's body. It returns the connection's error, or
// http.ErrContentLength for more than the declared length.
func (w *writer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !w.begun {
		if _, declared := w.header["Content-Length"]; !declared && len(w.held)+len(p) <= holdBytes {
			w.held = append(w.held, p...)
			return len(p), nil
		}
		w.begin(-1)
		if len(w.held) > 0 {
			if err := w.piece(w.held); err != nil {
				return 0, err
			}
		}
	}
	if err := w.piece(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// begin puts the header into out. The length is the body's if that is known,
// else -1; then a declared one holds, or the body goes in chunks.
func (w *writer) begin(length int) {
	w.begun = true
	if w.status == http.StatusOK {
		w.out = append(w.out, "HTTP/1.1 200 OK\r\n"...)
	} else {
		w.out = append(w.out, "HTTP/1.1 "+strconv.Itoa(w.status)+" "+http.StatusText(w.status)+"\r\n"...)
	}
	declared := w.header["Content-Length"]
	switch {
	case length >= 0:
		w.left = length
	case len(declared) == 1:
		n, err := strconv.Atoi(declared[0])
		if err != nil || n < 0 {
			n = 0
		}
		w.left = n
	default:
		w.chunked = true
	}
	w.fields()
	if w.last = w.last || w.c.s.stopping.Load(); w.last {
		w.out = append(w.out, "Connection: close\r\n"...)
	}
	w.out = append(w.out, "Date: "...)
	w.out = time.Now().UTC().AppendFormat(w.out, http.TimeFormat)
	if w.chunked {
		w.out = append(w.out, "\r\nTransfer-Encoding: chunked\r\n\r\n"...)
		return
	}
	w.out = append(w.out, "\r\nContent-Length: "...)
	w.out = strconv.AppendInt(w.out, int64(w.left), 10)
	w.out = append(w.out, "\r\n\r\n"...)
}

// fields writes the handler's header, less what begin writes itself.
func (w *writer) fields() {
	delete(w.header, "Content-Length")
	delete(w.header, "Date")
	if closing := w.header["Connection"]; len(closing) > 0 {
		w.last = w.last || closing[0] == "close"
		delete(w.header, "Connection")
	}
	if types := w.header["Content-Type"]; len(w.header) == 1 && len(types) == 1 && types[0] == "application/json" {
		w.out = append(w.out, "Content-Type: application/json\r\n"...)
		return
	}
	var text bytes.Buffer
	_ = w.header.Write(&text) // a bytes.Buffer takes everything
	w.out = append(w.out, text.Bytes()...)
}

// piece sends a part of the body, behind whatever of the header is unsent.
func (w *writer) piece(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	if w.chunked {
		w.out = append(strconv.AppendInt(w.out, int64(len(p)), 16), "\r\n"...)
	} else if len(p) > w.left {
		return http.ErrContentLength
	} else {
		w.left -= len(p)
	}
	joined := len(p) <= joinBytes
	if joined {
		w.out = append(w.out, p...)
		p = nil
	}
	if w.chunked && joined {
		w.out = append(w.out, "\r\n"...)
	}
	err := w.send(p)
	if w.chunked && !joined {
		w.out = append(w.out, "\r\n"...)
	}
	return err
}

// send writes out, and after it p.
func (w *writer) send(p []byte) error {
	var err error
	if len(p) == 0 {
		_, err = w.c.nc.Write(w.out)
	} else {
		both := net.Buffers{w.out, p}
		_, err = both.WriteTo(w.c.nc)
	}
	w.out = w.out[:0]
	w.failed = w.failed || err != nil
	return err
}

// finish sends what is left of the reply, and reports whether the connection
// can carry another.
func (w *writer) finish() bool {
	w.WriteHeader(http.StatusOK)
	if !w.begun {
		w.begin(len(w.held))
		w.left = 0
		w.out = append(w.out, w.held...)
	}
	if w.chunked {
		w.out = append(w.out, "0\r\n\r\n"...)
	}
	if len(w.out) > 0 && !w.failed {
		_ = w.send(nil)
	}
	return !w.failed && !w.last && w.left == 0
}

// FlushError sends what has gathered: see http.ResponseController.
func (w *writer) FlushError() error {
	w.WriteHeader(http.StatusOK)
	if !w.begun {
		w.begin(-1)
		if err := w.piece(w.held); err != nil {
			return err
		}
	}
	if len(w.out) > 0 {
		return w.send(nil)
	}
	return nil
}

// SetWriteDeadline sets the deadline of the reply: see http.ResponseController.
func (w *writer) SetWriteDeadline(t time.Time) error { return w.c.nc.SetWriteDeadline(t) }

// SetReadDeadline bounds nothing, since the request has been read; lifting the
// deadline has the client looked after while the call lasts.
func (w *writer) SetReadDeadline(t time.Time) error {
	if t.IsZero() {
		w.c.watch.begin()
	}
	return nil
}
