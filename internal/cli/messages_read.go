package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"

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

	fits int // how many messages a page may hold, by the size of those before; 0: none was read
}

// What a page of messages may come to in bytes: above maxPage it is asked for
// again in parts, and around goodPage it is meant to be. A page of a single
// message, which cannot be parted, is never above maxPage. The size of the
// first ones is not known: firstPage is how many they are.
const (
	maxPage   = 17 << 20
	goodPage  = 4 << 20
	firstPage = 8
)

// page reads at most limit messages from the cursor on, fewer where they are
// large; more is false at the end.
func (r *messageReader) page(ctx context.Context, at cursor, limit int, backward bool) (page []store.Message, more bool, err error) {
	r.fits = cmp.Or(r.fits, firstPage)
	for {
		size := min(limit, r.fits)
		page, err = r.read(ctx, at, size, backward)
		if size > 1 && errors.Is(err, client.ErrTooLarge) {
			r.fits = max(size/8, 1)
			continue
		}
		r.fit(page)
		return page, len(page) == size, err
	}
}

// fit learns from a page how many messages the next one may hold: as many as
// there is room for at the mean size, but not many times more at once.
func (r *messageReader) fit(page []store.Message) {
	var bytes int
	for i := range page {
		bytes += len(page[i].Data) + len(page[i].Metadata)
	}
	if len(page) > 0 {
		r.fits = max(min(len(page)*goodPage/max(bytes, 1), 8*r.fits, readPage), 1)
	}
}

// read reads a page; fewer than the limit mean that there are no more. Several
// categories are read each for itself and merged: never past the place up to
// which all of them are known.
func (r *messageReader) read(ctx context.Context, at cursor, limit int, backward bool) ([]store.Message, error) {
	if r.stream != "" {
		q := client.StreamQuery{Stream: r.stream, GlobalPosition: at.global, Limit: limit, Backward: backward}
		if backward {
			q.Before = at.position + 1
		} else {
			q.Position = at.position
		}
		return r.client.ReadStream(ctx, q)
	}
	categories := r.categories
	if len(categories) == 0 {
		categories = []string{""}
	}
	var merged []store.Message
	for _, category := range categories {
		page, err := r.client.ReadCategory(ctx, client.CategoryQuery{
			Category: category, GlobalPosition: at.global, Limit: limit, Group: r.member, Backward: backward,
		})
		if err != nil {
			return nil, err
		}
		merged = append(merged, page...)
	}
	if len(categories) > 1 {
		slices.SortFunc(merged, func(a, b store.Message) int {
			if backward {
				a, b = b, a
			}
			return cmp.Compare(a.GlobalPosition, b.GlobalPosition)
		})
		// Each page holds the category's next ones, so the first of all of them
		// are the next of all.
		merged = merged[:min(limit, len(merged))]
	}
	return merged, nil
}

// place is how --from names a message.
func (r *messageReader) place(m *store.Message) int64 {
	if r.stream != "" {
		return m.Position
	}
	return m.GlobalPosition
}

// on returns the cursor on a message, forward.
func (r *messageReader) on(m *store.Message) cursor {
	if r.stream != "" {
		return cursor{position: m.Position}
	}
	return cursor{global: m.GlobalPosition}
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
