package client

import (
	"strconv"

	"github.com/evtui/evtui/store"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. Bytes that are not UTF-8 stay as
// they are: the server refuses them, where encoding/json would replace them by
// another name in silence.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		if c >= 0x20 {
			dst = append(dst, '\\', c)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// fields appends the members of an object and keeps track of the commas.
type fields struct {
	dst   []byte
	count int
}

// openFields begins an object as the next argument of a call.
func openFields(dst []byte) fields { return fields{dst: append(dst, ',', '{')} }

func (f *fields) key(name string) {
	if f.count > 0 {
		f.dst = append(f.dst, ',')
	}
	f.count++
	f.dst = append(f.dst, '"')
	f.dst = append(f.dst, name...)
	f.dst = append(f.dst, '"', ':')
}

func (f *fields) str(name, value string) {
	f.key(name)
	f.dst = appendString(f.dst, value)
}

func (f *fields) num(name string, value int64) {
	f.key(name)
	f.dst = strconv.AppendInt(f.dst, value, 10)
}

func (f *fields) strings(name string, values []string) {
	f.key(name)
	f.dst = append(f.dst, '[')
	for i, v := range values {
		if i > 0 {
			f.dst = append(f.dst, ',')
		}
		f.dst = appendString(f.dst, v)
	}
	f.dst = append(f.dst, ']')
}

func (f *fields) raw(name string, value []byte) {
	f.key(name)
	f.dst = append(f.dst, value...)
}

func (f *fields) closeObject() []byte { return append(f.dst, '}') }

// appendEvent appends the object of an event; the id goes in only where the
// method wants it there.
func appendEvent(dst []byte, e *Event, withID bool) ([]byte, error) {
	if e.Data == nil {
		e.Data = []byte("{}")
	}
	if !whole(e.Data) {
		return dst, &store.InvalidError{Field: "data", Reason: "must be one JSON object"}
	}
	f := fields{dst: append(dst, '{')}
	f.str("type", e.Type)
	f.raw("data", e.Data)
	if e.Metadata != nil {
		if !whole(e.Metadata) {
			return dst, &store.InvalidError{Field: "metadata", Reason: "must be one JSON object, or null"}
		}
		f.raw("metadata", e.Metadata)
	}
	if withID && !e.ID.IsZero() {
		f.id(e.ID)
	}
	return f.closeObject(), nil
}

func (f *fields) id(id store.ID) {
	f.key("id")
	f.dst = append(f.dst, '"')
	f.dst = id.AppendTo(f.dst)
	f.dst = append(f.dst, '"')
}

// whole reports whether raw is a single bracketed value, so that pasting it
// into a request cannot change what stands around it. The server checks the
// rest.
func whole(raw []byte) bool {
	s := scanner{buf: raw}
	value := s.raw()
	s.space()
	return s.err == nil && len(value) > 0 && s.pos == len(raw)
}
