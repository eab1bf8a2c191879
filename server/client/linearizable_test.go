package client_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// streamCall is one call as a client saw it: an append with an expected
// version, or, with read, a question for the version.
type streamCall struct {
	stream   string
	read     bool
	expected int64
}

// streamAnswer is the version that the call left or found.
type streamAnswer struct {
	version  int64
	conflict bool
}

// streamModel says what one stream may do: its state is its version.
func streamModel() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			streams := map[string][]porcupine.Operation{}
			for _, op := range history {
				name := op.Input.(streamCall).stream
				streams[name] = append(streams[name], op)
			}
			parts := make([][]porcupine.Operation, 0, len(streams))
			for _, part := range streams {
				parts = append(parts, part)
			}
			return parts
		},
		Init: func() any { return int64(store.NoStream) },
		Step: func(state, input, output any) (bool, any) {
			version, call, answer := state.(int64), input.(streamCall), output.(streamAnswer)
			fits := call.expected == store.AnyVersion || call.expected == version
			switch {
			case call.read:
				return answer.version == version, version
			case answer.conflict:
				return !fits && answer.version == version, version
			default:
				return fits && answer.version == version+1, version + 1
			}
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
	}
}

// TestLinearizable has clients append with all kinds of expected versions and
// ask for versions, on few streams, and checks that some order of the calls
// explains every answer.
func TestLinearizable(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	eachConnection(t, func(t *testing.T, connect func(token string) *client.Client, admin string) {
		const clients, calls = 8, 150
		histories := make([][]porcupine.Operation, clients)
		start := time.Now()
		var wg sync.WaitGroup
		for n := range clients {
			c := connect(admin)
			random := rand.New(rand.NewPCG(seed, uint64(n)))
			wg.Go(func() {
				guess := map[string]int64{}
				for range calls {
					call := nextCall(random, guess)
					op := porcupine.Operation{ClientId: n, Input: call, Call: int64(time.Since(start))}
					answer, err := makeCall(t.Context(), c, call)
					if err != nil {
						t.Error(err)
						return
					}
					guess[call.stream] = answer.version
					op.Output, op.Return = answer, int64(time.Since(start))
					histories[n] = append(histories[n], op)
				}
			})
		}
		wg.Wait()
		var history []porcupine.Operation
		for _, part := range histories {
			history = append(history, part...)
		}
		if result := porcupine.CheckOperationsTimeout(streamModel(), history, time.Minute); result != porcupine.Ok {
			t.Errorf("%d calls are not linearizable: %v", len(history), result)
		}
	})
}

// nextCall picks a stream and a call; most guesses of the version come from
// the client's last answer, so that some fit and some do not.
func nextCall(random *rand.Rand, guess map[string]int64) streamCall {
	call := streamCall{stream: fmt.Sprintf("race-%d", random.IntN(3)), expected: store.AnyVersion}
	switch random.IntN(4) {
	case 0:
		call.read = true
	case 1, 2:
		call.expected = store.NoStream
		if version, known := guess[call.stream]; known {
			call.expected = version
		}
	}
	return call
}

func makeCall(ctx context.Context, c *client.Client, call streamCall) (streamAnswer, error) {
	if call.read {
		version, err := c.Version(ctx, call.stream)
		return streamAnswer{version: version}, err
	}
	a, err := c.Write(ctx, call.stream, store.Event{Type: "T", Data: []byte(`{}`)}, call.expected)
	var conflict *store.ConflictError
	if errors.As(err, &conflict) {
		return streamAnswer{version: conflict.Actual, conflict: true}, nil
	}
	return streamAnswer{version: a.LastPosition}, err
}
