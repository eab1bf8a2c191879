package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// sseReader reads an event stream (WHATWG HTML, section 9.2) as far as the
// protocol uses it.
type sseReader struct {
	lines *bufio.Scanner
	data  []byte
	limit int // of a line, and of an event, in bytes
}

func newSSEReader(r io.Reader, limit int) *sseReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, min(8<<10, limit)), limit)
	return &sseReader{lines: lines, limit: limit}
}

// endComment begins the comment in which evtui's server says why it ends a
// subscription.
const endComment = ": end "

// next returns the next event's name and data, borrowed until the next call.
// Comments are passed over, but for an endComment, which comes as the event
// endEvent. It returns io.EOF at a clean end.
func (r *sseReader) next() (event string, data []byte, err error) {
	r.data = r.data[:0]
	filled := false
	for r.lines.Scan() {
		line := r.lines.Bytes()
		switch {
		case len(line) == 0:
			if filled {
				return event, r.data, nil
			}
			event = ""
		case bytes.HasPrefix(line, []byte(endComment)):
			return endEvent, line[len(endComment):], nil
		case bytes.HasPrefix(line, []byte("event:")):
			event = eventName(bytes.TrimPrefix(line[len("event:"):], []byte(" ")))
		case bytes.HasPrefix(line, []byte("data:")):
			if filled {
				r.data = append(r.data, '\n')
			}
			r.data = append(r.data, bytes.TrimPrefix(line[len("data:"):], []byte(" "))...)
			filled = true
			if len(r.data) > r.limit {
				return "", nil, r.exceeded()
			}
		}
	}
	if err := r.lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return "", nil, r.exceeded()
	} else if err != nil {
		return "", nil, err
	}
	return "", nil, io.EOF
}

func (r *sseReader) exceeded() error { return tooLarge("an event of more than %d bytes", r.limit) }

// eventName gives the usual name without making a string of it each time.
func eventName(name []byte) string {
	if string(name) == pokeEvent {
		return pokeEvent
	}
	return string(name)
}
