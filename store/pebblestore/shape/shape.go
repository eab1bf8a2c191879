package shape

import (
	"encoding/binary"
	"errors"
)

// ErrOutline is returned for an outline that Cut did not make.
var ErrOutline = errors.New("outline is damaged")

// ErrValues is returned for values that do not fit their shape.
var ErrValues = errors.New("values do not fit their shape")

// Shape is an outline made ready for joining. It never changes; goroutines may
// share it.
type Shape struct {
	messageType string
	literals    []byte   // type excluded, marks taken out
	cuts        []uint16 // where in literals the marks were
	metadata    int      // bytes of literals that are metadata's
	marks       int      // how many of cuts are metadata's
	bare        []bool   // by mark: it stands for no string
}

// Parse makes an outline ready. The outline may be reused afterwards.
func Parse(outline []byte) (*Shape, error) {
	if len(outline) < headLen || len(outline) > MaxOutline {
		return nil, ErrOutline
	}
	typeLen := int(binary.BigEndian.Uint16(outline))
	metadataLen := int(binary.BigEndian.Uint16(outline[2:]))
	texts := outline[headLen:]
	if typeLen+metadataLen > len(texts) {
		return nil, ErrOutline
	}
	s := &Shape{messageType: string(texts[:typeLen])}
	texts = texts[typeLen:]
	for i, c := range texts {
		if i == metadataLen {
			s.metadata, s.marks = len(s.literals), len(s.cuts)
		}
		if c == mark {
			s.cuts = append(s.cuts, uint16(len(s.literals)))
		} else {
			s.literals = append(s.literals, c)
		}
	}
	if metadataLen == len(texts) {
		s.metadata, s.marks = len(s.literals), len(s.cuts)
	}
	s.bare = make([]bool, len(s.cuts))
	for i, c := range s.cuts {
		begins := int(c) == 0 || i >= s.marks && int(c) == s.metadata // of a text
		s.bare[i] = begins || s.literals[c-1] != '"'
	}
	return s, nil
}

// Type is the type of the messages that have the shape.
func (s *Shape) Type() string { return s.messageType }

// Values is how many values a message that has the shape has.
func (s *Shape) Values() int { return len(s.cuts) }

// Join appends a message's metadata and then its data to dst, which stays the
// caller's, and tells how many bytes of that are metadata: none means null.
func (s *Shape) Join(dst, values []byte) (text []byte, metadata int, err error) {
	start := len(dst)
	text, values, err = join(dst, values, s.literals[:s.metadata], s.cuts[:s.marks], 0)
	if err != nil {
		return dst, 0, err
	}
	metadata = len(text) - start
	text, values, err = join(text, values, s.literals[s.metadata:], s.cuts[s.marks:], s.metadata)
	if err == nil && len(values) > 0 {
		err = ErrValues
	}
	return text, metadata, err
}

// join puts values between literals, which begin at offset as cuts count.
func join(dst, values, literals []byte, cuts []uint16, offset int) (text, rest []byte, err error) {
	at := 0
	for _, c := range cuts {
		cut := int(c) - offset
		dst = append(dst, literals[at:cut]...)
		at = cut
		if dst, values, err = joinValue(dst, values); err != nil {
			return dst, values, err
		}
	}
	return append(dst, literals[at:]...), values, nil
}
