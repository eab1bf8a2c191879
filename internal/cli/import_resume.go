package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// resume passes on the lines of an export that are not stored yet. Those that
// are must be stored just so: what differs is an error, not skipped.
type resume struct {
	ctx   context.Context
	c     *client.Client
	lines *bufio.Reader
	line  int64
	last  int64 // global position of the line before

	head    int64 // of the namespace when the import began
	page    []store.Message
	next    int64        // what the next page begins with
	skipped atomic.Int64 // net/http reads on a goroutine of its own
	rest    []byte       // of the line that is being passed on
}

// resumed reads in for an import that goes on where an earlier one ended.
func resumed(ctx context.Context, c *client.Client, in io.Reader) (*resume, error) {
	head, err := c.Head(ctx)
	if err != nil {
		return nil, err
	}
	return &resume{ctx: ctx, c: c, lines: bufio.NewReaderSize(in, 64<<10), head: head, next: 1}, nil
}

// Read implements io.Reader.
func (r *resume) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		line, err := r.lines.ReadBytes('\n')
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
			return 0, err
		}
		r.line++
		there, err := r.stored(line)
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", r.line, err)
		}
		if there {
			r.skipped.Add(1)
			continue
		}
		r.rest = line
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// stored reports whether the line's message is there already.
func (r *resume) stored(text []byte) (bool, error) {
	var e line
	if len(bytes.TrimSpace(text)) == 0 || json.Unmarshal(text, &e) != nil {
		return false, nil //nolint:nilerr // the server says what is wrong with it
	}
	if e.Global <= r.last {
		return false, fmt.Errorf("global position %d follows %d: --resume needs the order that evtui export writes", e.Global, r.last)
	}
	r.last = e.Global
	if e.Global > r.head {
		return false, nil
	}
	m, err := r.at(e.Global)
	if err != nil || m == nil {
		return false, err
	}
	if !e.same(m) {
		return false, fmt.Errorf("a different message is stored at global position %d: the namespace was not filled from this file", e.Global)
	}
	return true, nil
}

// resumePage is how many stored messages are looked at with one call.
const resumePage = 1000

// at returns the message stored at a global position, nil when there is none.
// Positions are asked for in rising order.
func (r *resume) at(gpos int64) (*store.Message, error) {
	for {
		for len(r.page) > 0 && r.page[0].GlobalPosition < gpos {
			r.page = r.page[1:]
		}
		if len(r.page) > 0 {
			if r.page[0].GlobalPosition > gpos {
				return nil, nil
			}
			return &r.page[0], nil
		}
		r.next = max(r.next, gpos)
		if r.next > r.head {
			return nil, nil
		}
		page, err := r.c.ReadCategory(r.ctx, client.CategoryQuery{GlobalPosition: r.next, Limit: resumePage})
		if err != nil {
			return nil, fmt.Errorf("look up what is stored: %w", err)
		}
		if len(page) == 0 {
			return nil, nil
		}
		r.page, r.next = page, page[len(page)-1].GlobalPosition+1
	}
}

// same reports whether the line is of the message.
func (l *line) same(m *store.Message) bool {
	id, err := store.ParseID(l.ID)
	return err == nil && id == m.ID && l.Stream == m.Stream && l.Type == m.Type && l.Position == m.Position &&
		l.Time.Equal(m.Time) && sameJSON(l.Data, m.Data) && sameJSON(l.Metadata, m.Metadata)
}

// sameJSON compares values but for the space between their tokens; absent is null.
func sameJSON(a, b []byte) bool {
	compact := func(value []byte) (string, bool) {
		var out bytes.Buffer
		if len(value) == 0 {
			return "null", true
		}
		err := json.Compact(&out, value)
		return out.String(), err == nil
	}
	left, valid := compact(a)
	right, also := compact(b)
	return valid && also && left == right
}
