package tui

import (
	"context"
	"maps"
	"strconv"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// cause is what a message's metadata names as its cause.
type cause struct {
	stream   string
	position int64
	global   int64 // 0: not named
}

// causeOf reads a message's cause; the zero cause for none.
func causeOf(m *store.Message) cause {
	c := cause{stream: metaText(m, metaCauseStream)}
	var err error
	if c.position, err = strconv.ParseInt(metaText(m, metaCausePosition), 10, 64); err != nil {
		c.stream = "" // a stream alone does not say which message
	}
	c.global, _ = strconv.ParseInt(metaText(m, metaCauseGlobal), 10, 64) // 0 when it is not named
	return c
}

// isZero reports whether no cause is named.
func (c cause) isZero() bool { return c.stream == "" && c.global <= 0 }

// read returns the message that is the cause; ok is false when it is not there.
func (c cause) read(ctx context.Context, from *client.Client) (m store.Message, ok bool, err error) {
	var list []store.Message
	if c.stream != "" {
		list, err = from.ReadStream(ctx, store.StreamQuery{Stream: c.stream, Position: c.position, Limit: 1})
		ok = err == nil && len(list) == 1 && list[0].Position == c.position
	} else {
		list, err = from.ReadCategory(ctx, store.CategoryQuery{GlobalPosition: c.global, Limit: 1})
		ok = err == nil && len(list) == 1 && list[0].GlobalPosition == c.global
	}
	if !ok {
		return m, false, err
	}
	return list[0], true, nil
}

// lanesBegun answers the first question: where to begin, and the causes.
type lanesBegun struct {
	from   int64
	causes []*store.Message
}

// lanesRead answers the others.
type lanesRead struct {
	found  []*store.Message
	looked int64
	next   int64
	last   bool
}

// begin asks for the causes of the message, back to the first.
func (l *lanes) begin(t *page.Turn) {
	l.asking = true
	m, process := l.opened, l.process
	t.Ask(l.gen, func(ctx context.Context, c *client.Client) (any, error) {
		r := lanesBegun{from: m.GlobalPosition}
		for at := m; len(r.causes) < lanesBack; {
			named := causeOf(at)
			if named.isZero() {
				break
			}
			found, ok, err := named.read(ctx, c)
			if err != nil {
				return nil, err
			}
			if !ok || found.GlobalPosition >= at.GlobalPosition {
				break // the cause is gone, or comes after its effect
			}
			at = &found
			r.causes = append(r.causes, at)
			r.from = at.GlobalPosition
		}
		own, err := c.ReadStream(ctx, store.StreamQuery{Stream: process, Limit: 1})
		// The beginning of a stream that lives long has nothing to do with it.
		if err == nil && len(own) == 1 && r.from-own[0].GlobalPosition <= lanesReach/2 {
			r.from = min(r.from, own[0].GlobalPosition)
		}
		return r, err
	})
}

// read looks at the messages that come next.
func (l *lanes) read(t *page.Turn) {
	if l.asking || l.done || l.full() || l.looked >= l.reach {
		return
	}
	l.asking = true
	member := make(map[int64]bool, len(l.places))
	for global := range maps.Keys(l.places) {
		member[global] = true
	}
	s := laneScan{process: l.process, member: member, next: l.next, room: lanesMost - len(l.rows)}
	for _, r := range l.rows {
		s.streams = append(s.streams, place{r.m.Stream, r.m.Position})
	}
	t.Ask(l.gen, func(ctx context.Context, c *client.Client) (any, error) { return s.run(ctx, c) })
}

// place is where a message stands in its stream.
type place struct {
	stream   string
	position int64
}

// laneScan goes through the log for what belongs to a process.
type laneScan struct {
	process string
	member  map[int64]bool // what belongs to it, by global position
	streams []place        // the same, by place
	next    int64
	room    int // for that many more
}

func (s laneScan) run(ctx context.Context, c *client.Client) (any, error) {
	at := make(map[place]bool, len(s.streams))
	for _, p := range s.streams {
		at[p] = true
	}
	r := lanesRead{next: s.next}
	for r.looked < lanesStep && !r.last && s.room > len(r.found) {
		list, err := c.ReadCategory(ctx, store.CategoryQuery{GlobalPosition: r.next, Limit: kit.ExportPage})
		if err != nil {
			return nil, err
		}
		r.last = len(list) < kit.ExportPage
		for i := range list {
			m := &list[i]
			r.looked++
			r.next = m.GlobalPosition + 1
			if !s.belongs(m, at) {
				continue
			}
			kept := m.Clone() // one of a thousand: it must not keep them all
			r.found = append(r.found, &kept)
			s.member[m.GlobalPosition] = true
			at[place{kept.Stream, kept.Position}] = true
			if len(r.found) >= s.room {
				break
			}
		}
	}
	return r, nil
}

func (s laneScan) belongs(m *store.Message, at map[place]bool) bool {
	if m.Stream == s.process || s.member[m.GlobalPosition] {
		return true
	}
	if len(m.Metadata) == 0 {
		return false
	}
	if correlationOf(m) == s.process {
		return true
	}
	c := causeOf(m)
	return c.global > 0 && s.member[c.global] || c.stream != "" && at[place{c.stream, c.position}]
}

// replied takes an answer, and reports whether it was for the lanes.
func (l *lanes) replied(t *page.Turn, msg page.Reply) bool {
	if msg.Gen != l.gen {
		return false
	}
	l.asking = false
	switch v := msg.Value.(type) {
	case lanesBegun:
		l.from, l.next = v.from, v.from
		for i := len(v.causes) - 1; i >= 0; i-- {
			l.places[v.causes[i].GlobalPosition] = -1
		}
		l.places[l.opened.GlobalPosition] = -1
		l.read(t)
	case lanesRead:
		l.looked += v.looked
		l.next, l.done = v.next, v.last
		fresh := len(l.rows)
		for _, m := range v.found {
			if i, known := l.places[m.GlobalPosition]; known && i < 0 {
				delete(l.places, m.GlobalPosition) // expected, and here it is
			}
		}
		l.take(v.found)
		if i, here := l.places[l.opened.GlobalPosition]; here && i >= fresh {
			l.grid.SetCursor(i)
		}
		l.read(t)
	}
	if msg.Err != nil && !client.Unreachable(msg.Err) {
		l.fault = msg.Err.Error()
	}
	return true
}
