package cli

import (
	"context"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// readPage is how many messages are read at once.
const readPage = 1000

// cursor is where a reader stands. Forward it is the first message to read,
// backward the last.
type cursor struct {
	position int64 // in the stream; negative backward: none
	global   int64 // 0: none
	done     bool  // there is nothing that way
}

// unbounded is the position in a stream that bounds nothing.
func unbounded(backward bool) int64 {
	if backward {
		return -1
	}
	return 0
}

// messageReader reads messages of a stream, of some categories, or of the
// whole namespace when neither is named.
type messageReader struct {
	client     *client.Client
	stream     string
	categories []string
	member     store.Group

	size client.PageSize
}

// maxPage is what a page may come to in bytes. One of a single message, which
// cannot be split, never does.
const maxPage = 17 << 20

// page reads at most limit messages from the cursor on, fewer where they are
// large; more is false at the end.
func (r *messageReader) page(ctx context.Context, at cursor, limit int, backward bool) (page []store.Message, more bool, err error) {
	if len(r.categories) > 1 {
		return r.merged(ctx, at, limit, backward)
	}
	for {
		size := r.size.Next(limit)
		page, err = r.read(ctx, at, size, backward)
		if more, err = r.size.Took(size, page, err); err != nil || !more || len(page) > 0 {
			return page, more, err
		}
	}
}

// merged is page of several categories: a scan without a filter, which never goes past
// the place up to which all of them are known.
func (r *messageReader) merged(ctx context.Context, at cursor, limit int, backward bool) (page []store.Message, more bool, err error) {
	q := r.scan(at, backward, "")
	for q.Limit = limit; ; {
		p, err := r.client.ScanPage(ctx, q)
		if err != nil || p.Complete || len(p.Messages) > 0 {
			return p.Messages, !p.Complete, err
		}
		q = q.After(p)
	}
}

// read reads a page of a stream, a category or all; fewer than the limit mean that there
// are no more.
func (r *messageReader) read(ctx context.Context, at cursor, limit int, backward bool) ([]store.Message, error) {
	if r.stream != "" {
		q := client.StreamQuery{Stream: r.stream, GlobalPosition: at.global, Limit: limit, Backward: backward, MaxBytes: client.PageBytes}
		if backward {
			q.Before = at.position + 1
		} else {
			q.Position = at.position
		}
		return r.client.ReadStream(ctx, q)
	}
	return r.client.ReadCategory(ctx, client.CategoryQuery{
		Category: strings.Join(r.categories, ""), GlobalPosition: at.global, Limit: limit, Group: r.member, Backward: backward, MaxBytes: client.PageBytes,
	})
}

// place is how --from names a message.
func (r *messageReader) place(m *store.Message) int64 {
	if r.stream != "" {
		return m.Position
	}
	return m.GlobalPosition
}

// at returns the cursor on a place, forward.
func (r *messageReader) at(place int64) cursor {
	if r.stream != "" {
		return cursor{position: place}
	}
	return cursor{global: place}
}

// after returns the cursor behind a message.
func (r *messageReader) after(m *store.Message, backward bool) cursor {
	at := r.place(m) + 1
	if backward {
		at -= 2
	}
	if r.stream != "" {
		return cursor{position: at, done: at < 0}
	}
	return cursor{global: at, position: unbounded(backward), done: at < 1}
}

// cost says what a scan has read, and for how long.
func cost(c client.ScanCost) string {
	s := text.Bytes(float64(c.Bytes)) + " in " + text.Duration(c.Time)
	if c.Here {
		s += ", filtered by this command: the server does not scan"
	}
	return s
}

// matched says what a filter found, and what that cost.
func matched(kept int64, c client.ScanCost) string {
	return text.Count(kept) + " of " + text.Count(c.Messages) + " messages read match (" + cost(c) + ")"
}

// scan is the query of what lies from the cursor on and passes a filter.
func (r *messageReader) scan(at cursor, backward bool, line string) client.ScanQuery {
	q := client.ScanQuery{Stream: r.stream, Categories: r.categories, Filter: line, Group: r.member, Backward: backward}
	if q.From = at.global; r.stream != "" {
		q.From, q.GlobalPosition = at.position, at.global
	}
	if backward {
		if q.Before = q.From + 1; r.stream == "" && at.global < 1 {
			q.Before = 0
		}
		q.From = 0
	}
	return q
}

// beyond returns the cursor behind a page of a scan.
func (r *messageReader) beyond(p *client.ScanPage, backward bool) cursor {
	at := p.Next
	if backward {
		at--
	}
	if r.stream != "" {
		return cursor{position: at, done: p.Complete}
	}
	return cursor{global: at, position: unbounded(backward), done: p.Complete}
}
