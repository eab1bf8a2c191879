package server

import (
	"context"
	"errors"
	"math"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// maxEvents is the most events that one stream.append may hold.
const maxEvents = 10000

// streamWrite: ["stream.write", stream, event, {id, expectedVersion}].
func (c *call) streamWrite() error {
	if err := c.next("message"); err != nil {
		return err
	}
	e := &c.event[0]
	if err := c.readEvent(e, nil); err != nil {
		return err
	}
	w := store.Write{Stream: c.name, Events: c.event[:], ExpectedVersion: store.AnyVersion}
	if err := c.writeOptions(&w, &e.ID); err != nil {
		return err
	}
	answer, err := c.appendEvents(w)
	if err != nil {
		return err
	}
	c.reply.raw(`{"position":`)
	c.reply.integer(answer.LastPosition)
	c.reply.raw(`,"globalPosition":`)
	c.reply.integer(answer.LastGlobalPosition)
	c.reply.raw(`}`)
	return nil
}

// streamAppend: ["stream.append", stream, [event…], {expectedVersion}], where
// each event may have an id.
func (c *call) streamAppend() error {
	events, err := c.readEvents()
	if err != nil {
		return err
	}
	w := store.Write{Stream: c.name, Events: events, ExpectedVersion: store.AnyVersion}
	if err := c.writeOptions(&w, nil); err != nil {
		return err
	}
	answer, err := c.appendEvents(w)
	if err != nil {
		return err
	}
	c.reply.raw(`{"positions":[`)
	c.reply.integer(answer.FirstPosition)
	c.reply.raw(`,`)
	c.reply.integer(answer.LastPosition)
	c.reply.raw(`],"globalPositions":[`)
	c.reply.integer(answer.FirstGlobalPosition)
	c.reply.raw(`,`)
	c.reply.integer(answer.LastGlobalPosition)
	c.reply.raw(`]}`)
	return nil
}

func (c *call) appendEvents(w store.Write) (store.Appended, error) {
	// Not the request's context: a client that went away must not turn a write
	// that is about to be stored into an error that nobody hears.
	ctx := c.deadline.begin(c.s.cfg.Limits.WriteTime)
	answer, err := c.s.cfg.Store.Append(ctx, c.scope.namespace, w)
	if err == nil {
		c.appended, c.category = int64(len(w.Events)), store.Category(w.Stream)
	} else if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil && !isDecided(err) {
		err = &store.UncertainError{Namespace: c.scope.namespace, Reason: "it took longer than " + c.s.cfg.Limits.WriteTime.String(), Err: err}
	}
	c.deadline = ctx.end()
	return answer, err
}

// isDecided reports whether a store's error says what became of a write.
func isDecided(err error) bool {
	var (
		not       *store.UnavailableError
		uncertain *store.UncertainError
	)
	return errors.As(err, &not) || errors.As(err, &uncertain)
}

// writeOptions reads the options of a write; id is nil where the events carry
// their own.
func (c *call) writeOptions(w *store.Write, id *store.ID) error {
	expected := option{name: "expectedVersion", to: &w.ExpectedVersion, low: store.NoStream, high: math.MaxInt64}
	if id == nil {
		return c.options(expected)
	}
	return c.options(expected, option{name: "id", to: id})
}

// readEvents reads the next argument, an array of events.
func (c *call) readEvents() ([]store.Event, error) {
	if err := c.next("events"); err != nil {
		return nil, err
	}
	if err := c.args.OpenArray(); err != nil {
		return nil, orRefuse(err, "events", "must be an array")
	}
	events := c.events[:0]
	defer func() { c.events = events }()
	for {
		more, err := c.args.More()
		if err != nil || !more {
			return events, err
		}
		if len(events) == maxEvents {
			return nil, invalid("events", "must be at most %d", maxEvents)
		}
		events = append(events, store.Event{})
		e := &events[len(events)-1]
		if err := c.readEvent(e, &e.ID); err != nil {
			return nil, err
		}
	}
}

// readEvent reads an event; id is nil where it has none of its own. Data and
// metadata alias the body.
func (c *call) readEvent(e *store.Event, id *store.ID) error {
	err := c.args.Object(func(name []byte) (err error) {
		switch string(name) {
		case "type":
			var raw []byte
			if raw, err = c.args.Text(); err != nil {
				return orRefuse(err, "type", "must be a non-empty string")
			}
			e.Type = string(raw)
		case "data":
			e.Data, err = readObject(&c.args, "data", "must be an object")
		case "metadata":
			e.Metadata, e.Correlation, err = readMetadata(&c.args)
		case "id":
			if id == nil {
				return c.args.Skip()
			}
			err = (&option{to: id}).read(&c.args, name)
		default:
			err = c.args.Skip()
		}
		return err
	})
	switch {
	case errors.Is(err, rawjson.ErrNotObject):
		return invalid("message", "must be an object")
	case err != nil:
		return err
	case e.Type == "":
		return invalid("type", "must be a non-empty string")
	case e.Data == nil:
		return invalid("data", "must be an object")
	}
	return nil
}

// readObject reads an object as it is written. Of another value it says what it must be, unless
// that is malformed.
func readObject(s *rawjson.Scanner, name, must string) ([]byte, error) {
	kind := s.Kind()
	raw, err := s.Value()
	if err == nil && kind != rawjson.Object {
		err = invalid(name, "%s", must)
	}
	return raw, err
}

// mayBeNull is what metadata must be.
const mayBeNull = "must be an object or null"

// readMetadata reads an event's metadata, nil for null, and the category that
// its correlationStreamName is in. A name that no stream can have correlates
// with nothing.
func readMetadata(s *rawjson.Scanner) (raw []byte, correlation string, err error) {
	if s.Kind() == rawjson.Null {
		return nil, "", s.Skip()
	}
	start := s.Mark()
	err = s.Object(func(name []byte) error {
		if string(name) != "correlationStreamName" || s.Kind() != rawjson.String {
			return s.Skip()
		}
		correlation = ""
		text, err := s.Text()
		if errors.Is(err, rawjson.ErrNotText) {
			return nil
		}
		if category := store.Category(string(text)); store.CheckCategory(category) == nil {
			correlation = category
		}
		return err
	})
	if errors.Is(err, rawjson.ErrNotObject) {
		err = invalid("metadata", mayBeNull)
	}
	if err != nil {
		return nil, "", err
	}
	return s.Since(start), correlation, nil
}
