package server

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// patientBody reads a body that may take for ever as a whole, but not between
// two of its bytes.
type patientBody struct {
	body     io.Reader
	out      *http.ResponseController
	stall    time.Duration
	stopping context.Context
	broken   bool // nothing more will come, though it was not the end
}

func (b *patientBody) Read(p []byte) (int, error) {
	_ = b.out.SetReadDeadline(time.Now().Add(b.stall))
	// Only now: a stop after this look sets the deadline after it was set here.
	if b.stopping.Err() != nil {
		b.broken = true
		return 0, errStopping
	}
	n, err := b.body.Read(p)
	b.broken = err != nil && !errors.Is(err, io.EOF)
	if errors.Is(err, io.EOF) {
		// The last batch may take longer to store: silence is the client's
		// right from here on.
		_ = b.out.SetReadDeadline(time.Time{})
	}
	return n, err
}

// linesBuffer is how much of an import's body is read at once, in bytes.
const linesBuffer = 64 << 10

// importEncoding reads Content-Encoding: gzip or nothing.
func importEncoding(r *http.Request) (zipped bool, err error) {
	for _, encoding := range r.Header["Content-Encoding"] {
		switch strings.ToLower(encoding) {
		case "", "identity":
		case "gzip", "x-gzip":
			if zipped {
				return false, refuse(http.StatusBadRequest, wire.InvalidRequest, "the body must not be compressed twice")
			}
			zipped = true
		default:
			return false, refuse(http.StatusBadRequest, wire.InvalidRequest, "Content-Encoding must be gzip or absent, not %q", encoding)
		}
	}
	return zipped, nil
}

// openLines returns the body's lines. A body that is gzip is read as such,
// whether or not its header says so: whoever sends a compressed file by mistake
// means what is in it. Of anything else that is no NDJSON it says what it is.
func openLines(body *bufio.Reader, zipped bool) (*bufio.Reader, error) {
	first, err := beginning(body)
	if err != nil || len(first) == 0 { // nothing at all is an empty body, whatever its header says
		return body, err
	}
	if zipped || bytes.HasPrefix(first, gzipMagic) {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = bufio.NewReaderSize(unzipped, linesBuffer)
		if first, err = beginning(body); err != nil {
			return nil, err
		}
		if bytes.HasPrefix(first, gzipMagic) {
			return nil, &importError{code: wire.InvalidJSON, message: "the body is compressed twice: once is enough", line: 1}
		}
	}
	if form := formOf(first); form != "" {
		return nil, &importError{code: wire.InvalidJSON, message: "the body is " + form + ", not NDJSON: one JSON object a line, plain or as gzip", line: 1}
	}
	return body, nil
}

// beginning returns what has come of the body's beginning, waiting for no more
// than the longest magic number: no line of an import is shorter.
func beginning(body *bufio.Reader) ([]byte, error) {
	const longestMagic = 6
	if _, err := body.Peek(longestMagic); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return body.Peek(body.Buffered())
}

var gzipMagic = []byte{0x1f, 0x8b}

// formOf names what data is by how it begins; "" when it may be NDJSON.
func formOf(first []byte) string {
	const tarAt = 257
	for _, form := range []struct {
		name, magic string
		at          int
	}{
		{name: "compressed with zstd", magic: "\x28\xb5\x2f\xfd"},
		{name: "compressed with xz", magic: "\xfd7zXZ\x00"},
		{name: "compressed with bzip2", magic: "BZh"},
		{name: "compressed with lz4", magic: "\x04\x22\x4d\x18"},
		{name: "a zip archive", magic: "PK\x03\x04"},
		{name: "a tar archive", magic: "ustar", at: tarAt},
		{name: "an SQLite database", magic: "SQLite"},
		{name: "text with a byte order mark", magic: "\xef\xbb\xbf"},
		{name: "UTF-16", magic: "\xff\xfe"},
		{name: "UTF-16", magic: "\xfe\xff"},
	} {
		if len(first) >= form.at && bytes.HasPrefix(first[form.at:], []byte(form.magic)) {
			return form.name
		}
	}
	switch text := bytes.TrimLeft(first, " \t\r\n"); {
	case len(text) == 0 || text[0] == '{':
		return ""
	case bytes.HasPrefix(text, []byte("[{")), bytes.HasPrefix(text, []byte("[\n")), bytes.HasPrefix(text, []byte("[\r\n")):
		return "a JSON array"
	case text[0] == '<':
		return "HTML or XML"
	case bytes.IndexByte(text, 0) >= 0:
		return "binary"
	}
	return ""
}

// unzipFault says what is wrong with a compressed body; "" when it is not that.
func unzipFault(err error) string {
	switch {
	case errors.Is(err, gzip.ErrHeader):
		return "the body is not gzip, as its header or its beginning says"
	case errors.Is(err, gzip.ErrChecksum):
		return "the body's gzip is damaged: its checksum is wrong"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the body's gzip is not whole"
	}
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
		return "the body's gzip is damaged"
	}
	return ""
}
