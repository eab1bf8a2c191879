package server

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// unset is a position that a line does not have; those that it has are checked
// as they are read.
const unset = -1

// readRecord reads one line of an import: {"id","stream","type","pos","gpos",
// "data","meta","time"}. Data and metadata alias the line. It returns a
// *rawjson.SyntaxError, or another error that says what is wrong with it.
func readRecord(line []byte) (store.ImportMessage, error) {
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
		m.Position, err = recordPosition(s, name, 0)
	case "gpos":
		m.GlobalPosition, err = recordPosition(s, name, 1)
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

// maxImported is the highest position that an import may give, so that those
// that follow it fit 64 bits for good.
const maxImported = 1 << 62

func recordPosition(s *rawjson.Scanner, name string, low int64) (int64, error) {
	n, err := s.Int()
	beyond, isBeyond := errors.AsType[*rawjson.RangeError](err)
	switch {
	case isBeyond:
		return 0, &store.InvalidError{Field: name, Reason: rangeReason(beyond.Text, low, maxImported)}
	case errors.Is(err, rawjson.ErrNotInteger):
		return 0, &store.InvalidError{Field: name, Reason: "must be an integer"}
	case err == nil && (n < low || n > maxImported):
		return 0, &store.InvalidError{Field: name, Reason: rangeReason(strconv.FormatInt(n, 10), low, maxImported)}
	}
	return n, err
}

func recordTime(text string) (time.Time, error) {
	t, err := wire.ParseTime(text)
	if err != nil {
		return t, &store.InvalidError{Field: "time", Reason: err.Error()}
	}
	// Engines keep nanoseconds in 64 bits: beyond that they would give back
	// another time.
	if !time.Unix(0, t.UnixNano()).Equal(t) {
		return t, &store.InvalidError{Field: "time", Reason: fmt.Sprintf("must be between the years 1677 and 2262, got %s", text)}
	}
	return t, nil
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
	case m.Position == unset:
		return missing("pos")
	case m.GlobalPosition == unset:
		return missing("gpos")
	}
	w := store.Write{
		Stream: m.Stream, ExpectedVersion: store.AnyVersion,
		Events: []store.Event{{Type: m.Type, Data: m.Data, Metadata: m.Metadata}},
	}
	return w.Check()
}

// CheckRecord says what is wrong with a line of an import, as POST /import does
// of it alone: not whether its id and positions are free. It returns nil for a
// line that can be stored.
func CheckRecord(line []byte) error {
	_, err := readRecord(line)
	return err
}
