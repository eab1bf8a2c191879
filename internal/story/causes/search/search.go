package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// What one step looks at, at most.
const (
	stepTime  = 250 * time.Millisecond
	stepBytes = 4 << 20
	stepRows  = 1_000
)

// Query is what is looked for.
type Query struct {
	Links   causes.Links
	Message store.Message // what it is about; shared, not changed
	Until   int64         // nothing is looked at from this global position on; 0: all
	Limit   int           // messages of the tree at most; 0: causes.MaxNodes
}

// Search is a look for the causes and the effects of one message.
type Search struct {
	q    Query
	tree *causes.Tree
	next int64 // where looking for effects goes on; 0: it did not begin
	end  bool  // there was nothing more when it looked last
	head int64 // the last message of the namespace as of the last step; 0: not known
	cost client.ScanCost
	reup bool // looking for causes had to look through messages
	rows int  // matches that a page of the next step holds, while the filter is of few messages
}

// New returns a search, of which nothing is done yet.
func New(q Query) *Search { return &Search{q: q} }

// Sight is what a search has found so far.
type Sight struct {
	Nodes   []causes.Node // causes before effects
	Rows    []causes.Row
	Origin  int                   // the node of the message that was asked about
	Slow    map[int]bool          // nodes on the slowest way
	SlowHop int                   // the one of them that came longest after its cause; -1: none stands out
	Hops    map[int]time.Duration // by node, where there is a cause
	Shared  []causes.Shared
	Begun   bool            // effects were looked for
	End     bool            // up to the end of the log, or of what may be looked at
	Full    bool            // there are more than Limit
	Limit   int             // messages at most
	Looked  client.ScanCost // looked through for effects
	Ahead   int64           // messages that lie ahead at most; -1: not known
	Through bool            // a cause was not to be had by an index
}

// Sight copies what there is.
func (s *Search) Sight() Sight {
	v := Sight{Ahead: -1, SlowHop: -1, Begun: s.next > 0, End: s.end, Looked: s.cost, Through: s.reup}
	if s.tree == nil {
		return v
	}
	v.Nodes = append([]causes.Node(nil), s.tree.Nodes()...)
	v.Rows, v.Origin, v.Slow, v.Shared = s.tree.Rows(), s.tree.Origin(), s.tree.Slowest(), s.tree.Shared()
	v.SlowHop = s.tree.SlowestHop()
	v.Full, v.Limit = s.tree.Full()
	v.Hops = make(map[int]time.Duration, len(v.Nodes))
	for i := range v.Nodes {
		if d, ok := s.tree.Hop(i); ok {
			v.Hops[i] = d
		}
	}
	if s.head > 0 {
		last := s.head
		if s.q.Until > 0 {
			last = min(last, s.q.Until-1)
		}
		v.Ahead = max(last-max(s.next, s.tree.Since())+1, 0)
	}
	if s.end {
		v.Ahead = 0
	}
	return v
}

// Up follows the causes back to the first, and asks how much lies after the
// message. It changes nothing when it fails.
func (s *Search) Up(ctx context.Context, c *client.Client) error {
	u := up{q: s.q}
	above, fault, err := u.run(ctx, c)
	if err != nil {
		return err
	}
	head, err := c.Head(ctx)
	if err != nil && !client.NotOffered(err) {
		return err
	}
	s.tree, s.head, s.reup = causes.NewTree(s.q.Links, &s.q.Message, above, fault, s.q.Limit), head, u.through
	return nil
}

// Down looks for effects in the messages that come next. At the end of the log it
// looks at what came since.
func (s *Search) Down(ctx context.Context, c *client.Client) error {
	if full, _ := s.tree.Full(); full {
		return nil
	}
	began := time.Now()
	for first := true; first || !s.end && time.Since(began) < stepTime; first = false {
		if err := s.step(ctx, c, stepTime-time.Since(began)); err != nil {
			return err
		}
		if full, _ := s.tree.Full(); full {
			break
		}
	}
	head, err := c.Head(ctx)
	if err == nil {
		s.head = head
	} else if !client.NotOffered(err) {
		return err
	}
	return nil
}

// step looks at a page.
func (s *Search) step(ctx context.Context, c *client.Client, left time.Duration) error {
	line, few := s.tree.Filter()
	if !few {
		line = s.q.Links.Anything()
	}
	if s.next == 0 {
		s.next = s.tree.Since()
	}
	if s.over(s.next) {
		s.end = true
		return nil
	}
	// What is found changes a filter of few messages: what a page holds behind it is
	// looked at again. So the page ends there, unless the last ones were for nothing.
	s.rows = min(max(s.rows*2, 1), stepRows)
	if !few {
		s.rows = stepRows
	}
	q := client.ScanQuery{Filter: line, From: s.next, Limit: s.rows, Ordinals: true, MaxTime: max(left, stepTime/10), MaxBytes: stepBytes}
	p, err := c.ScanPage(ctx, q)
	if err != nil {
		return fmt.Errorf("look for effects from global position %d on: %w", s.next, err)
	}
	for i := range p.Messages {
		m := &p.Messages[i]
		if s.over(m.GlobalPosition) {
			break
		}
		if s.tree.Grow(m) && few {
			// The filter knew nothing of this one: what it caused may lie right behind it.
			p.Next, p.Complete, s.rows = m.GlobalPosition+1, false, 0
			p.Read.Messages = p.Ordinals[i] + 1
			break
		}
	}
	s.cost = s.cost.Add(p.Read)
	s.next, s.end = max(p.Next, s.next), p.Complete || s.over(p.Next)
	return nil
}

func (s *Search) over(global int64) bool { return s.q.Until > 0 && global >= s.q.Until }

// Find returns the message that a user names. Where it is not there the error is
// [store.ErrMessageNotFound].
func Find(ctx context.Context, c *client.Client, ref causes.Ref) (store.Message, error) {
	m, ok, err := LookUp(ctx, c, ref)
	if err == nil && !ok {
		err = fmt.Errorf("%s: %w", ref, store.ErrMessageNotFound)
	}
	return m, err
}

// LookUp returns the message that a reference names, by an index; ok is false
// where there is none.
func LookUp(ctx context.Context, c *client.Client, ref causes.Ref) (m store.Message, ok bool, err error) {
	var list []store.Message
	switch ref.Way {
	case causes.ByPlace:
		if store.CheckStreamName(ref.Name) != nil {
			return m, false, nil //nolint:nilerr // no message is there, whatever the metadata says
		}
		list, err = c.ReadStream(ctx, client.StreamQuery{Stream: ref.Name, Position: ref.Position, Limit: 1})
		ok = err == nil && len(list) == 1 && list[0].Position == ref.Position
	case causes.ByGlobal:
		list, err = c.ReadCategory(ctx, client.CategoryQuery{GlobalPosition: ref.Position, Limit: 1})
		ok = err == nil && len(list) == 1 && list[0].GlobalPosition == ref.Position
	case causes.ByID:
		id, bad := store.ParseID(ref.Name)
		if bad != nil {
			return m, false, nil //nolint:nilerr // what is no id is no message's
		}
		if m, err = c.MessageByID(ctx, id); errors.Is(err, store.ErrMessageNotFound) {
			return m, false, nil
		}
		return m, err == nil, err
	}
	if ok {
		m = list[0]
	}
	return m, ok, err
}
