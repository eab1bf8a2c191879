package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// read passes announcements on until the stream or ctx ends.
func (s *Subscription) read(ctx context.Context, body io.ReadCloser, maxEvent int) {
	defer close(s.done)
	defer close(s.arrived)
	defer body.Close()
	watched := watch(body, s.cancel)
	defer watched.timer.Stop()
	events := newSSEReader(watched, maxEvent)
	var last string
	for {
		event, data, err := events.next()
		if err != nil {
			s.err = watched.explain(err)
			return
		}
		if s.err = s.pass(ctx, event, data, &last); s.err != nil {
			return
		}
	}
}

// pass hands one event to Next. last keeps the stream's name, which is often
// the same.
func (s *Subscription) pass(ctx context.Context, event string, data []byte, last *string) error {
	if event != pokeEvent {
		return eventError(data)
	}
	a, err := parseAnnouncement(data, *last)
	if err != nil {
		return fmt.Errorf("announcement: %w", err)
	}
	*last = a.Stream
	select {
	case s.arrived <- a:
		return nil
	case <-ctx.Done():
		return store.ErrClosed
	}
}

func parseAnnouncement(data []byte, last string) (store.Announcement, error) {
	a := store.Announcement{Stream: last}
	seen := 0
	s := &scanner{buf: data}
	s.members(func(key []byte) {
		switch string(key) {
		case "stream":
			a.Stream = s.name(last)
			seen |= 1
		case "position":
			a.Position = s.integer()
			seen |= 2
		case "globalPosition":
			a.GlobalPosition = s.integer()
			seen |= 4
		default:
			s.raw()
		}
	})
	if s.err == nil && seen != 7 {
		s.fail()
	}
	return a, s.end()
}

// eventError reads what the server says when it ends a stream for a reason;
// events of other kinds are nil.
func eventError(data []byte) error {
	var e struct {
		Error   json.RawMessage `json:"error"` // a code, or an object as calls answer it
		Message string          `json:"message"`
	}
	if json.Unmarshal(data, &e) != nil || len(e.Error) == 0 {
		return nil //nolint:nilerr // an event of another kind
	}
	var told wire.Error
	if json.Unmarshal(e.Error, &told) == nil {
		return &Error{Code: told.Code, Message: told.Message, Details: told.Details}
	}
	var code string
	if json.Unmarshal(e.Error, &code) == nil {
		return &Error{Code: code, Message: e.Message}
	}
	return nil
}

// watchedReader ends a stream on which nothing comes, not even a heartbeat.
type watchedReader struct {
	r      io.Reader
	timer  *time.Timer
	silent atomic.Bool
}

func watch(r io.Reader, cancel func()) *watchedReader {
	w := &watchedReader{r: r}
	w.timer = time.AfterFunc(silence, func() {
		w.silent.Store(true)
		cancel()
	})
	return w
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.timer.Reset(silence)
	}
	return n, err
}

// explain makes a reading error the subscription's.
func (w *watchedReader) explain(err error) error {
	switch {
	case w.silent.Load():
		return &unreachableError{fmt.Errorf("no sign of life for %s", silence)}
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(err, context.Canceled):
		return store.ErrClosed
	}
	return &unreachableError{err}
}
