package server

import (
	"errors"
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
	takes := [...]option{
		{name: "id", to: &m.ID, required: true},
		{name: "stream", to: &m.Stream, required: true},
		{name: "type", to: &m.Type, required: true},
		{name: "pos", to: &m.Position, required: true, low: 0, high: maxImported},
		{name: "gpos", to: &m.GlobalPosition, required: true, low: 1, high: maxImported},
		{name: "data", to: func() (err error) { m.Data, err = readObject(&s, "data", "must be an object"); return err }},
		{name: "meta", to: func() (err error) { m.Metadata, m.Correlation, err = readMetadata(&s); return err }},
		{name: "time", to: func() (err error) { m.Time, err = recordTime(&s); return err }},
	}
	err := s.Object(func(name []byte) error {
		if found, err := readAny(&s, takes[:], name); found {
			return err
		}
		return s.Skip()
	})
	if err == nil {
		err = s.End()
	}
	if errors.Is(err, rawjson.ErrNotObject) {
		return m, invalid("record", "must be an object")
	}
	if err != nil {
		return m, err
	}
	return m, checkRecord(&m)
}

// maxImported is the highest position that an import may give, so that those
// that follow it fit 64 bits for good.
const maxImported = 1 << 62

func recordTime(s *rawjson.Scanner) (at time.Time, err error) {
	var text string
	if err := (&option{to: &text, required: true}).read(s, []byte("time")); err != nil {
		return at, err
	}
	at, err = wire.ParseTime(text)
	switch {
	case err != nil:
		return at, invalid("time", "%s", err)
	case !time.Unix(0, at.UnixNano()).Equal(at):
		// Engines keep nanoseconds in 64 bits: beyond that they would give back
		// another time.
		return at, invalid("time", "must be between the years 1677 and 2262, got %s", text)
	}
	return at, nil
}

// checkRecord checks what the store's contract leaves to the protocol: that
// nothing is missing. It also checks names and sizes, so that a fault is told
// with its line, whatever the engine says.
func checkRecord(m *store.ImportMessage) error {
	missing := func(field string) error { return invalid(field, "is missing") }
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
