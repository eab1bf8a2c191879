package jsonview

import (
	"bytes"
	"fmt"
	"strings"
)

// line is one line of the pretty form. All offsets point into the document.
type line struct {
	keyAt, keyEnd uint32 // the key with its quotes; equal: none
	at, end       uint32 // the value; of an opening line all of the object or array
	pair          int32  // opening: its closing line; closing: its opening one; scalar or empty: -1
	parent        int32  // the opening line of what it stands in, -1
	index         int32  // place in the parent, from 0; of a closing line how many stand in it
	depth         int32
	comma         bool
}

// start is where the line's first token begins.
func (l *line) start() uint32 {
	if l.keyAt != l.keyEnd {
		return l.keyAt
	}
	return l.at
}

// SyntaxError says where and why a document is not JSON.
type SyntaxError struct {
	Offset int // in bytes
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d: %s", e.Offset, e.Reason)
}

// scanner cuts a document into lines without decoding anything.
type scanner struct {
	raw    []byte
	at     int
	lines  []line
	parent int32
	depth  int32
	count  int32 // values seen so far in the parent
}

// scan returns the pretty form's lines, or a *SyntaxError.
func scan(raw []byte) ([]line, error) {
	// A comma ends all lines but the last, the opening and the closing ones.
	most := 1 + bytes.Count(raw, []byte{','}) + 2*bytes.Count(raw, []byte{'{'}) + 2*bytes.Count(raw, []byte{'['})
	s := &scanner{raw: raw, parent: -1, lines: make([]line, 0, min(most, len(raw)+1))}
	for {
		done, err := s.value()
		if err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	if s.space(); s.at < len(raw) {
		return nil, s.fault("text after the end")
	}
	return s.lines, nil
}

func (s *scanner) fault(reason string) error {
	return &SyntaxError{Offset: s.at, Reason: reason}
}

func (s *scanner) space() {
	for s.at < len(s.raw) {
		switch s.raw[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek returns the next byte that is no space, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.at == len(s.raw) {
		return 0
	}
	return s.raw[s.at]
}

// value reads one value, or the opening of one, and after it all that ends
// there; done says that the document has ended.
func (s *scanner) value() (done bool, err error) {
	l := line{pair: -1, parent: s.parent, index: s.count, depth: s.depth}
	if s.parent >= 0 && s.raw[s.lines[s.parent].at] == '{' {
		if err := s.key(&l); err != nil {
			return false, err
		}
	}
	c := s.peek()
	l.at = uint32(s.at)
	if c == '{' || c == '[' {
		s.at++
		s.parent = int32(len(s.lines))
		s.lines = append(s.lines, l)
		s.depth, s.count = s.depth+1, 0
		if s.peek() != c+2 { // '}' and ']' stand two after their openings
			return false, nil
		}
		s.count = -1
		return s.after()
	}
	if err := s.scalar(c); err != nil {
		return false, err
	}
	l.end = uint32(s.at)
	s.lines = append(s.lines, l)
	return s.after()
}

func (s *scanner) key(l *line) error {
	if s.peek() != '"' {
		return s.fault("expected a key in quotes")
	}
	l.keyAt = uint32(s.at)
	if err := s.str(); err != nil {
		return err
	}
	l.keyEnd = uint32(s.at)
	if s.peek() != ':' {
		return s.fault("expected a colon")
	}
	s.at++
	return nil
}

// after reads what may follow a value: a comma, or closings and then a comma.
func (s *scanner) after() (done bool, err error) {
	for s.parent >= 0 {
		open := &s.lines[s.parent]
		s.count++
		switch c := s.peek(); {
		case c == ',' && s.count > 0:
			s.lines[len(s.lines)-1].comma = true
			s.at++
			return false, nil
		case c == s.raw[open.at]+2:
			s.closeBracket(open)
		case s.raw[open.at] == '{':
			return false, s.fault("expected a comma or }")
		default:
			return false, s.fault("expected a comma or ]")
		}
	}
	return true, nil
}

func (s *scanner) closeBracket(open *line) {
	opening := s.parent
	open.pair = int32(len(s.lines))
	open.end = uint32(s.at + 1)
	outer, depth, index := open.parent, open.depth, open.index
	if s.at++; s.count == 0 {
		open.pair = -1 // nothing inside: one line for both
	} else {
		s.lines = append(s.lines, line{
			at: uint32(s.at - 1), end: uint32(s.at), pair: opening, parent: outer, index: s.count, depth: depth,
		})
	}
	s.parent, s.depth, s.count = outer, depth, index
}

func (s *scanner) scalar(c byte) error {
	switch {
	case c == '"':
		return s.str()
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	case c == 0 && s.at == len(s.raw):
		return s.fault("the document ends early")
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.raw[s.at:], []byte(word)) {
			s.at += len(word)
			return nil
		}
	}
	return s.fault("expected a value")
}

func (s *scanner) str() error {
	s.at++
	for s.at < len(s.raw) {
		switch c := s.raw[s.at]; {
		case c > '\\' || c > '"' && c < '\\':
			s.at++
		case c == '"':
			s.at++
			return nil
		case c < 0x20:
			return s.fault("control character in a string")
		case c == '\\':
			n := escape(s.raw[s.at:])
			if n == 0 {
				return s.fault("unknown escape")
			}
			s.at += n
		default:
			s.at++
		}
	}
	return s.fault("the string has no end")
}

// escape returns the length of the escape that s begins with, 0 for none.
func escape(s []byte) int {
	if len(s) < 2 || s[0] != '\\' {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) < 6 {
			return 0
		}
		for _, c := range s[2:6] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 6
	}
	return 0
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.raw) && s.raw[s.at] >= '0' && s.raw[s.at] <= '9' {
		s.at++
	}
	return s.at > start
}

// skip steps over one byte if it is one of those.
func (s *scanner) skip(those string) bool {
	if s.at < len(s.raw) && strings.IndexByte(those, s.raw[s.at]) >= 0 {
		s.at++
		return true
	}
	return false
}

func (s *scanner) number() error {
	s.skip("-")
	if !s.skip("0") && !s.digits() {
		return s.fault("expected a digit")
	}
	if s.skip(".") && !s.digits() {
		return s.fault("expected a digit")
	}
	if s.skip("eE") {
		s.skip("+-")
		if !s.digits() {
			return s.fault("expected a digit")
		}
	}
	if s.at < len(s.raw) && strings.IndexByte(" \t\r\n,]}", s.raw[s.at]) < 0 {
		return s.fault("a number that does not end")
	}
	return nil
}
