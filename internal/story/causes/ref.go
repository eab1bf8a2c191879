package causes

import (
	"errors"
	"strconv"
	"strings"

	"github.com/evtui/evtui/store"
)

// Way is how a [Ref] names a message.
type Way uint8

// The ways.
const (
	None     Way = iota // it names none
	ByPlace             // by its stream and the position in it
	ByGlobal            // by its global position
	ByID                // by its id
	BySpan              // by the span of a trace in which it was written
)

// Ref names one message. The zero Ref names none. Two that are equal name the
// same one.
type Ref struct {
	Way      Way
	Name     string // the stream, the id in small letters, or TRACE/SPAN
	Position int64  // in the stream, or the global one
}

// Place names a message by its stream and the position in it.
func Place(stream string, position int64) Ref {
	return Ref{Way: ByPlace, Name: stream, Position: position}
}

// Global names a message by its global position.
func Global(position int64) Ref { return Ref{Way: ByGlobal, Position: position} }

// ID names a message by its id, in small letters or in capitals.
func ID(id string) Ref {
	if id == strings.ToUpper(id) {
		id = strings.ToLower(id)
	}
	return Ref{Way: ByID, Name: id}
}

// span names the messages that were written in a span of a trace.
func span(trace, id string) Ref { return Ref{Way: BySpan, Name: trace + "/" + id} }

// String writes the reference as people do: order-7#3, global 88120, id 0a1b….
// It is not fit for a terminal as it is.
func (r Ref) String() string {
	switch r.Way {
	case ByPlace:
		return r.Name + "#" + strconv.FormatInt(r.Position, 10)
	case ByGlobal:
		return "global " + strconv.FormatInt(r.Position, 10)
	case ByID:
		return "id " + r.Name
	case BySpan:
		_, id, _ := strings.Cut(r.Name, "/")
		return "span " + id
	}
	return ""
}

// Parse reads what a user names a message by: its id, or STREAM#POSITION.
func Parse(s string) (Ref, error) {
	s = strings.TrimSpace(s)
	if id, err := store.ParseID(s); err == nil {
		return ID(id.String()), nil
	}
	at := strings.LastIndexByte(s, '#')
	if at < 1 {
		return Ref{}, errors.New("needs a message's id, or STREAM#POSITION such as order-7#3")
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s[at+1:], ",", ""), 10, 64)
	if err != nil || n < 0 {
		return Ref{}, errors.New("needs a position after the #, such as order-7#3")
	}
	if err := store.CheckStreamName(s[:at]); err != nil {
		return Ref{}, err
	}
	return Place(s[:at], n), nil
}

// Keys are the references by which others can name a message.
func (l *Links) Keys(m *store.Message) []Ref {
	own := keys(m)
	out := own[:]
	if span := l.Of(m).Span; span.Way != None {
		out = append(out, span)
	}
	return out
}

// keys are those, the span aside.
func keys(m *store.Message) [3]Ref {
	return [3]Ref{Place(m.Stream, m.Position), Global(m.GlobalPosition), ID(m.ID.String())}
}
