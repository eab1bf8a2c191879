package state

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/evtui/evtui/store"
)

// Limits are what a child may take.
type Limits struct {
	Memory  int64         // bytes of its heap
	Message time.Duration // for one message
	Batch   time.Duration // for the messages of one question; then it answers in part
}

// DefaultLimits are those of evtui.
func DefaultLimits() Limits {
	return Limits{Memory: 256 << 20, Message: time.Second, Batch: 2 * time.Second}
}

// slack is how long a child that should have stopped by itself is waited for
// before it is killed: code that cannot be interrupted, or a machine that is busy.
const slack = 2 * time.Second

// starting is how long a child may take to be there.
const starting = 10 * time.Second

// Self is the command that starts this binary as a child. It must come to
// [reduce.Main] when its only argument is [Argument].
func Self() (*exec.Cmd, error) {
	self := "/proc/self/exe" // also of a binary that was replaced since
	if _, err := os.Stat(self); err != nil {
		if self, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find evtui's own binary: %w", err)
		}
	}
	return exec.Command(self, Argument), nil
}

// Process is a [Reducer] that runs jq in a child. The child is started when it is
// first needed, and ends by Close, or with this process.
type Process struct {
	reducer, condition string
	limits             Limits

	mu  sync.Mutex // guards run: Close may come from another goroutine
	run *running
}

// NewProcess returns a reducer of programs in jq. A reducer that is "" merges; a
// condition that is "" never holds. Programs that cannot be run are reported by
// the first Fold, as a [*ProgramError].
func NewProcess(reducer, condition string, limits Limits) *Process {
	return &Process{reducer: reducer, condition: condition, limits: limits}
}

// Check starts the child, which compiles the programs, and ends it again. What is
// no jq is a [*ProgramError].
func (p *Process) Check(ctx context.Context) error {
	_, err := p.start(ctx)
	return errors.Join(err, p.Close())
}

// running is a child.
type running struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bounded
	state  json.RawMessage // that it has; nil: none

	killed atomic.Pointer[string] // why it was
	once   sync.Once              // of waiting
	exit   error                  // what waiting said, after once
}

// wait waits for the child's end.
func (r *running) wait() error {
	r.once.Do(func() { r.exit = r.cmd.Wait() })
	return r.exit
}

// Fold implements [Reducer].
func (p *Process) Fold(ctx context.Context, from json.RawMessage, list []store.Message) (Folded, error) {
	done := Folded{State: from, Held: -1}
	for done.Applied < len(list) && done.Held < 0 {
		more, err := p.fold(ctx, done.State, list[done.Applied:])
		done.State = more.State
		if more.Held >= 0 {
			done.Held = done.Applied + more.Held
		}
		if done.Applied += more.Applied; err != nil {
			return done, err
		}
	}
	return done, nil
}

// fold is Fold of some of the messages at least.
func (p *Process) fold(ctx context.Context, from json.RawMessage, list []store.Message) (Folded, error) {
	done, _, err := p.ask(ctx, from, list, false)
	died, ok := errors.AsType[*diedError](err)
	if ok && died.reason == closed {
		return done, ErrClosed
	}
	if !ok || ctx.Err() != nil {
		return done, err
	}
	if len(list) == 1 {
		return Folded{State: from, Held: -1}, faultAt(&list[0], died.reason)
	}
	// Which message it was is found by asking again, with word before each.
	done, at, err := p.ask(ctx, from, list, true)
	if !errors.As(err, &died) || ctx.Err() != nil || died.reason == closed {
		return done, err
	}
	done = Folded{State: from, Held: -1}
	if at > 0 {
		if done, _, err = p.ask(ctx, from, list[:at], false); err != nil || done.Applied < at {
			return done, err
		}
	}
	return done, faultAt(&list[at], died.reason)
}

// ErrClosed is returned by a Fold during which its [Process] was closed.
var ErrClosed = errors.New("the process that runs the reducer was ended")

// closed is why a child ends that is not needed any more.
const closed = "it was ended"

// diedError says that the child ended before it answered.
type diedError struct{ reason string }

func (e *diedError) Error() string { return e.reason }

// ask hands messages to the child and returns its answer; at is the last message
// that it said comes. A child that dies is a [*diedError].
func (p *Process) ask(ctx context.Context, from json.RawMessage, list []store.Message, each bool) (done Folded, at int, err error) {
	done = Folded{State: from, Held: -1}
	r, err := p.start(ctx)
	if err != nil {
		return done, 0, err
	}
	defer r.killAfter(ctx, p.limits.Message+p.limits.Batch+slack, p.limits)()
	a, err := r.exchange(from, list, each, &at)
	if err != nil {
		return done, at, p.died(ctx, r, err)
	}
	done = Folded{State: r.state, Applied: a.Applied, Held: a.Held}
	switch a.Kind {
	case AnswerDone:
		return done, at, nil
	case AnswerFault:
		return done, at, faultAt(&list[a.Applied], a.Reason)
	case AnswerMemory:
		r.kill(outOfMemory(p.limits))
	}
	return Folded{State: from, Held: -1}, at, p.died(ctx, r, fmt.Errorf("it answered %q", a.Kind))
}

// exchange sends a batch and reads up to its last answer.
func (r *running) exchange(from json.RawMessage, list []store.Message, each bool, at *int) (a Answer, err error) {
	fresh := r.state == nil || !bytes.Equal(r.state, from)
	if err := r.send(fresh, from, list, each); err != nil {
		return a, r.lastWord(err)
	}
	for {
		if err := ReadFrame(r.out, &a); err != nil {
			return a, err
		}
		if a.Kind != AnswerAt {
			break
		}
		if *at = a.Applied; *at < 0 || *at >= len(list) {
			return a, errors.New("it spoke of a message that it does not have")
		}
	}
	if a.Kind != AnswerDone && a.Kind != AnswerFault {
		return a, nil
	}
	r.state, err = ReadRaw(r.out)
	if past := a.Applied > len(list) || a.Kind == AnswerFault && a.Applied == len(list); err == nil && (past || a.Applied < 0 || a.Held >= a.Applied) {
		err = errors.New("it counted wrong")
	}
	return a, err
}

