package quick

import (
	"bytes"
	"strings"
)

// verdict says what the bytes that a connection sent so far are.
type verdict int

const (
	partial verdict = iota // the beginning of what may be a plain call
	call                   // a plain call's head, whole
	other                  // something for net/http
)

// maxHead is the longest head of a plain call, in bytes.
const maxHead = 4 << 10

// maxDigits keeps a declared length within what an int holds anywhere.
const maxDigits = 9

// known are the headers that a plain call may have, as net/http spells them.
// None of them changes how the request is read, except the three that head
// looks at itself. A browser always sends others, so what browsers are
// refused is never decided here.
var known = [...]string{
	"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Connection",
	"Content-Length", "Content-Type", "Host", "User-Agent", "X-Evtui-Actor", "X-Evtui-Namespace",
}

// field is one header of a head; its value borrows from the head's bytes.
type field struct {
	name  string // one of known
	value []byte
}

// head is a plain call's head, taken apart. It borrows from the bytes it was
// read from.
type head struct {
	fields [len(known)]field
	count  int
	size   int // bytes, with the empty line
	length int // of the body, in bytes
}

// read takes apart the bytes that begin with a request, after the request line
// that a plain call must have. What it cannot vouch for is other.
func (h *head) read(b []byte, line string) verdict {
	h.count, h.size, h.length = 0, len(line), -1
	if n := min(len(b), len(line)); string(b[:n]) != line[:n] {
		return other
	} else if n < len(line) {
		return partial
	}
	hosts := 0
	for {
		end := bytes.IndexByte(b[h.size:], '\n')
		switch {
		case end < 0 && len(b) >= maxHead:
			return other
		case end < 0:
			return partial
		case end == 0 || b[h.size+end-1] != '\r':
			return other
		}
		text := b[h.size : h.size+end-1]
		h.size += end + 1
		if len(text) == 0 {
			break
		}
		if !h.field(text) {
			return other
		}
		if h.fields[h.count-1].name == "Host" {
			hosts++
		}
	}
	if h.length < 0 || hosts != 1 {
		return other
	}
	return call
}

// field reads one header line and reports whether a plain call may have it.
func (h *head) field(text []byte) bool {
	colon := bytes.IndexByte(text, ':')
	if colon < 0 || h.count == len(h.fields) {
		return false
	}
	name := knownAs(text[:colon])
	value := bytes.Trim(text[colon+1:], " \t")
	if name == "" || !visible(value) {
		return false
	}
	for _, f := range h.fields[:h.count] {
		if f.name == name {
			return false
		}
	}
	switch name {
	case "Content-Length":
		if len(value) == 0 || len(value) > maxDigits {
			return false
		}
		h.length = 0
		for _, d := range value {
			if d < '0' || d > '9' {
				return false
			}
			h.length = h.length*10 + int(d-'0')
		}
	case "Connection":
		if !bytes.EqualFold(value, []byte("keep-alive")) {
			return false
		}
	case "Host":
		if !plainHost(value) {
			return false
		}
	}
	h.fields[h.count] = field{name: name, value: value}
	h.count++
	return true
}

// knownAs returns the known header's name that these bytes spell, or "".
func knownAs(b []byte) string {
	for _, name := range known {
		if len(name) == len(b) && equalFold(b, name) {
			return name
		}
	}
	return ""
}

// equalFold compares ASCII of the same length.
func equalFold(b []byte, s string) bool {
	for i, c := range b {
		d := s[i]
		if c != d && (c|0x20 != d|0x20 || c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// visible reports whether a header's value has no control characters.
func visible(value []byte) bool {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func plainHost(value []byte) bool {
	for _, c := range value {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte(".-:[]_", c) < 0 {
			return false
		}
	}
	return len(value) > 0
}
