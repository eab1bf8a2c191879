package lag

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/backlog"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Watch follows the consumers of one namespace. The zero Watch has seen nobody. It may
// be used by several goroutines; looks wait for each other.
type Watch struct {
	turn      sync.Mutex // held for a look; guards what follows
	book      backlog.Book
	positions map[string]recorded // by stream

	mu     sync.Mutex // guards what follows; never held while the server is asked
	tracks map[ID]*track
}

// Look is all consumers of a namespace at a moment.
type Look struct {
	Consumers []Consumer // the worst first
	Why       string     // why only recorded positions are here; "": all that the server saw is here, too
	Read      int        // messages that this client read to count
	More      bool       // there are more consumers than are told of
}

// budget is how many messages a look may read over the network to count them, where
// the server does not.
const budget = 5000

// maxRecorded is how many position streams are looked at.
const maxRecorded = 1000

// Look asks who consumes the client's namespace, and takes a step of the trends; now is
// the time that they go by. category restricts it to one; "" is all.
func (w *Watch) Look(ctx context.Context, c *client.Client, category string, now time.Time) (Look, error) {
	w.turn.Lock()
	defer w.turn.Unlock()
	list, err := c.In("").GroupMembers(ctx, client.GroupsQuery{Namespace: c.Namespace(), Category: category, Recorded: true, Messages: true})
	var look Look
	switch {
	case client.NotOffered(err):
		look.Why = "this server does not observe who reads"
	case client.Unauthorized(err):
		look.Why = "who reads is told to the admin token only"
	case err != nil:
		return look, err
	}
	if look.Why != "" {
		if list, look.More, err = w.recorded(ctx, c, category); err != nil {
			return look, err
		}
	}
	if look.Read, err = w.count(ctx, c, list); err != nil {
		return look, err
	}
	look.Consumers = w.follow(now, list)
	return look, nil
}

// follow makes consumers of the rows, and takes everyone a step further. Those that
// are gone are forgotten.
func (w *Watch) follow(now time.Time, list []wire.GroupMember) []Consumer {
	w.mu.Lock()
	defer w.mu.Unlock()
	all, kept := make([]Consumer, 0, len(list)), make(map[ID]*track, min(len(list), trackMost))
	for i := range list {
		c := Consumer{GroupMember: list[i]}
		if c.Recorded() {
			c.Name, c.Member, c.Size = wire.SplitMember(c.Consumer)
		}
		if id := c.ID(); len(kept) < trackMost {
			t := w.tracks[id]
			if t == nil {
				t = new(track)
			}
			kept[id] = t
			p := Point{At: now, Position: c.Position}
			if !c.AtLeast {
				p.Messages = c.Messages
			}
			t.add(p)
			c.Trend, c.Trended = t.trend()
			c.Kept = t.kept()
		}
		all = append(all, c)
	}
	w.tracks = kept
	slices.SortFunc(all, func(a, b Consumer) int { return Compare(&a, &b) })
	return all
}

// At is where a consumer stood at a time, if a look was taken not longer than most
// before it.
func (w *Watch) At(id ID, at time.Time, most time.Duration) (p Point, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t := w.tracks[id]; t != nil {
		return t.at(at, most)
	}
	return p, false
}

// count counts the messages before those for whom the server did not.
func (w *Watch) count(ctx context.Context, c *client.Client, list []wire.GroupMember) (read int, err error) {
	look := w.book.Look(budget, func(ctx context.Context, of backlog.Consumer, after, upTo int64, limit int, yield func(string, int64)) (int, error) {
		return readCategory(ctx, c, of, after, upTo, limit, yield)
	})
	for i := range list {
		m := &list[i]
		if m.Messages != nil || m.Position == nil || m.Once {
			continue
		}
		done, head := max(*m.Position-1, 0), backlog.Unknown
		if m.Head != nil {
			head = *m.Head
			if m.Lag != nil {
				done = head - *m.Lag
			}
		}
		of := backlog.Consumer{Category: m.Category, Correlation: m.Correlation, Group: store.Group{Member: m.Member, Size: m.Size}, Name: m.Consumer}
		if m.Via == wire.ViaPosition {
			_, of.Group.Member, of.Group.Size = wire.SplitMember(m.Consumer)
		}
		n, err := look.Count(ctx, of, done, head)
		if err != nil {
			return look.Read(), err
		}
		m.Messages, m.AtLeast = &n.Messages, n.AtLeast
	}
	return look.Read(), nil
}

// readCategory is the [backlog.Reader] of a client.
func readCategory(ctx context.Context, c *client.Client, of backlog.Consumer, after, upTo int64, limit int, yield func(string, int64)) (read int, err error) {
	for read < limit {
		q := client.CategoryQuery{Category: of.Category, GlobalPosition: after + 1, Limit: min(limit-read, client.DefaultLimit), Correlation: of.Correlation}
		page, err := c.ReadCategory(ctx, q)
		if err != nil {
			return read, err
		}
		for i := range page {
			if page[i].GlobalPosition > upTo {
				return read, nil
			}
			read++
			after = page[i].GlobalPosition
			yield(page[i].Stream, after)
		}
		if len(page) < q.Limit {
			return read, nil
		}
	}
	return read, nil
}
