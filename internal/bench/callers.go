package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// checkEvery is how often an answer of messages is taken apart; the first one
// always is. The others must be as full as they are long.
const checkEvery = 32

// writer appends the load's messages: one with stream.write, more with
// stream.append.
type writer struct {
	source *load.Source
	events []client.Event
	stream string
	limit  bool // the answers are the limit's
}

func (w *writer) call(dst []byte) []byte {
	w.stream = w.source.Next(w.events)
	if len(w.events) == 1 {
		dst = append(append(append(dst, `["stream.write","`...), w.stream...), `",`...)
		return append(appendEvent(dst, &w.events[0]), ']')
	}
	dst = append(append(append(dst, `["stream.append","`...), w.stream...), `",[`...)
	for i := range w.events {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendEvent(dst, &w.events[i])
	}
	return append(dst, "]]"...)
}

// appendEvent appends an event of the load, whose strings need no escapes.
func appendEvent(dst []byte, e *client.Event) []byte {
	dst = append(append(append(dst, `{"type":"`...), e.Type...), `","data":`...)
	dst = append(dst, e.Data...)
	if e.Metadata != nil {
		dst = append(append(dst, `,"metadata":`...), e.Metadata...)
	}
	return append(dst, '}')
}

func (w *writer) answered(answer []byte) (int64, error) {
	if w.limit {
		return int64(len(w.events)), nil
	}
	position, err := lastNumber(answer, `osition`)
	if err != nil {
		return 0, err
	}
	global, err := lastNumber(answer, `lobalPosition`)
	if err != nil {
		return 0, err
	}
	w.source.Stored(w.stream, position, global)
	return int64(len(w.events)), nil
}

// lastNumber finds the first member whose name begins like that, after its
// first letters, and returns its number, the last one of an array.
func lastNumber(answer []byte, name string) (int64, error) {
	_, rest, found := bytes.Cut(answer, []byte(name))
	end := bytes.IndexAny(rest, "]}")
	if comma := bytes.IndexByte(rest, ','); comma >= 0 && comma < end && !bytes.Contains(rest[:comma], []byte("[")) {
		end = comma
	}
	if !found || end < 0 {
		return 0, fmt.Errorf("answered %q to an append", answer)
	}
	digits := rest[:end]
	start := len(digits)
	for start > 0 && digits[start-1] >= '0' && digits[start-1] <= '9' {
		start--
	}
	return strconv.ParseInt(string(digits[start:]), 10, 64)
}

// reader asks for pages of messages, or for a stream's version.
type reader struct {
	source *load.Source
	random *rand.Rand
	kind   readKind
	size   int   // messages of a page; 0: version
	from   int64 // highest global position to begin with
	group  store.Group
	asked  int
	limit  bool // the answers are the limit's
}

type readKind int

const (
	readVersion readKind = iota
	readStream
	readCategory
)

func (r *reader) call(dst []byte) []byte {
	r.asked++
	switch r.kind {
	case readVersion:
		return append(append(append(dst, `["stream.version","`...), r.source.Stream()...), `"]`...)
	case readStream:
		return fmt.Appendf(dst, `["stream.get",%q,{"batchSize":%d}]`, r.source.Stream(), r.size)
	}
	categories := r.source.Categories()
	dst = fmt.Appendf(dst, `["category.get",%q,{"position":%d,"batchSize":%d`,
		categories[r.random.IntN(len(categories))], 1+r.random.Int64N(max(r.from, 1)), r.size)
	if !r.group.IsZero() {
		r.group.Member = r.asked % r.group.Size
		dst = fmt.Appendf(dst, `,"consumerGroup":{"member":%d,"size":%d}`, r.group.Member, r.group.Size)
	}
	return append(dst, "}]"...)
}

func (r *reader) answered(answer []byte) (int64, error) {
	switch {
	case r.limit:
		return int64(r.size), nil
	case r.kind == readVersion:
		version, err := strconv.ParseInt(string(bytes.TrimSpace(answer)), 10, 64)
		if err != nil || version < 0 {
			return 0, fmt.Errorf("answered %q to a version", answer)
		}
		return 0, nil
	case r.asked%checkEvery == 1:
		return int64(r.size), r.check(answer)
	case len(answer) < 100*r.size: // a message takes 250 bytes and more
		return 0, fmt.Errorf("a page of %d bytes cannot hold %d messages", len(answer), r.size)
	}
	return int64(r.size), nil
}

// check takes a page apart: as many messages as asked for, in order, and of
// the right member.
func (r *reader) check(answer []byte) error {
	var page [][]json.RawMessage
	if err := json.Unmarshal(answer, &page); err != nil {
		return fmt.Errorf("a page is no JSON: %w", err)
	}
	if len(page) != r.size {
		return fmt.Errorf("a page holds %d messages instead of %d", len(page), r.size)
	}
	place := 3 // of the global position in a row of stream.get
	if r.kind == readCategory {
		place = 4
	}
	last := int64(0)
	for _, row := range page {
		var global int64
		if len(row) <= place || json.Unmarshal(row[place], &global) != nil || global <= last {
			return fmt.Errorf("a page is out of order after global position %d", last)
		}
		last = global
		if r.group.IsZero() {
			continue
		}
		var stream string
		if json.Unmarshal(row[1], &stream) != nil || !r.group.Owns(stream) {
			return fmt.Errorf("a page of member %d holds %s", r.group.Member, row[1])
		}
	}
	return nil
}
