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
	"time"

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

// exported is a line of the import format, as far as it is compared.
type exported struct {
	ID     string          `json:"id"`
	Stream string          `json:"stream"`
	Type   string          `json:"type"`
	Pos    int64           `json:"pos"`
	GPos   int64           `json:"gpos"`
	Data   json.RawMessage `json:"data"`
	Meta   json.RawMessage `json:"meta"`
	Time   time.Time       `json:"time"`
}

// decodes reports whether the line is an object of the import format.
func decodes(line []byte, e *exported) bool { return json.Unmarshal(line, e) == nil }

// stored reports whether the line's message is there already.
func (r *resume) stored(line []byte) (bool, error) {
	var e exported
	if len(bytes.TrimSpace(line)) == 0 || !decodes(line, &e) {
		return false, nil // the server says what is wrong with it
	}
	if e.GPos <= r.last {
		return false, fmt.Errorf("global position %d follows %d: --resume needs the order that evtui export writes", e.GPos, r.last)
	}
	r.last = e.GPos
	if e.GPos > r.head {
		return false, nil
	}
	m, err := r.at(e.GPos)
	if err != nil || m == nil {
		return false, err
	}
	if !e.same(m) {
		return false, fmt.Errorf("a different message is stored at global position %d: the namespace was not filled from this file", e.GPos)
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

func (e *exported) same(m *store.Message) bool {
	id, err := store.ParseID(e.ID)
	return err == nil && id == m.ID && e.Stream == m.Stream && e.Type == m.Type && e.Pos == m.Position &&
		e.Time.Equal(m.Time) && sameJSON(e.Data, m.Data) && sameJSON(e.Meta, m.Metadata)
}

// sameJSON compares values but for the space between their tokens; absent is null.
func sameJSON(a, b []byte) bool {
	var left, right bytes.Buffer
	if len(a) == 0 {
		a = []byte("null")
	}
	if len(b) == 0 {
		b = []byte("null")
	}
	return json.Compact(&left, a) == nil && json.Compact(&right, b) == nil && bytes.Equal(left.Bytes(), right.Bytes())
}
