package client

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

func (s *scanner) unquote(token []byte) string {
	inner := token[1 : len(token)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var value string
	if json.Unmarshal(token, &value) != nil {
		s.fail()
	}
	return value
}

// name reads a string. It is often the same as the one before, and then that is
// returned without a copy.
func (s *scanner) name(before string) string {
	if s.peek() != '"' {
		s.fail()
		return ""
	}
	token := s.raw()
	if s.err != nil {
		return ""
	}
	if inner := token[1 : len(token)-1]; string(inner) == before && bytes.IndexByte(inner, '\\') < 0 {
		return before
	}
	return s.unquote(token)
}

func (s *scanner) integer() int64 {
	token := s.raw()
	if s.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(token), 10, 64)
	if err != nil {
		s.fail()
	}
	return n
}

func (s *scanner) id() store.ID {
	id, err := store.ParseID(s.name(""))
	if err != nil {
		s.fail()
	}
	return id
}

func (s *scanner) timestamp() time.Time {
	token := s.raw()
	if s.err != nil || len(token) < 2 {
		s.fail()
		return time.Time{}
	}
	t, err := wire.ParseTime(token[1 : len(token)-1])
	if err != nil {
		s.fail()
	}
	return t
}

// object reads a value that null stands in for as nil.
func (s *scanner) object() []byte {
	value := s.raw()
	if string(value) == "null" {
		return nil
	}
	return value
}

// pair reads [first,last].
func (s *scanner) pair() [2]int64 {
	var p [2]int64
	s.expect('[')
	p[0] = s.integer()
	s.expect(',')
	p[1] = s.integer()
	s.expect(']')
	return p
}

// members walks through an object: visit is called with each key, as it stands
// between its quotes, and must step over the value.
func (s *scanner) members(visit func(key []byte)) {
	s.expect('{')
	for first := true; s.more('}', first); first = false {
		if s.peek() != '"' {
			s.fail()
			return
		}
		key := s.raw()
		s.expect(':')
		if s.err != nil {
			return
		}
		visit(key[1 : len(key)-1])
	}
}

// written reads the answer to a write: an object with the two members, in
// either order, among others that are passed over.
func written[T any](s *scanner, position, global string, value func(*scanner) T) (p, g T) {
	seen := 0
	s.members(func(key []byte) {
		switch string(key) {
		case position:
			p = value(s)
			seen |= 1
		case global:
			g = value(s)
			seen |= 2
		default:
			s.raw()
		}
	})
	if seen != 3 {
		s.fail()
	}
	return p, g
}
