package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

// noHoles reads while others write: what is visible has everything before it
// visible too, in every view of it.
func noHoles(e *env) {
	e.namespace("n")
	writers := load{8, 60, 3}
	var acknowledged atomic.Int64
	var writing, reading errgroup.Group
	done := make(chan struct{})
	e.start(&writing, writers, &acknowledged)
	for reader := range 3 {
		reading.Go(func() error {
			random := rand.New(rand.NewPCG(uint64(reader), 3))
			for {
				select {
				case <-done:
					return nil
				default:
				}
				if err := e.lookForHoles(random, &acknowledged); err != nil {
					return err
				}
			}
		})
	}
	err := writing.Wait()
	close(done)
	if err := errors.Join(err, reading.Wait()); err != nil {
		e.t.Fatal(err)
	}
	e.inOrder(e.everything("n"), writers.total())
}

func (e *env) lookForHoles(random *rand.Rand, acknowledged *atomic.Int64) error {
	// So many are acknowledged; so many are then visible at least.
	atLeast := acknowledged.Load()
	head, err := e.store.Head(e.ctx, "n")
	if err != nil {
		return err
	}
	if head < atLeast {
		return fmt.Errorf("head is %d when %d messages are acknowledged", head, atLeast)
	}
	start := max(1, head-random.Int64N(100))
	messages, err := collect(e.store.ReadCategory(e.ctx, "n", store.CategoryQuery{GlobalPosition: start, Limit: store.NoLimit}))
	if err != nil {
		return err
	}
	for i, m := range messages {
		if m.GlobalPosition != start+int64(i) {
			return fmt.Errorf("#%d is visible, but #%d is not", m.GlobalPosition, start+int64(i))
		}
	}
	if head > 0 && start+int64(len(messages)) <= head {
		return fmt.Errorf("head was %d, but a later read from %d ends after %d messages", head, start, len(messages))
	}
	if len(messages) == 0 {
		return nil
	}
	last := messages[len(messages)-1]
	return e.visibleEverywhere(last)
}

// visibleEverywhere checks that a message which one read has shown is shown
// by all others.
func (e *env) visibleEverywhere(m store.Message) error {
	for kind, seq := range map[string]func() ([]store.Message, error){
		"stream": func() ([]store.Message, error) {
			return collect(e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: m.Stream, Position: m.Position, Limit: 1}))
		},
		"category": func() ([]store.Message, error) {
			return collect(e.store.ReadCategory(e.ctx, "n", store.CategoryQuery{Category: "a", GlobalPosition: m.GlobalPosition, Limit: 1}))
		},
		"backward": func() ([]store.Message, error) {
			return collect(e.store.ReadCategory(e.ctx, "n", store.CategoryQuery{GlobalPosition: m.GlobalPosition, Limit: 1, Backward: true}))
		},
	} {
		got, err := seq()
		if err != nil {
			return err
		}
		if len(got) != 1 || got[0].ID != m.ID {
			return fmt.Errorf("%v is visible, but a %s read gives %v", places([]store.Message{m}), kind, places(got))
		}
	}
	if v, err := e.store.Version(e.ctx, "n", m.Stream); err != nil || v < m.Position {
		return fmt.Errorf("%v is visible, but the version is %d, %w", places([]store.Message{m}), v, err)
	}
	if byID, err := e.store.MessageByID(e.ctx, "n", m.ID); err != nil || byID.GlobalPosition != m.GlobalPosition {
		return fmt.Errorf("%v is visible, but not by its id: #%d, %w", places([]store.Message{m}), byID.GlobalPosition, err)
	}
	return nil
}

// countsKeepUp checks that lists and counts never lag behind what is acknowledged.
func countsKeepUp(e *env) {
	e.namespace("n")
	writers := load{6, 50, 2}
	var acknowledged atomic.Int64
	var g errgroup.Group
	e.start(&g, writers, &acknowledged)
	total := int64(writers.total())
	for {
		atLeast := acknowledged.Load()
		ns, err := e.store.Namespace(e.ctx, "n")
		if err != nil {
			e.t.Fatal(err)
		}
		categories, err := e.store.Categories(e.ctx, "n")
		if err != nil {
			e.t.Fatal(err)
		}
		streams, err := e.store.Streams(e.ctx, "n", store.StreamsQuery{Limit: 1000})
		if err != nil {
			e.t.Fatal(err)
		}
		inStreams := int64(0)
		for _, s := range streams {
			inStreams += s.Version + 1
		}
		if ns.MessageCount < atLeast || inStreams < atLeast || atLeast > 0 && (len(categories) != 1 || categories[0].MessageCount < atLeast) {
			e.t.Fatalf("%d messages are acknowledged, the namespace counts %d, its streams %d, its categories %v",
				atLeast, ns.MessageCount, inStreams, showCategories(categories))
		}
		if atLeast == total {
			break
		}
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
}

// shortPages has consumers read on by pages while others write. A page that is
// not full moves the consumer's cursor to the head that was read before it: what
// comes later must lie above.
func shortPages(e *env) {
	const limit = 7
	e.namespace("n")
	writers := load{6, 60, 3}
	var acknowledged atomic.Int64
	var g errgroup.Group
	e.start(&g, writers, &acknowledged)
	for _, q := range []store.CategoryQuery{
		{Limit: limit}, {Category: "a", Limit: limit}, {Category: "a", Limit: limit, Group: store.Group{Member: 1, Size: 3}},
	} {
		want := writers.count(func(stream string) bool { return q.Group.Owns(stream) })
		g.Go(func() error {
			seen := newOrder(q.Group.IsZero())
			cursor := int64(0)
			for got := 0; got < want; {
				head, err := e.store.Head(e.ctx, "n")
				if err != nil {
					return err
				}
				q.GlobalPosition = cursor + 1
				page, err := collect(e.store.ReadCategory(e.ctx, "n", q))
				if err != nil {
					return err
				}
				for _, m := range page {
					if err := seen.check([]store.Announcement{{Stream: m.Stream, Position: m.Position, GlobalPosition: m.GlobalPosition}}); err != nil {
						return fmt.Errorf("pages of %+v: %w", q, err)
					}
					cursor = m.GlobalPosition
				}
				got += len(page)
				if len(page) < limit {
					cursor = max(cursor, head)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
}
