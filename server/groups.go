package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
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

// engineGroups: ["engine.groups", {namespace, category}]: what is known of the
// members of consumer groups. With both, the category's position streams are
// read as well.
func (c *call) engineGroups() error {
	var namespace, category string
	named := false
	err := c.options(func(name []byte) error {
		switch string(name) {
		case "namespace":
			return c.str("namespace", &namespace)
		case "category":
			named = c.args.Kind() != rawjson.Null
			return c.str("category", &category)
		}
		return c.args.Skip()
	})
	if err == nil && namespace != "" {
		err = store.CheckNamespaceID(namespace)
	}
	if err == nil && category != "" {
		err = store.CheckCategory(category)
	}
	if err != nil {
		return err
	}
	g := &groupList{s: c.s, now: time.Now(), heads: newHeads(c.s.cfg.Store), open: namespace != ""}
	if namespace != "" && g.heads.in(c.ctx, namespace, true).gone {
		return store.ErrNamespaceNotFound
	}
	rows := g.observed(c.ctx, c.s.observed.list(namespace, category, !named))
	if namespace != "" && category != "" {
		recorded, err := g.recorded(c.ctx, namespace, category)
		if err != nil {
			return err
		}
		rows = append(rows, recorded...)
	}
	return c.reply.value(rows)
}

// groupList makes the rows of engine.groups.
type groupList struct {
	s     *Server
	now   time.Time
	heads *heads
	open  bool // a namespace that is closed may be opened
}

// observed returns the members that were heard of, and between them those of
// the same groups that were not, by namespace, category, correlation, size and
// member; never nil.
func (g *groupList) observed(ctx context.Context, seen []sighting) []wire.GroupMember {
	slices.SortFunc(seen, func(a, b sighting) int { return compareMembers(a.member, b.member) })
	connected := g.connected()
	rows := []wire.GroupMember{}
	for i := range seen {
		s := &seen[i]
		n := g.heads.in(ctx, s.namespace, g.open)
		if n.gone {
			continue
		}
		first := 0
		if i > 0 && sameGroup(seen[i-1].member, s.member) {
			first = seen[i-1].group.Member + 1
		}
		rows = unheard(rows, s.member, first, s.group.Member, n)
		rows = append(rows, g.row(s, connected[s.member], n))
		if i == len(seen)-1 || !sameGroup(seen[i+1].member, s.member) {
			rows = unheard(rows, s.member, s.group.Member+1, s.group.Size, n)
		}
	}
	return rows
}

// connected returns the open subscriptions by member.
func (g *groupList) connected() map[member][]*subscription {
	by := make(map[member][]*subscription)
	for _, sub := range g.s.subs.list("") {
		if who, known := sub.member(); known {
			by[who] = append(by[who], sub)
		}
	}
	return by
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

// recorded returns what consumers recorded themselves: the position streams of
// a category, by the convention of Eventide's consumers.
func (g *groupList) recorded(ctx context.Context, namespace, category string) ([]wire.GroupMember, error) {
	// A category that has a type already gets another: account:command+position.
	of := category + ":position"
	if strings.Contains(category, ":") {
		of = category + "+position"
	}
	streams, err := g.s.cfg.Store.Streams(ctx, namespace, store.StreamsQuery{Category: of, Limit: maxPositions})
	if err != nil {
		return nil, err
	}
	n := g.heads.in(ctx, namespace, true)
	var rows []wire.GroupMember
	for _, stream := range streams {
		m, err := g.s.cfg.Store.LastMessage(ctx, namespace, stream.Name, "Recorded")
		if errors.Is(err, store.ErrMessageNotFound) {
			continue // somebody else's stream
		}
		if err != nil {
			return nil, err
		}
		row := blankRow(member{namespace: namespace, category: category}, n)
		_, row.Consumer, _ = strings.Cut(stream.Name, "-")
		row.Via = wire.ViaPosition
		g.heard(&row, m.Time)
		if done, known := recordedPosition(m.Data); known {
			next := done + 1
			row.Position, row.Given, row.Lag = &next, &done, lag(row.Head, done, false)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// recordedPosition reads {"position":n}: the last message that was handled.
func recordedPosition(data []byte) (position int64, known bool) {
	var recorded struct {
		Position *int64 `json:"position"`
	}
	if json.Unmarshal(data, &recorded) != nil || recorded.Position == nil {
		return 0, false
	}
	return *recorded.Position, true
}