// lastWord lets a child that took nothing more say why.
func (r *running) lastWord(err error) error {
	var a Answer
	for ReadFrame(r.out, &a) == nil {
		if a.Kind == AnswerMemory {
			return errMemory
		}
	}
	return err
}

var errMemory = errors.New("its memory is used up")

func (r *running) send(fresh bool, from json.RawMessage, list []store.Message, each bool) error {
	w := bufio.NewWriterSize(r.in, 64<<10)
	if err := WriteFrame(w, Batch{State: fresh, Events: len(list), Each: each}); err != nil {
		return err
	}
	if fresh {
		if err := WriteRaw(w, from); err != nil {
			return err
		}
	}
	frame := make([]byte, 0, 1<<10)
	for i := range list {
		frame = AppendEvent(append(frame[:0], 0, 0, 0, 0), &list[i])
		if err := writeFramed(w, frame); err != nil {
			return err
		}
	}
	return w.Flush()
}

// start returns the child, a new one if there is none.
func (p *Process) start(ctx context.Context) (*running, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run != nil {
		return p.run, nil
	}
	cmd, err := Self()
	if err != nil {
		return nil, err
	}
	r := &running{cmd: cmd}
	cmd.Env, cmd.Dir, cmd.Stderr = []string{}, nowhere(), &r.stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		r.out = bufio.NewReaderSize(out, 64<<10)
		r.in, err = cmd.StdinPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start the process that runs reducers: %w", err)
	}
	stop := r.killAfter(ctx, starting, p.limits)
	defer stop()
	var a Answer
	err = WriteFrame(r.in, Opening{
		Reducer: p.reducer, Condition: p.condition, Memory: p.limits.Memory,
		PerMillis: p.limits.Message.Milliseconds(), AllMillis: p.limits.Batch.Milliseconds(),
	})
	if err == nil {
		err = ReadFrame(r.out, &a)
	}
	switch {
	case err == nil && a.Kind == AnswerReady:
		p.run = r
		return r, nil
	case err == nil && a.Kind == AnswerWrong:
		r.end()
		return nil, &ProgramError{What: a.What, Reason: a.Reason}
	}
	died := r.ended(err, p.limits)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("start the process that runs reducers: %s", died)
}

// died ends what is left of the child, and says why it did not answer.
func (p *Process) died(ctx context.Context, r *running, err error) error {
	p.mu.Lock()
	if p.run == r {
		p.run = nil
	}
	p.mu.Unlock()
	reason := r.ended(err, p.limits)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &diedError{reason}
}

// Close implements [Reducer]. It may be called while Fold runs, which then fails.
func (p *Process) Close() error {
	p.mu.Lock()
	r := p.run
	p.run = nil
	p.mu.Unlock()
	if r != nil {
		r.end()
	}
	return nil
}

// end ends the child and waits for it.
func (r *running) end() {
	r.kill(closed)
	_ = r.wait() // killed, as it should be
}

// kill ends the child for a reason, unless it was before.
func (r *running) kill(reason string) {
	r.killed.CompareAndSwap(nil, &reason)
	_ = r.cmd.Process.Kill()
}

// killAfter kills the child when ctx ends or its time is up, until the function
// that it returns is called.
func (r *running) killAfter(ctx context.Context, most time.Duration, l Limits) (stop func()) {
	timer := time.AfterFunc(most, func() {
		r.kill(fmt.Sprintf("it took longer than %v and could not be interrupted: its process was killed", l.Message))
	})
	release := context.AfterFunc(ctx, func() { r.kill("it was cancelled") })
	return func() {
		timer.Stop()
		release()
	}
}

// ended waits for the child's end and says in words what became of it.
func (r *running) ended(err error, l Limits) string {
	if errors.Is(err, errMemory) {
		r.kill(outOfMemory(l))
	} else if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, os.ErrClosed) && !errors.Is(err, syscall.EPIPE) {
		r.kill("its process answered what makes no sense: " + err.Error())
	}
	_ = r.in.Close()
	waited := r.wait()
	said := r.stderr.String()
	switch reason := r.killed.Load(); {
	case strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate memory"):
		return outOfMemory(l)
	case strings.Contains(said, "stack overflow") || strings.Contains(said, "stack exceeds"):
		return "it recursed too deep: its process ended"
	case reason != nil:
		return *reason
	case waited == nil:
		return "its process ended"
	}
	// Runtime and C library end in many ways when a mapping or a thread is refused, and
	// not all of them say so.
	return fmt.Sprintf("its process broke down (%v), most likely for want of memory: %d MiB are allowed", waited, l.Memory>>20)
}

func outOfMemory(l Limits) string {
	return fmt.Sprintf("it used more than %d MiB: its process was killed", l.Memory>>20)
}

// nowhere is a directory that tells nothing of this process.
func nowhere() string {
	if os.PathSeparator == '/' {
		return "/"
	}
	return os.TempDir()
}

// bounded keeps the first of what is written to it.
type bounded struct {
	mu  sync.Mutex // guards buf
	buf []byte
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = append(b.buf, p[:min(len(p), max(4<<10-len(b.buf), 0))]...)
	return len(p), nil
}

func (b *bounded) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.buf)
}
