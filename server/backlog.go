package server

import (
	"context"

	"github.com/evtui/evtui/internal/backlog"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// How many messages one call may read to count what is before consumers: up to 0.2 s
// on a busy machine. A guest in somebody else's database reads less.
const (
	countedAtOnce  = 200_000
	countedAsGuest = 10_000
)

// backlogs counts how many messages are before consumers. One call counts at a time.
type backlogs struct {
	store store.Store
	turn  chan struct{} // of capacity 1: whoever has put something in may use book
	book  backlog.Book
}

// count fills in the messages of the rows whose lag is known.
func (b *backlogs) count(ctx context.Context, rows []wire.GroupMember) error {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-b.turn }()
	budget := countedAtOnce
	if d := b.store.Describe(); d.Shared && d.ReadOnly {
		budget = countedAsGuest
	}
	look := b.book.Look(budget, b.read)
	for i := range rows {
		row := &rows[i]
		if row.Lag == nil || row.Head == nil || row.Once {
			continue
		}
		done := *row.Head - *row.Lag
		n, err := look.Count(ctx, consumerOf(row), done, *row.Head)
		if err != nil {
			return err
		}
		row.Messages, row.AtLeast = &n.Messages, n.AtLeast
	}
	return nil
}

func consumerOf(row *wire.GroupMember) backlog.Consumer {
	of := backlog.Consumer{
		Namespace: row.Namespace, Category: row.Category, Correlation: row.Correlation,
		Group: store.Group{Member: row.Member, Size: row.Size}, Name: row.Consumer,
	}
	if row.Via == wire.ViaPosition {
		_, of.Group.Member, of.Group.Size = wire.SplitMember(row.Consumer)
	}
	return of
}

// read is the [backlog.Reader] of a store.
func (b *backlogs) read(ctx context.Context, of backlog.Consumer, after, upTo int64, limit int, yield func(string, int64)) (read int, err error) {
	q := store.CategoryQuery{Category: of.Category, GlobalPosition: after + 1, Limit: limit, Correlation: of.Correlation}
	for m, err := range b.store.ReadCategory(ctx, of.Namespace, q) {
		if err != nil {
			return read, err
		}
		if m.GlobalPosition > upTo {
			break
		}
		read++
		yield(m.Stream, m.GlobalPosition)
	}
	return read, nil
}
