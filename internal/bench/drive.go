package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
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
	to          *child
	path        string
	connections int
	duration    time.Duration // 0: no end
	messages    int64         // end after so many; 0: no end
	caller      func(number int) caller
}

// outcome is what came of a step.
type outcome struct {
	calls    int64
	messages int64
	bytes    int64 // of answers' bodies
	elapsed  time.Duration
	cpu      time.Duration // of the child
	cpuErr   error         // why cpu is not known
}

func (o outcome) rate() float64        { return float64(o.calls) / o.elapsed.Seconds() }
func (o outcome) messageRate() float64 { return float64(o.messages) / o.elapsed.Seconds() }

// cost is the child's processor time for a call, in microseconds.
func (o outcome) cost() float64 { return float64(o.cpu.Nanoseconds()) / 1e3 / float64(o.calls) }

// run makes the calls. Requests are written and answers read by hand:
// net/http's client would take more of the machine than what is measured.
func (s step) run(ctx context.Context) (outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var calls, messages, size atomic.Int64
	var callers sync.WaitGroup
	o := outcome{}
	before, err := processCPU(s.to.pid())
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
			c := &connection{step: s, caller: s.caller(i)}
			err := c.loop(ctx, more, func(m, n int64) { calls.Add(1); messages.Add(m); size.Add(n) })
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
		after, o.cpuErr = processCPU(s.to.pid())
		o.cpu = after - before
	}
	o.calls, o.messages, o.bytes = calls.Load(), messages.Load(), size.Load()
	if o.calls == 0 {
		return o, fmt.Errorf("no call was answered in %s", o.elapsed)
	}
	return o, nil
}

// connection is one caller's.
type connection struct {
	step   step
	caller caller
	in     *bufio.Reader
	out    []byte
	body   []byte
	answer bytes.Buffer
}

func (c *connection) loop(ctx context.Context, more func() bool, count func(messages, size int64)) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.step.to.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	c.in = bufio.NewReaderSize(conn, 128<<10)
	for more() {
		c.request()
		if _, err := conn.Write(c.out); err != nil {
			return err
		}
		if err := c.read(); err != nil {
			return err
		}
		n, err := c.caller.answered(c.answer.Bytes())
		if err != nil {
			return err
		}
		count(n, int64(c.answer.Len()))
	}
	return nil
}

func (c *connection) request() {
	c.body = c.caller.call(c.body[:0])
	c.out = append(c.out[:0], "POST "...)
	c.out = append(append(c.out, c.step.path...), " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer "...)
	c.out = append(append(c.out, c.step.to.token...), "\r\nContent-Type: application/json\r\nContent-Length: "...)
	c.out = append(strconv.AppendInt(c.out, int64(len(c.body)), 10), "\r\n\r\n"...)
	c.out = append(c.out, c.body...)
}

// read reads an answer into c.answer.
func (c *connection) read() error {
	c.answer.Reset()
	status, err := c.in.ReadString('\n')
	if err != nil {
		return err
	}
	length, chunked := int64(-1), false
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return err
			}
		}
		chunked = chunked || string(line) == "Transfer-Encoding: chunked"
	}
	switch {
	case chunked:
		if _, err = c.answer.ReadFrom(httputil.NewChunkedReader(c.in)); err == nil {
			_, err = c.in.ReadSlice('\n') // the empty trailer
		}
	case length >= 0:
		_, err = io.CopyN(&c.answer, c.in, length)
	default:
		err = fmt.Errorf("the answer does not tell its length")
	}
	if err == nil && status != "HTTP/1.1 200 OK\r\n" {
		err = fmt.Errorf("answered %q: %.200s", status, c.answer.Bytes())
	}
	return err
}
