package server

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/evtui/evtui/server/rawjson"
	"github.com/evtui/evtui/store"
)

// readRecord reads one line of an import: {"id","stream","type","pos","gpos",
// "data","meta","time"}. Data and metadata alias the line. It returns a
// *rawjson.SyntaxError, or another error that says what is wrong with it.
func readRecord(line []byte) (store.ImportMessage, error) {
	const unset = math.MinInt64
	s := rawjson.New(line)
	m := store.ImportMessage{}
	m.Position, m.GlobalPosition = unset, unset
	err := s.Object(func(name []byte) error { return readField(&s, string(name), &m) })
	if err == nil {
		err = s.End()
	}
	if errors.Is(err, rawjson.ErrNotObject) {
		return m, &store.InvalidError{Field: "record", Reason: "must be an object"}
	}
	if err != nil {
		return m, err
	}
	return m, checkRecord(&m)
}

func readField(s *rawjson.Scanner, name string, m *store.ImportMessage) (err error) {
	switch name {
	case "id":
		var text string
		if text, err = recordText(s, name); err == nil {
			m.ID, err = parseID(text)
		}
	case "stream":
		m.Stream, err = recordText(s, name)
	case "type":
		m.Type, err = recordText(s, name)
	case "pos":
		m.Position, err = recordInt(s, name)
	case "gpos":
		m.GlobalPosition, err = recordInt(s, name)
	case "data":
		if s.Kind() != rawjson.Object {
			return wrongField(s, name, "must be an object")
		}
		m.Data, err = s.Value()
	case "meta":
		m.Metadata, m.Correlation, err = readMetadata(s)
	case "time":
		var text string
		if text, err = recordText(s, name); err == nil {
			m.Time, err = recordTime(text)
		}
	default:
		err = s.Skip()
	}
	return err
}

func recordText(s *rawjson.Scanner, name string) (string, error) {
	text, err := s.Text()
	if errors.Is(err, rawjson.ErrNotText) {
		return "", &store.InvalidError{Field: name, Reason: "must be a string"}
	}
	return string(text), err
}

func recordInt(s *rawjson.Scanner, name string) (int64, error) {
	n, err := s.Int()
	if errors.Is(err, rawjson.ErrNotInteger) {
		return 0, &store.InvalidError{Field: name, Reason: "must be an integer"}
	}
	return n, err
}

func recordTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, &store.InvalidError{Field: "time", Reason: "must be as in 2026-01-15T10:30:00.123456789Z"}
	}
	// Engines keep nanoseconds in 64 bits: beyond that they would give back
	// another time.
	if !time.Unix(0, t.UnixNano()).Equal(t) {
		return t, &store.InvalidError{Field: "time", Reason: fmt.Sprintf("must be between the years 1677 and 2262, got %s", text)}
	}
	return t.UTC(), nil
}

// wrongField reads a value of the wrong kind: what is malformed is that first.
func wrongField(s *rawjson.Scanner, name, reason string) error {
	if err := s.Skip(); err != nil {
		return err
	}
	return &store.InvalidError{Field: name, Reason: reason}
}

// checkRecord checks what the store's contract leaves to the protocol: that
// nothing is missing. It also checks names and sizes, so that a fault is told
// with its line, whatever the engine says.
func checkRecord(m *store.ImportMessage) error {
	missing := func(field string) error { return &store.InvalidError{Field: field, Reason: "is missing"} }
	switch {
	case m.ID.IsZero():
		return missing("id")
	case m.Data == nil:
		return missing("data")
	case m.Time.IsZero():
		return missing("time")
	case m.Position == math.MinInt64:
		return missing("pos")
	case m.GlobalPosition == math.MinInt64:
		return missing("gpos")
	case m.Position < 0:
		return &store.InvalidError{Field: "pos", Reason: "must not be negative"}
	case m.GlobalPosition < 1:
		return &store.InvalidError{Field: "gpos", Reason: "must be at least 1"}
	}
	w := store.Write{
		Stream: m.Stream, ExpectedVersion: store.AnyVersion,
		Events: []store.Event{{Type: m.Type, Data: m.Data, Metadata: m.Metadata}},
	}
	return w.Check()
}
