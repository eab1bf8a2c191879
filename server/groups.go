package server

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

const (
	// maxUnheard is the largest group whose members that were never heard of
	// are listed one by one.
	maxUnheard = 256
	// maxGroupRows ends the listing of members that were never heard of.
	maxGroupRows = 10_000
	// maxPositions is how many position streams of a category are read.
	maxPositions = streamsAPage
)

// engineGroups: ["engine.groups", {namespace, category, recorded, messages}]: what is
// known of the members of consumer groups. With a namespace and a category, the
// category's position streams are read as well; with a namespace and recorded, those of
// all its categories. With messages, it is counted how many are before each.
func (c *call) engineGroups() error {
	var namespace, category string
	var named, recorded, messages bool
	err := c.options(
		option{name: "namespace", to: &namespace, check: store.CheckNamespaceID},
		option{name: "category", to: &category, given: &named, check: store.CheckCategory},
		option{name: "recorded", to: &recorded},
		option{name: "messages", to: &messages},
	)
	if err != nil {
		return err
	}
	g := newGroupList(c.s, namespace != "")
	if namespace != "" && g.heads.in(c.ctx, namespace, true).gone {
		return store.ErrNamespaceNotFound
	}
	rows := g.observed(c.ctx, c.s.observed.list(namespace, category, !named, g.connected))
	if namespace != "" && (category != "" || recorded) {
		if rows, err = g.recorded(c.ctx, rows, namespace, category); err != nil {
			return err
		}
	}
	if messages {
		if err := c.s.backlogs.count(c.ctx, rows); err != nil {
			return err
		}
	}
	return c.reply.value(rows)
}

// groupList makes the rows of engine.groups.
type groupList struct {
	s         *Server
	now       time.Time
	heads     *heads
	open      bool // a namespace that is closed may be opened
	connected map[member][]*subscription
}

func newGroupList(s *Server, open bool) *groupList {
	g := &groupList{s: s, now: time.Now(), heads: newHeads(s.cfg.Store), open: open, connected: make(map[member][]*subscription)}
	for _, sub := range s.subs.list("") {
		if who, known := sub.member(); known {
			g.connected[who] = append(g.connected[who], sub)
		}
	}
	return g
}

// observed returns the members that were heard of, and between them those of
// the same groups that were not, by namespace, category, correlation, size and
// member; never nil.
func (g *groupList) observed(ctx context.Context, seen []sighting) []wire.GroupMember {
	slices.SortFunc(seen, func(a, b sighting) int { return compareMembers(a.member, b.member) })
	rows := []wire.GroupMember{}
	for len(seen) > 0 {
		end := slices.IndexFunc(seen, func(s sighting) bool { return !sameGroup(s.member, seen[0].member) })
		if end < 0 {
			end = len(seen)
		}
		rows = g.group(ctx, rows, seen[:end])
		seen = seen[end:]
	}
	return rows
}

// group appends the members of one group. Who was heard of once makes no group: then
// nobody is missing.
func (g *groupList) group(ctx context.Context, rows []wire.GroupMember, seen []sighting) []wire.GroupMember {
	n := g.heads.in(ctx, seen[0].namespace, g.open)
	if n.gone {
		return rows
	}
	consumes := slices.ContainsFunc(seen, func(s sighting) bool { return !s.once() || len(g.connected[s.member]) > 0 })
	next := 0
	for i := range seen {
		s := &seen[i]
		if consumes {
			rows = unheard(rows, s.member, next, s.group.Member, n)
		}
		next = s.group.Member + 1
		rows = append(rows, g.row(s, g.connected[s.member], n))
	}
	if consumes {
		rows = unheard(rows, seen[0].member, next, seen[0].group.Size, n)
	}
	return rows
}

// unheard appends the members from first to before end, of whom nothing is
// known but that there must be such.
func unheard(rows []wire.GroupMember, of member, first, end int, n *namespaceHeads) []wire.GroupMember {
	if of.group.Size > maxUnheard {
		return rows
	}
	for ; first < end && len(rows) < maxGroupRows; first++ {
		of.group.Member = first
		rows = append(rows, blankRow(of, n))
	}
	return rows
}

func blankRow(who member, n *namespaceHeads) wire.GroupMember {
	row := wire.GroupMember{
		Namespace: who.namespace, Category: who.category, Correlation: who.correlation,
		Size: who.group.Size, Member: who.group.Member,
	}
	if head, known := n.of(who.category); known {
		row.Head = &head
	}
	return row
}

