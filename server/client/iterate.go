package client

import (
	"context"
	"iter"
)

// iteratePage is how many messages an iterator asks for at once, at most.
const iteratePage = 500

// Stream ranges over the stream's messages, page by page: all of them, or q's
// Limit. An error ends it, and comes with a zero Message.
func (c *Client) Stream(ctx context.Context, q StreamQuery) iter.Seq2[Message, error] {
	q.MaxBytes = PageBytes
	return paged(q.Limit, func(limit int, last place) ([]Message, error) {
		switch {
		case !last.read:
		case q.Backward && last.position == 0:
			return nil, nil
		case q.Backward:
			q.Before = last.position
		default:
			q.Position = last.position + 1
		}
		q.Limit = limit
		return c.ReadStream(ctx, q)
	})
}

// Category ranges over a category's messages, or the whole namespace's, page by
// page: all of them that are stored, or q's Limit. An error ends it, and comes
// with a zero Message.
func (c *Client) Category(ctx context.Context, q CategoryQuery) iter.Seq2[Message, error] {
	q.MaxBytes = PageBytes
	return paged(q.Limit, func(limit int, last place) ([]Message, error) {
		switch {
		case !last.read:
		case q.Backward && last.global <= 1:
			return nil, nil
		case q.Backward:
			q.GlobalPosition = last.global - 1
		default:
			q.GlobalPosition = last.global + 1
		}
		q.Limit = limit
		return c.ReadCategory(ctx, q)
	})
}

// place is where the message stands that was read last, if one was.
type place struct {
	position, global int64
	read             bool
}

// paged ranges over pages until one is not full, or limit messages were there;
// a limit below 1 is none. read gets how many messages to ask for, and
// where the page before ended. No page is kept while the next one is read.
func paged(limit int, read func(limit int, last place) ([]Message, error)) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		var last place
		var size PageSize
		for left := limit; limit < 1 || left > 0; {
			most := iteratePage
			if limit > 0 {
				most = min(most, left)
			}
			want := size.Next(most)
			page, err := read(want, last)
			more, err := size.Took(want, page, err)
			if err != nil {
				yield(Message{}, err)
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
			if !more {
				return
			}
			if len(page) == 0 {
				continue // fewer at once
			}
			left -= len(page)
			last = place{position: page[len(page)-1].Position, global: page[len(page)-1].GlobalPosition, read: true}
		}
	}
}

// AllStreams ranges over all streams that q keeps, or q's Limit of them, by
// name. An error ends it, and comes with a zero Stream.
func (c *Client) AllStreams(ctx context.Context, q StreamsQuery) iter.Seq2[Stream, error] {
	return func(yield func(Stream, error) bool) {
		limit, seen := q.Limit, 0
		for limit < 1 || seen < limit {
			q.Limit = maxStreams
			if limit > 0 {
				q.Limit = min(maxStreams, limit-seen)
			}
			page, err := c.Streams(ctx, q)
			if err != nil {
				yield(Stream{}, err)
				return
			}
			for _, s := range page {
				if !yield(s, nil) {
					return
				}
			}
			if len(page) < q.Limit {
				return
			}
			seen += len(page)
			q.Cursor = page[len(page)-1].Name
		}
	}
}

// All ranges over what is announced, until ctx ends, which is no error, or the
// subscription does: then its last step is the error, io.EOF where the server
// ended it.
func (s *Subscription) All(ctx context.Context) iter.Seq2[Announcement, error] {
	return func(yield func(Announcement, error) bool) {
		news := make([]Announcement, 256)
		for {
			n, err := s.Next(ctx, news)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				yield(Announcement{}, err)
				return
			}
			for _, a := range news[:n] {
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}
