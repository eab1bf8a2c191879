package backlog

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/store"
)

// Consumer names a consumer, and says what it reads.
type Consumer struct {
	Namespace, Category, Correlation string
	Group                            store.Group
	Name                             string // distinguishes consumers that read the same
}

// Count is how many messages are before a consumer.
type Count struct {
	Messages int64
	AtLeast  bool // there may be more: the budget was used up
}

// Reader yields the names of the streams of a category's messages, with their
// global positions, rising, from after a position on: at most limit of them, and
// none beyond upTo. It stops where yield says so. Of what the consumer does not
// read by its correlation it yields nothing; groups are the Book's to decide.
type Reader func(ctx context.Context, of Consumer, after, upTo int64, limit int, yield func(stream string, position int64)) (read int, err error)

// Unknown as a head means that nobody knows where the category ends: it is read to
// where it does.
const Unknown = int64(1<<63 - 1)

// maxConsumers is how many consumers a Book remembers: some megabytes.
const maxConsumers = 10_000

// Book remembers what was counted. The zero Book is empty. One goroutine at a time
// uses it.
type Book struct {
	entries map[Consumer]*entry
	look    int64 // counts the looks
}

// entry says that there are n messages for the consumer after from, up to to.
type entry struct {
	from, to, n int64
	look        int64 // the newest in which it was asked for
}

// Look begins a look at all consumers that may read budget messages. Those that no
// look asked for since the one before are forgotten when the Book is full.
func (b *Book) Look(budget int, read Reader) *Look {
	b.look++
	if len(b.entries) > maxConsumers {
		for of, e := range b.entries {
			if e.look < b.look-1 {
				delete(b.entries, of)
			}
		}
	}
	return &Look{book: b, left: budget, budget: budget, read: read}
}

// Look is one look, which shares its budget among those that it counts for.
type Look struct {
	book         *Book
	left, budget int
	read         Reader
}

// Read is how many messages were read so far.
func (l *Look) Read() int { return l.budget - l.left }

// Count counts the messages that a consumer, who is done with all up to done, has
// before it in a category whose last message is at head.
func (l *Look) Count(ctx context.Context, of Consumer, done, head int64) (Count, error) {
	if head <= done {
		delete(l.book.entries, of)
		return Count{}, nil
	}
	e := l.book.entry(of, done, head)
	e.look = l.book.look
	if err := l.pass(ctx, of, e, done); err != nil {
		return Count{}, err
	}
	n, to, err := l.count(ctx, of, e.to, head, l.left)
	if err != nil {
		return Count{}, err
	}
	e.n, e.to = e.n+n, to
	return Count{Messages: e.n, AtLeast: to < head && (head != Unknown || l.left == 0)}, nil
}

// entry returns what is known of a consumer; nothing if it began again, or the
// category did.
func (b *Book) entry(of Consumer, done, head int64) *entry {
	e := b.entries[of]
	if e == nil || done < e.from || e.to > head {
		e = &entry{from: done, to: done}
		if b.entries == nil {
			b.entries = make(map[Consumer]*entry)
		}
		b.entries[of] = e
	}
	return e
}

// pass takes off what the consumer has passed since. Where counting from scratch costs
// less, or half of what is left of the budget is too little, that remains to be done.
func (l *Look) pass(ctx context.Context, of Consumer, e *entry, done int64) error {
	if done == e.from {
		return nil
	}
	if done < e.to && done-e.from <= e.to-done {
		n, to, err := l.count(ctx, of, e.from, done, l.left/2)
		if err != nil {
			return err
		}
		if to == done {
			e.from, e.n = done, max(e.n-n, 0)
			return nil
		}
	}
	e.from, e.to, e.n = done, done, 0
	return nil
}

// count counts the consumer's messages after a position, up to another one or in as
// many messages as the limit says: to is how far it came.
func (l *Look) count(ctx context.Context, of Consumer, after, upTo int64, limit int) (n, to int64, err error) {
	if after >= upTo || limit <= 0 {
		return 0, after, nil
	}
	to = after
	read, err := l.read(ctx, of, after, upTo, limit, func(stream string, position int64) {
		to = position
		if of.Group.Owns(stream) {
			n++
		}
	})
	l.left -= read
	if err != nil {
		return 0, after, fmt.Errorf("count messages of %q after %d: %w", of.Category, after, err)
	}
	if read < limit && upTo != Unknown {
		to = upTo // there was no more
	}
	return n, to, nil
}
