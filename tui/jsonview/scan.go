package jsonview

import (
	"bytes"

	"github.com/evtui/evtui/internal/rawjson"
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

// scanner cuts a document into lines without decoding anything.
type scanner struct {
	raw    []byte
	at     int
	lines  []line
	parent int32
	depth  int32
	count  int32 // values seen so far in the parent
}

// scan returns the pretty form's lines, or a *rawjson.SyntaxError.
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
	return &rawjson.SyntaxError{Offset: s.at, Reason: reason}
}

func (s *scanner) space() { s.at = rawjson.Space(s.raw, s.at) }

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
	if s.at, err = rawjson.Scalar(s.raw, s.at); err != nil {
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
	var err error
	if s.at, err = rawjson.Scalar(s.raw, s.at); err != nil {
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
