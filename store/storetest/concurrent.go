package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/history"
)

func concurrentCases() []testCase {
	return []testCase{
		{"OneWinner", oneWinner},
		{"OptimisticLoops", optimisticLoops},
		{"GaplessAndRising", gaplessAndRising},
		{"NoHoles", noHoles},
		{"ShortPages", shortPages},
		{"CountsKeepUp", countsKeepUp},
		{"Linearizable", linearizable},
	}
}

// oneWinner lets many append with the same expected version, again and again.
func oneWinner(e *env) {
	const rounds, callers = 30, 16
	e.namespace("n")
	for round := range int64(rounds) {
		var won atomic.Int64
		var g errgroup.Group
		start := make(chan struct{})
		for caller := range callers {
			g.Go(func() error {
				<-start
				note := fmt.Sprintf("round %d caller %d", round, caller)
				answer, err := e.store.Append(e.ctx, "n", store.Write{
					Stream: "a-1", Events: []store.Event{event(note)}, ExpectedVersion: round - 1,
				})
				var conflict *store.ConflictError
				switch {
				case err == nil && answer.FirstPosition == round:
					won.Add(1)
					return e.holds(store.Announcement{Stream: "a-1", Position: round, GlobalPosition: round + 1}, note)
				case err == nil:
					return fmt.Errorf("won with %s, want position %d", showAppended(answer), round)
				case errors.As(err, &conflict):
					if conflict.Expected != round-1 || conflict.Actual != round {
						return fmt.Errorf("conflict: %w, want actual %d", err, round)
					}
					return nil
				}
				return err
			})
		}
		close(start)
		if err := g.Wait(); err != nil {
			e.t.Fatalf("round %d: %v", round, err)
		}
		if won.Load() != 1 {
			e.t.Fatalf("round %d: %d callers won, want 1", round, won.Load())
		}
	}
	if n := len(e.everything("n")); n != rounds {
		e.t.Errorf("%d messages are stored, want %d", n, rounds)
	}
}

// holds checks that a place holds the event with the note.
func (e *env) holds(at store.Announcement, note string) error {
	messages, err := collect(e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: at.Stream, Position: at.Position, Limit: 1}))
	if err != nil {
		return fmt.Errorf("read %s@%d: %w", at.Stream, at.Position, err)
	}
	if len(messages) != 1 || messages[0].Position != at.Position || messages[0].GlobalPosition != at.GlobalPosition ||
		!bytes.Equal(messages[0].Data, event(note).Data) {
		return fmt.Errorf("%v holds %v, want %q", announced([]store.Announcement{at}), showMessages(messages), note)
	}
	return nil
}

// optimisticLoops is how clients use versions: read, append, and read again
// after a conflict.
func optimisticLoops(e *env) {
	const callers, each, streams = 8, 40, 3
	e.namespace("n")
	var g errgroup.Group
	for caller := range callers {
		g.Go(func() error {
			random := rand.New(rand.NewPCG(uint64(caller), 7))
			for i := 0; i < each; {
				stream := fmt.Sprintf("a-%d", random.IntN(streams))
				version, err := e.store.Version(e.ctx, "n", stream)
				if err != nil {
					return err
				}
				note := fmt.Sprintf("caller %d append %d", caller, i)
				a, err := e.store.Append(e.ctx, "n", store.Write{Stream: stream, Events: []store.Event{event(note)}, ExpectedVersion: version})
				var conflict *store.ConflictError
				if errors.As(err, &conflict) {
					if conflict.Actual <= version {
						return fmt.Errorf("after version %d: %w", version, err)
					}
					continue
				}
				if err != nil {
					return err
				}
				if a.FirstPosition != version+1 {
					return fmt.Errorf("append at version %d got %s", version, showAppended(a))
				}
				if err := e.holds(store.Announcement{Stream: stream, Position: a.FirstPosition, GlobalPosition: a.FirstGlobalPosition}, note); err != nil {
					return err
				}
				i++
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	e.inOrder(e.everything("n"), callers*each)
}

// inOrder checks a whole namespace that was only appended to: global positions
// and positions without gaps, times that never run backwards.
func (e *env) inOrder(messages []store.Message, want int) {
	e.t.Helper()
	if len(messages) != want {
		e.t.Errorf("%d messages are stored, want %d", len(messages), want)
	}
	seen := newOrder(true)
	for i, m := range messages {
		if err := seen.check([]store.Announcement{{Stream: m.Stream, Position: m.Position, GlobalPosition: m.GlobalPosition}}); err != nil {
			e.t.Fatal(err)
		}
		if i > 0 && m.Time.Before(messages[i-1].Time) {
			e.t.Fatalf("#%d: time %s runs backwards from %s", m.GlobalPosition, showTime(m.Time), showTime(messages[i-1].Time))
		}
	}
}

// gaplessAndRising checks every answer of many callers against what is stored.
func gaplessAndRising(e *env) {
	const callers, each = 32, 25
	e.namespace("n")
	type answered struct {
		store.Appended
		stream, note string
	}
	var mu sync.Mutex
	var answers []answered
	total := 0
	var g errgroup.Group
	for caller := range callers {
		g.Go(func() error {
			for i := range each {
				a := answered{stream: fmt.Sprintf("a-%d", (caller+i)%11), note: fmt.Sprintf("caller %d append %d", caller, i)}
				var err error
				a.Appended, err = e.store.Append(e.ctx, "n", store.Write{Stream: a.stream, Events: events(i%5+1, a.note), ExpectedVersion: store.AnyVersion})
				if err != nil {
					return err
				}
				mu.Lock()
				answers = append(answers, a)
				total += i%5 + 1
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	e.alsoReopened(func() {
		messages := e.everything("n")
		e.inOrder(messages, total)
		for _, a := range answers {
			n := a.LastGlobalPosition - a.FirstGlobalPosition
			if n != a.LastPosition-a.FirstPosition || a.FirstGlobalPosition < 1 || a.LastGlobalPosition > int64(total) {
				e.t.Fatalf("%s was answered %s", a.note, showAppended(a.Appended))
			}
			for i := range n + 1 {
				m := messages[a.FirstGlobalPosition-1+i]
				if m.Stream != a.stream || m.Position != a.FirstPosition+i || !bytes.Equal(m.Data, event(fmt.Sprintf("%s %d", a.note, i)).Data) {
					e.t.Fatalf("%s was answered %s, where %s lies", a.note, showAppended(a.Appended), showMessages([]store.Message{m})[0])
				}
			}
		}
	})
}

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

// linearizable records what many callers asked and heard, and looks for an
// order of all calls that explains every answer.
func linearizable(e *env) {
	const callers, each = 8, 100
	e.namespace("n")
	calls := history.New(e.setting("STORETEST_SEED", rand.Uint64()>>1))
	var g errgroup.Group
	for n := range callers {
		g.Go(func() error { return calls.Caller(n).Run(e.ctx, history.Of(e.store, "n"), each) })
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	calls.Check(e.t)
}
