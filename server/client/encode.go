package client

import (
	"strconv"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// fields appends the members of an object and keeps track of the commas. A string that
// is not UTF-8 stays as it is: the server refuses it, where encoding/json would replace
// it by another name in silence.
type fields struct {
	body  []byte
	count int
}

func (f *fields) key(name string) {
	if f.count > 0 {
		f.body = append(f.body, ',')
	}
	f.count++
	f.body = append(f.body, '"')
	f.body = append(f.body, name...)
	f.body = append(f.body, '"', ':')
}

func (f *fields) str(name, value string) {
	f.key(name)
	f.body = rawjson.AppendString(f.body, value)
}

func (f *fields) num(name string, value int64) {
	f.key(name)
	f.body = strconv.AppendInt(f.body, value, 10)
}

func (f *fields) raw(name string, value []byte) {
	f.key(name)
	f.body = append(f.body, value...)
}

func (f *fields) id(id store.ID) {
	f.key("id")
	f.body = append(f.body, '"')
	f.body = id.AppendTo(f.body)
	f.body = append(f.body, '"')
}

func (f *fields) closeObject() []byte { return append(f.body, '}') }

// list adds an array; add appends one of its elements.
func list[T any](f *fields, name string, values []T, add func(dst []byte, value T) []byte) {
	f.key(name)
	f.body = append(f.body, '[')
	for i, v := range values {
		if i > 0 {
			f.body = append(f.body, ',')
		}
		f.body = add(f.body, v)
	}
	f.body = append(f.body, ']')
}

// appendEvent appends the object of an event; the id goes in only where the
// method wants it there.
func appendEvent(dst []byte, e *Event, withID bool) ([]byte, error) {
	if e.Data == nil {
		e.Data = []byte("{}")
	}
	if !whole(e.Data) {
		return dst, &store.InvalidError{Field: "data", Reason: "must be one JSON object"}
	}
	f := fields{body: append(dst, '{')}
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

// whole reports whether raw is a single bracketed value, so that pasting it
// into a request cannot change what stands around it. The server checks the
// rest.
func whole(raw []byte) bool {
	s := scanner{buf: raw}
	value := s.raw()
	s.space()
	return s.err == nil && len(value) > 0 && s.pos == len(raw)
}