// row tells of a member that was heard of.
func (g *groupList) row(s *sighting, subs []*subscription, n *namespaceHeads) wire.GroupMember {
	row := blankRow(s.member, n)
	position, at, waits := s.position, s.at, false
	for _, sub := range subs {
		at = g.now // it is there
		if !s.read {
			position = max(position, sub.next())
		}
		// What it announced last is behind the member, and nothing came since.
		waits = waits || sub.hasWaited(g.now) && sub.cursor.Load() <= max(position-1, s.done)
	}
	row.Via, row.Calls, row.From, row.Connected = wire.ViaSubscription, s.calls, s.from, len(subs)
	row.Once = s.once() && len(subs) == 0
	if s.read {
		row.Via = wire.ViaRead
	}
	row.Position = &position
	if s.given > 0 {
		row.Given = &s.given
	}
	g.heard(&row, at)
	row.Lag = lag(row.Head, max(position-1, s.done), waits)
	return row
}

// heard says when a member was heard of last.
func (g *groupList) heard(row *wire.GroupMember, at time.Time) {
	heard, silent := at.UTC(), max(int64(g.now.Sub(at)), 0)
	row.LastHeard, row.SilentFor = &heard, &silent
}

// lag returns how far a head is beyond what is done; nil when it is not known.
func lag(head *int64, done int64, waits bool) *int64 {
	n := int64(0)
	if !waits {
		if head == nil {
			return nil
		}
		n = max(*head-max(done, 0), 0)
	}
	return &n
}

func compareMembers(a, b member) int {
	return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.category, b.category), cmp.Compare(a.correlation, b.correlation),
		cmp.Compare(a.group.Size, b.group.Size), cmp.Compare(a.group.Member, b.group.Member))
}

func sameGroup(a, b member) bool {
	a.group.Member = b.group.Member
	return a == b
}

// recorded appends what consumers recorded themselves: the position streams of a
// category, or of all of them when it is "", by the convention of Eventide's consumers.
func (g *groupList) recorded(ctx context.Context, rows []wire.GroupMember, namespace, category string) ([]wire.GroupMember, error) {
	n := g.heads.in(ctx, namespace, true)
	of := []string{wire.BesideCategory(category, wire.PositionKind)}
	if category == "" {
		of = slices.Sorted(maps.Keys(n.categories))
	}
	left := maxPositions
	for _, kind := range of {
		category, ok := wire.CategoryBeside(kind, wire.PositionKind)
		if !ok || left == 0 {
			continue
		}
		streams, err := g.s.cfg.Store.Streams(ctx, namespace, store.StreamsQuery{Category: kind, Limit: left})
		if err != nil {
			return nil, err
		}
		for _, stream := range streams {
			at, err := g.s.recordedIn(ctx, namespace, stream)
			if err != nil {
				return nil, err
			}
			if !at.none { // else it is somebody else's stream
				rows = append(rows, g.recordedRow(namespace, category, stream.Name, at, n))
			}
		}
		left -= len(streams)
	}
	return rows, nil
}

func (g *groupList) recordedRow(namespace, category, stream string, at recordedAt, n *namespaceHeads) wire.GroupMember {
	row := blankRow(member{namespace: namespace, category: category}, n)
	_, row.Consumer, _ = strings.Cut(stream, "-")
	row.Via = wire.ViaPosition
	g.heard(&row, at.time)
	if done := at.done; done != nil {
		next := *done + 1
		row.Position, row.Given, row.Lag = &next, done, lag(row.Head, *done, false)
	}
	return row
}

type streamID struct{ namespace, stream string }

// recordedAt is what a position stream said when it had the version.
type recordedAt struct {
	version int64
	seen    time.Time // time of the stream's last message, which tells it from another stream of the name
	time    time.Time
	done    *int64 // the last message that was handled; nil: it does not say
	none    bool   // no message of the stream records a position
}

// recordedIn returns what a position stream says. That is remembered as long as nothing is
// written to it: there may be hundreds, and somebody looks at them every other second.
func (s *Server) recordedIn(ctx context.Context, namespace string, stream store.Stream) (recordedAt, error) {
	id := streamID{namespace, stream.Name}
	at, known := s.positions.of(id)
	if known && at.version == stream.Version && at.seen.Equal(stream.LastActivity) {
		return at, nil
	}
	at = recordedAt{version: stream.Version, seen: stream.LastActivity}
	m, err := s.cfg.Store.LastMessage(ctx, namespace, stream.Name, wire.RecordedType)
	switch {
	case errors.Is(err, store.ErrMessageNotFound):
		at.none = true
	case err != nil:
		return at, err
	default:
		at.time, at.done = m.Time, wire.RecordedPosition(m.Data)
	}
	s.positions.keep(id, at, maxSightings)
	return at, nil
}
