package client

import (
	"bytes"
	"errors"
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

func (s *scanner) space() {
	for s.pos < len(s.buf) {
		switch s.buf[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

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

// raw steps over one value and returns it as it stands. Brackets and strings
// are matched; what else is inside is not checked.
func (s *scanner) raw() []byte {
	c := s.peek()
	start := s.pos
	switch c {
	case 0:
		s.fail()
	case '"':
		s.skipString()
	case '{', '[':
		s.skipNested()
	default:
		s.skipScalar()
	}
	if s.err != nil {
		return nil
	}
	return s.buf[start:s.pos:s.pos]
}

// skipString steps over a string, from its opening quote on.
func (s *scanner) skipString() {
	for from := s.pos + 1; ; {
		i := bytes.IndexByte(s.buf[from:], '"')
		if i < 0 {
			s.fail()
			return
		}
		quote := from + i
		slashes := 0
		for s.buf[quote-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			s.pos = quote + 1
			return
		}
		from = quote + 1
	}
}

// maxDepth is far beyond what a server accepts.
const maxDepth = 10_000

// skipNested steps over an array or object. Which kind each bracket is of is
// kept in a bit a level, so that [} is no pair.
func (s *scanner) skipNested() {
	var few [64]byte
	open := few[:0]
	for s.pos < len(s.buf) {
		switch c := s.buf[s.pos]; c {
		case '"':
			s.skipString()
			if s.err != nil {
				return
			}
			continue
		case '{', '[':
			if len(open) == maxDepth {
				s.fail()
				return
			}
			open = append(open, c+2) // '[' and '{' stand two before their partners
		case '}', ']':
			if open[len(open)-1] != c {
				s.fail()
				return
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				s.pos++
				return
			}
		}
		s.pos++
	}
	s.fail()
}

// skipScalar steps over a number, true, false or null.
func (s *scanner) skipScalar() {
	start := s.pos
	for s.pos < len(s.buf) && scalarByte(s.buf[s.pos]) {
		s.pos++
	}
	if s.pos == start {
		s.fail()
	}
}

func scalarByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}
