package e2e

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Process is one program without a terminal: a server, or a command that
// runs for a while. Its output is kept.
type Process struct {
	cmd   *exec.Cmd
	out   output
	err   output
	ended chan struct{} // closed by the waiter
}

// output keeps what a program wrote, for readers while it writes.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) read() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.changed
}

// Launch starts a program without a terminal, with env added to the caller's
// environment and stdin, which may be nil, as its input.
func Launch(stdin io.Reader, env []string, binary string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(binary, args...), ended: make(chan struct{})}
	p.out.changed, p.err.changed = make(chan struct{}), make(chan struct{})
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	go func() {
		_ = p.cmd.Wait() // the exit code stands in ProcessState
		close(p.ended)
	}()
	return p, nil
}

// Stdout returns what the program has printed so far.
func (p *Process) Stdout() string { text, _ := p.out.read(); return text }

// Stderr returns what the program has said so far.
func (p *Process) Stderr() string { text, _ := p.err.read(); return text }

// AwaitStderr waits until the program has said text, on standard error.
func (p *Process) AwaitStderr(text string, limit time.Duration) error {
	deadline := time.After(limit)
	for {
		said, changed := p.err.read()
		if strings.Contains(said, text) {
			return nil
		}
		select {
		case <-changed:
		case <-p.ended:
			if strings.Contains(p.Stderr(), text) {
				return nil
			}
			return fmt.Errorf("waited for %q: the program ended (%v) after saying\n%s", text, p.cmd.ProcessState, p.Stderr())
		case <-deadline:
			return fmt.Errorf("waited %v for %q; the program has said\n%s", limit, text, said)
		}
	}
}

// Signal sends the program a signal.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Kill ends the program as kill -9 does, and waits until it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

// Wait waits for the program's end and returns its exit code.
func (p *Process) Wait(limit time.Duration) (int, error) {
	deadline := time.After(limit)
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-deadline:
		return -1, fmt.Errorf("the program still runs after %v; it has said\n%s", limit, p.Stderr())
	}
}
