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
