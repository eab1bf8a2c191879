package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/internal/barehttp"
	"github.com/evtui/evtui/internal/measure"
)

// caller makes the calls of one connection and looks at their answers.
type caller interface {
	// call appends the body of the next call.
	call(dst []byte) []byte
	// answered checks the answer, which is valid until it returns, and returns
	// how many messages it was about.
	answered(answer []byte) (messages int64, err error)
}

// step is a closed loop of calls.
type step struct {
	to          *measure.Server
	path        string
	connections int
	duration    time.Duration // 0: no end
	messages    int64         // end after N; 0: no end
	caller      func(number int) caller
	calls       func(number int) loop // instead of caller: calls made in another way
	own         bool                  // measure this process's time, not the server's
}

// loop makes calls until more says no, and counts each.
type loop func(ctx context.Context, more func() bool, count func(messages, size int64)) error

// loop returns what makes the calls of one connection.
func (s step) loop(number int) loop {
	if s.calls != nil {
		return s.calls(number)
	}
	c := &connection{step: s, caller: s.caller(number)}
	return c.loop
}

// used returns the processor time that is measured.
func (s step) used() (time.Duration, error) {
	if s.own {
		return measure.CPU(os.Getpid())
	}
	return s.to.CPU()
}

// outcome is what came of a step.
type outcome struct {
	calls    int64
	messages int64
	bytes    int64 // of answers' bodies
	elapsed  time.Duration
	cpu      time.Duration // of the server, or of this process
	cpuErr   error         // why cpu is not known
}

func (o outcome) rate() float64        { return float64(o.calls) / o.elapsed.Seconds() }
func (o outcome) messageRate() float64 { return float64(o.messages) / o.elapsed.Seconds() }

// cost is the processor time for a call, in microseconds.
func (o outcome) cost() float64 { return float64(o.cpu.Nanoseconds()) / 1e3 / float64(o.calls) }

// run makes the calls. Requests are written and answers read by hand:
// net/http's client would take more of the machine than what is measured.
func (s step) run(ctx context.Context) (outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var calls, messages, size atomic.Int64
	var callers sync.WaitGroup
	o := outcome{}
	before, err := s.used()
	o.cpuErr = err
	started := time.Now()
	more := func() bool {
		// A step that is shorter than its first answer goes on until that is
		// there: a slow disk is a slow figure, not none.
		early := s.duration == 0 || time.Since(started) < s.duration || calls.Load() == 0
		return ctx.Err() == nil && early && (s.messages == 0 || messages.Load() < s.messages)
	}
	for i := range s.connections {
		callers.Go(func() {
			err := s.loop(i)(ctx, more, func(m, n int64) { calls.Add(1); messages.Add(m); size.Add(n) })
			if err != nil {
				cancel(err)
			}
		})
	}
	callers.Wait()
	o.elapsed = time.Since(started)
	if ctx.Err() != nil {
		return o, context.Cause(ctx)
	}
	if o.cpuErr == nil {
		var after time.Duration
		after, o.cpuErr = s.used()
		o.cpu = after - before
	}
	o.calls, o.messages, o.bytes = calls.Load(), messages.Load(), size.Load()
	if o.calls == 0 {
		return o, fmt.Errorf("no call was answered in %s", o.elapsed)
	}
	return o, nil
}

type connection struct {
	step   step
	caller caller
	head   []byte
	body   []byte
	answer []byte
}

const (
	// readBuffer is how much of an answer is read at once.
	readBuffer = 128 << 10
	// maxAnswer is more than the largest of a row's pages.
	maxAnswer = 64 << 20
)

func (c *connection) loop(ctx context.Context, more func() bool, count func(messages, size int64)) error {
	conn, err := barehttp.Dial(ctx, c.step.to.Addr, readBuffer)
	if err != nil {
		return err
	}
	defer conn.Close()
	c.head = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: ", c.step.path, c.step.to.Token)
	for more() {
		if err := c.call(conn); err != nil {
			return err
		}
		n, err := c.caller.answered(c.answer)
		if err != nil {
			return err
		}
		count(n, int64(len(c.answer)))
	}
	return nil
}

// call makes the next call, whose answer it leaves in c.answer.
func (c *connection) call(conn *barehttp.Conn) error {
	c.body = c.caller.call(c.body[:0])
	if err := conn.Send(c.head, c.body); err != nil {
		return err
	}
	var status int
	var keep bool
	var err error
	c.answer, status, keep, err = conn.Receive(c.answer[:0], maxAnswer)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("answered %d: %.200s", status, c.answer)
	case !keep:
		return fmt.Errorf("the server ends the connection after a call")
	}
	return nil
}
