package reduce

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/itchyny/gojq"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/store"
)

// maxStack bounds the stack: values nest as deep as JSON does, and no program
// needs more.
const maxStack = 128 << 20

// watchEvery is how often the child looks at its own memory.
const watchEvery = 5 * time.Millisecond

// ahead is how many frames are read ahead: none is as long as the parent waits
// for an answer.
const ahead = 256

// Main runs what the parent asks for until the parent closes the pipe, and returns
// the exit code. It may end the process itself: at the parent's end, or when its
// memory is used up.
func Main(in io.Reader, out io.Writer) int {
	closeInherited()
	debug.SetMaxStack(maxStack)
	c := &child{out: out, frames: make(chan []byte, ahead)}
	go c.read(bufio.NewReaderSize(in, 64<<10))
	if err := c.open(); err != nil {
		return 1
	}
	go c.watch()
	for c.batch() {
	}
	return 0
}

// child is the process: the programs, and the state so far.
type child struct {
	frames  chan []byte // written by read, which never closes it: the process ends
	opening state.Opening

	reducer   *program // nil: the data is merged
	condition *program // nil: there is none
	state     any      // as programs take it; of a merging child only where there is a condition
	merged    json.RawMessage

	mu  sync.Mutex // guards out: the watcher may write too
	out io.Writer
}

// read hands on what the parent sends. At the parent's end it ends the process,
// whatever that is doing.
func (c *child) read(in io.Reader) {
	for {
		raw, err := state.ReadRaw(in)
		if err != nil {
			os.Exit(0)
		}
		c.frames <- raw
	}
}

func (c *child) next(v any) error { return json.Unmarshal(<-c.frames, v) }

func (c *child) say(a state.Answer) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return state.WriteFrame(c.out, a)
}

// open takes the programs and the limits.
func (c *child) open() error {
	if err := c.next(&c.opening); err != nil {
		return err
	}
	limitMemory(c.opening.Memory)
	for _, p := range []struct {
		what, source string
		into         **program
	}{{"reducer", c.opening.Reducer, &c.reducer}, {"condition", c.opening.Condition, &c.condition}} {
		if p.source == "" {
			continue
		}
		made, err := compile(p.source)
		if err != nil {
			return errors.Join(c.say(state.Answer{Kind: state.AnswerWrong, What: p.what, Reason: short(err.Error())}), err)
		}
		*p.into = made
	}
	return c.say(state.Answer{Kind: state.AnswerReady})
}

// watch ends the process when its memory is used up. A large allocation at once
// is refused by the system, where that can bound a process.
func (c *child) watch() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for range time.Tick(watchEvery) {
		metrics.Read(sample)
		if int64(sample[0].Value.Uint64()) <= c.opening.Memory {
			continue
		}
		c.mu.Lock() // for good: nothing else is said
		_ = state.WriteFrame(c.out, state.Answer{Kind: state.AnswerMemory, Held: -1})
		os.Exit(3)
	}
}

// batch applies what the parent sends next, and reports whether to go on.
func (c *child) batch() bool {
	var b state.Batch
	if err := c.next(&b); err != nil {
		return false
	}
	if b.State {
		c.merged = <-c.frames
		var err error
		if c.state, err = decode(c.merged); err != nil {
			return false
		}
	}
	events := make([][]byte, b.Events)
	for i := range events {
		events[i] = <-c.frames
	}
	before, mergedBefore := c.state, c.merged
	answer := c.apply(events, b.Each, false)
	raw, err := c.encode()
	if err != nil {
		// Which message it was is found by looking after each.
		c.state, c.merged = before, mergedBefore
		answer = c.apply(events, b.Each, true)
		if raw, err = c.encode(); err != nil {
			return false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return state.WriteFrame(c.out, answer) == nil && state.WriteRaw(c.out, raw) == nil
}

// encode writes the state; an error says why it is none that can be kept.
func (c *child) encode() ([]byte, error) {
	if c.reducer == nil {
		return c.merged, nil
	}
	raw, err := gojq.Marshal(c.state)
	switch {
	case err != nil:
		return nil, err
	case len(raw) > state.MaxBytes:
		return nil, fmt.Errorf("the state would have more than %d MiB", state.MaxBytes>>20)
	}
	if s := rawjson.New(raw); s.Skip() != nil {
		return nil, fmt.Errorf("the state would nest deeper than %d", rawjson.MaxDepth)
	}
	return raw, nil
}

// apply applies events until the time of a batch is up, one fails, or the
// condition holds. each says before each that it comes; look encodes the state
// after each.
func (c *child) apply(events [][]byte, each, look bool) state.Answer {
	a := state.Answer{Kind: state.AnswerDone, Held: -1}
	most := time.Duration(c.opening.AllMillis) * time.Millisecond
	for begun := time.Now(); a.Applied < len(events) && a.Held < 0; a.Applied++ {
		if a.Applied > 0 && time.Since(begun) > most {
			break
		}
		if each {
			_ = c.say(state.Answer{Kind: state.AnswerAt, Applied: a.Applied, Held: -1})
		}
		before, mergedBefore := c.state, c.merged
		held, err := c.step(events[a.Applied])
		if err == nil && look {
			if _, err = c.encode(); err != nil {
				c.state, c.merged = before, mergedBefore
			}
		}
		if err != nil {
			a.Kind, a.Reason = state.AnswerFault, err.Error()
			break
		}
		if held {
			a.Held = a.Applied
		}
	}
	return a
}

// step applies one event and reports whether the condition holds then. After an
// error the state is what it was.
func (c *child) step(raw []byte) (held bool, err error) {
	event, err := decode(raw)
	if err != nil {
		return false, fmt.Errorf("the message is no JSON: %w", err)
	}
	per := time.Duration(c.opening.PerMillis) * time.Millisecond
	var next any
	merged := c.merged
	if c.reducer == nil {
		next, merged, err = c.merge(raw)
	} else if next, err = c.reducer.run(c.state, event, per, false); errors.Is(err, errNothing) {
		next, err = c.state, nil
	}
	if err != nil {
		return false, err
	}
	if c.condition != nil {
		if held, err = c.holds(next, event, per); err != nil {
			return false, err
		}
	}
	c.state, c.merged = next, merged
	return held, nil
}

func (c *child) holds(now, event any, per time.Duration) (bool, error) {
	v, err := c.condition.run(now, event, per, true)
	if errors.Is(err, errNothing) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("the condition: %w", err)
	}
	return v != nil && v != false, nil
}

// merge is the step of a child without a reducer.
func (c *child) merge(raw []byte) (any, json.RawMessage, error) {
	var event struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, nil, fmt.Errorf("the message is no JSON: %w", err)
	}
	folded, err := state.Merging{}.Fold(context.Background(), c.merged, []store.Message{{Data: event.Data}})
	if err != nil {
		fault, ok := errors.AsType[*state.Fault](err)
		if ok {
			err = errors.New(fault.Reason)
		}
		return nil, nil, err
	}
	next, err := decode(folded.State)
	return next, folded.State, err
}
