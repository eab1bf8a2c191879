package rawjson

import (
	"errors"
	"fmt"
)

// MaxDepth is how deep objects and arrays may nest. Nothing that people write
// by hand or by program comes near; a stack of the reader's side may.
const MaxDepth = 512

var (
	// ErrNotText is returned by Text for a value that is not a string, or a
	// string that no Unicode text can hold (half a surrogate pair).
	ErrNotText = errors.New("not a string")
	// ErrNotInteger is returned by Int for a value that is not an integer
	// written without fraction or exponent.
	ErrNotInteger = errors.New("not an integer")
	// ErrNotBool is returned by Bool for a value that is neither true nor false.
	ErrNotBool = errors.New("not true or false")
	// ErrNotObject is returned by Object for a value that is not an object.
	ErrNotObject = errors.New("not an object")
	// ErrNotArray is returned by OpenArray for a value that is not an array.
	ErrNotArray = errors.New("not an array")
)

// RangeError is returned by Int for an integer beyond 64 bits. It is
// ErrNotInteger to those who do not tell the two apart.
type RangeError struct {
	Text string // as it was written
}

func (e *RangeError) Error() string { return "integer beyond 64 bits: " + e.Text }

// Unwrap returns ErrNotInteger.
func (e *RangeError) Unwrap() error { return ErrNotInteger }

// SyntaxError says where a text stops being JSON, and why.
type SyntaxError struct {
	Offset int // in bytes
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed JSON at byte %d: %s", e.Offset, e.Reason)
}

// Kind is the kind of a value, by its first byte.
type Kind byte

// The kinds. None stands for the end of the text, or for a byte that begins no
// value.
const (
	None Kind = iota
	Object
	Array
	String
	Number
	Bool
	Null
)

// Scanner is a cursor over one JSON text. Make it with New.
type Scanner struct {
	data  []byte
	pos   int
	depth int
	fresh bool // an array was opened, More was not asked yet
}

// New returns a scanner at the start of data, which must not change while the
// scanner or a span it gave is used.
func New(data []byte) Scanner { return Scanner{data: data} }

// Kind looks at the next value without consuming it.
func (s *Scanner) Kind() Kind {
	s.pos = skipSpace(s.data, s.pos)
	if s.pos == len(s.data) {
		return None
	}
	switch c := s.data[s.pos]; {
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == '"':
		return String
	case c == '-' || isDigit(c):
		return Number
	case c == 't' || c == 'f':
		return Bool
	case c == 'n':
		return Null
	}
	return None
}

// Value consumes the next value and returns its bytes, without the space
// around it. It returns a *SyntaxError.
func (s *Scanner) Value() ([]byte, error) {
	start := skipSpace(s.data, s.pos)
	end, err := skipValue(s.data, start, s.depth)
	if err != nil {
		return nil, err
	}
	s.pos = end
	return s.data[start:end:end], nil
}

// Skip consumes the next value. It returns a *SyntaxError.
func (s *Scanner) Skip() error {
	_, err := s.Value()
	return err
}

// Mark returns where the next value begins, for Since.
func (s *Scanner) Mark() int {
	s.pos = skipSpace(s.data, s.pos)
	return s.pos
}

// Since returns the bytes from the mark to the end of what was consumed last.
func (s *Scanner) Since(mark int) []byte { return s.data[mark:s.pos:s.pos] }

// Text consumes a string and returns what it stands for, which aliases the
// text unless it holds escapes. It returns ErrNotText or a *SyntaxError.
func (s *Scanner) Text() ([]byte, error) {
	kind := s.Kind()
	raw, err := s.Value()
	if err != nil {
		return nil, err
	}
	if kind != String {
		return nil, ErrNotText
	}
	return unquote(raw)
}

// Int consumes a number and returns it. It returns ErrNotInteger, a *RangeError
// or a *SyntaxError.
func (s *Scanner) Int() (int64, error) {
	kind := s.Kind()
	raw, err := s.Value()
	if err != nil {
		return 0, err
	}
	if kind != Number {
		return 0, ErrNotInteger
	}
	return parseInt(raw)
}

// Bool consumes true or false. It returns ErrNotBool or a *SyntaxError.
func (s *Scanner) Bool() (bool, error) {
	kind := s.Kind()
	raw, err := s.Value()
	if err != nil {
		return false, err
	}
	if kind != Bool {
		return false, ErrNotBool
	}
	return raw[0] == 't', nil
}

// Object consumes an object. For each member, in order, it calls member with
// the name, escapes undone; member must consume exactly one value. It returns
// member's error, ErrNotObject or a *SyntaxError.
func (s *Scanner) Object(member func(name []byte) error) error {
	if s.Kind() != Object {
		return s.refuse(ErrNotObject)
	}
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		s.pos = skipSpace(s.data, s.pos)
		if more, err := s.separator('}', first); !more {
			return err
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
	}
}

// name consumes a member's name and the colon after it.
func (s *Scanner) name() ([]byte, error) {
	start := skipSpace(s.data, s.pos)
	if start == len(s.data) || s.data[start] != '"' {
		return nil, &SyntaxError{start, "a member's name must be a string"}
	}
	end, err := skipString(s.data, start+1, true)
	if err != nil {
		return nil, err
	}
	s.pos = skipSpace(s.data, end)
	if s.pos == len(s.data) || s.data[s.pos] != ':' {
		return nil, &SyntaxError{s.pos, "a colon must follow a member's name"}
	}
	s.pos++
	if name, err := unquote(s.data[start:end]); err == nil {
		return name, nil
	}
	// No Unicode text: such a name can be none that anyone asks for.
	return s.data[start:end], nil
}

// OpenArray consumes the bracket that opens an array. It returns ErrNotArray
// or a *SyntaxError.
func (s *Scanner) OpenArray() error {
	if s.Kind() != Array {
		return s.refuse(ErrNotArray)
	}
	s.fresh = true
	return s.open()
}

// More reports whether the open array has another value, which the caller must
// then consume; otherwise the array is consumed whole. It returns a
// *SyntaxError.
func (s *Scanner) More() (bool, error) {
	first := s.fresh
	s.fresh = false
	s.pos = skipSpace(s.data, s.pos)
	return s.separator(']', first)
}

// End returns a *SyntaxError unless only space is left.
func (s *Scanner) End() error {
	s.pos = skipSpace(s.data, s.pos)
	if s.pos != len(s.data) {
		return &SyntaxError{s.pos, "nothing may follow the value"}
	}
	return nil
}

// open steps into an object or array.
func (s *Scanner) open() error {
	if s.depth == MaxDepth {
		return tooDeep(s.pos)
	}
	s.depth++
	s.pos++
	return nil
}

// separator consumes the comma before the next member or element, or the
// bracket that closes.
func (s *Scanner) separator(closing byte, first bool) (more bool, err error) {
	if s.pos == len(s.data) {
		return false, unexpectedEnd(s.pos)
	}
	switch c := s.data[s.pos]; {
	case c == closing:
		s.pos++
		s.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.pos++
		return true, nil
	}
	return false, &SyntaxError{s.pos, "a comma or a closing bracket must follow a value"}
}

// refuse consumes a value of the wrong kind: what is not JSON at all is a
// syntax error first.
func (s *Scanner) refuse(wrongKind error) error {
	if err := s.Skip(); err != nil {
		return err
	}
	return wrongKind
}
