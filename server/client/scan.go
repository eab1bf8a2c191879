package client

import (
	"errors"

	"github.com/evtui/evtui/internal/rawjson"
)

// errAnswer is what a scanner ends with on an answer that is not what the
// protocol says.
var errAnswer = errors.New("the answer is not what the protocol says")

// scanner walks through JSON without building anything. After the first fault
// err is set and every method returns a zero value.
type scanner struct {
	buf []byte
	pos int
	err error
}

func (s *scanner) fail() { s.err = errAnswer }

func (s *scanner) space() { s.pos = rawjson.Space(s.buf, s.pos) }

// peek returns the next byte that is no space, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.err != nil || s.pos == len(s.buf) {
		return 0
	}
	return s.buf[s.pos]
}

// expect steps over the byte.
func (s *scanner) expect(c byte) {
	if s.peek() != c {
		s.fail()
		return
	}
	s.pos++
}

// more is asked before each element of an array or member of an object, with
// first true before the first: it steps over the comma, or over the closing
// bracket and says no.
func (s *scanner) more(closing byte, first bool) bool {
	c := s.peek()
	switch {
	case s.err != nil:
		return false
	case c == closing:
		s.pos++
		return false
	case first:
		return true
	case c != ',':
		s.fail()
		return false
	}
	s.pos++
	return true
}

// end checks that nothing is left.
func (s *scanner) end() error {
	s.space()
	if s.err == nil && s.pos != len(s.buf) {
		s.fail()
	}
	return s.err
}

// raw steps over one value and returns it as it stands: see rawjson.Pass for
// what is checked of it.
func (s *scanner) raw() []byte {
	s.space()
	start := s.pos
	if s.err == nil {
		if s.pos = rawjson.Pass(s.buf, start); s.pos < 0 {
			s.pos = start
			s.fail()
		}
	}
	if s.err != nil {
		return nil
	}
	return s.buf[start:s.pos:s.pos]
}
