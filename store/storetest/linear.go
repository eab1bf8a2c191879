package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

// streamCall is one call on one stream, as the linearizability checker sees it.
type streamCall struct {
	stream   string
	append   bool // else it asks for the version
	expected int64
}

// streamAnswer is the version that the call found (for an append: made), or
// the conflict's actual version.
type streamAnswer struct {
	version  int64
	conflict bool
}

// streamRegister is a stream reduced to its version.
func streamRegister() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			byStream := map[string][]porcupine.Operation{}
			for _, op := range history {
				stream := op.Input.(streamCall).stream
				byStream[stream] = append(byStream[stream], op)
			}
			var parts [][]porcupine.Operation
			for _, part := range byStream {
				parts = append(parts, part)
			}
			return parts
		},
		Init: func() any { return int64(store.NoStream) },
		Step: func(state, input, output any) (bool, any) {
			version, call, answer := state.(int64), input.(streamCall), output.(streamAnswer)
			switch {
			case !call.append:
				return answer.version == version, version
			case call.expected != store.AnyVersion && call.expected != version:
				return answer.conflict && answer.version == version, version
			}
			return !answer.conflict && answer.version == version+1, version + 1
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
	}
}

// linearizable records what many callers asked and heard, and looks for an
// order of all calls that explains every answer.
func linearizable(e *env) {
	const callers, each, streams = 8, 100, 6
	e.namespace("n")
	var mu sync.Mutex
	var history []porcupine.Operation
	begin := time.Now()
	var g errgroup.Group
	for caller := range callers {
		g.Go(func() error {
			random := rand.New(rand.NewPCG(uint64(caller), 11))
			last := int64(store.NoStream)
			for range each {
				call := streamCall{stream: fmt.Sprintf("a-%d", random.IntN(streams)), append: random.IntN(3) > 0, expected: store.AnyVersion}
				if random.IntN(2) == 0 {
					call.expected = last
				}
				from := time.Since(begin)
				answer, err := e.ask(call)
				if err != nil {
					return err
				}
				last = answer.version
				mu.Lock()
				history = append(history, porcupine.Operation{
					ClientId: caller, Input: call, Call: int64(from), Output: answer, Return: int64(time.Since(begin)),
				})
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	conflicts := slices.ContainsFunc(history, func(op porcupine.Operation) bool { return op.Output.(streamAnswer).conflict })
	if !conflicts {
		e.t.Error("no append met a conflict: the history shows little")
	}
	if result := porcupine.CheckOperationsTimeout(streamRegister(), history, time.Minute); result != porcupine.Ok {
		e.t.Errorf("the history of %d calls is not linearizable: %s", len(history), result)
	}
}

func (e *env) ask(call streamCall) (streamAnswer, error) {
	if !call.append {
		version, err := e.store.Version(e.ctx, "n", call.stream)
		return streamAnswer{version: version}, err
	}
	a, err := e.store.Append(e.ctx, "n", store.Write{Stream: call.stream, Events: events(1, "x"), ExpectedVersion: call.expected})
	var conflict *store.ConflictError
	if errors.As(err, &conflict) {
		return streamAnswer{version: conflict.Actual, conflict: true}, nil
	}
	return streamAnswer{version: a.LastPosition}, err
}
