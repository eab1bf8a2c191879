package measure

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	startTime = 30 * time.Second // for a process to report that it is ready
	stopTime  = 15 * time.Second // for a process to end
)

// Process is a running program. Make it with Start; whoever does so stops it.
type Process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed once it has
	err   error         // with which it ended
}

// Start starts the program, without the EVTUI_ variables and the configuration
// file, which are meant for this process. Its standard output goes to the file
// out, which is created; "" discards it.
func Start(program, out string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(program, args...), ended: make(chan struct{})}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "EVTUI_") {
			p.cmd.Env = append(p.cmd.Env, v)
		}
	}
	p.cmd.Env = append(p.cmd.Env, "EVTUI_CONFIG=none") // what the user has set must not be measured
	p.cmd.Stderr = os.Stderr
	if out != "" {
		file, err := os.Create(out)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		p.cmd.Stdout = file
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// CPU returns the processor time that it has used, user and system. It is an
// error where the system does not report it.
func (p *Process) CPU() (time.Duration, error) { return CPU(p.cmd.Process.Pid) }

// PeakMemory returns the most bytes that it has had resident. It is an error
// where the system does not report it.
func (p *Process) PeakMemory() (int64, error) { return peakMemory(p.cmd.Process.Pid) }

// Ended reports whether it has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Wait waits until it has ended, and returns its error.
func (p *Process) Wait() error {
	<-p.ended
	return p.err
}

// Stop asks it to end, and ends it when it does not within seconds.
func (p *Process) Stop() error {
	if p.cmd.Process.Signal(os.Interrupt) != nil {
		_ = p.cmd.Process.Kill() // Windows knows no other way
	}
	select {
	case <-p.ended:
		return p.err
	case <-time.After(stopTime):
		_ = p.cmd.Process.Kill()
		return errors.Join(errors.New("it did not end when asked to"), p.Wait())
	}
}

// AwaitLine waits for the first line of a file that it writes.
func (p *Process) AwaitLine(ctx context.Context, file string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		line, err := firstLine(file)
		if err != nil || line != "" {
			return line, err
		}
		select {
		case <-again.C:
		case <-p.ended:
			return "", fmt.Errorf("it ended: %v", p.cmd.ProcessState)
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// firstLine returns "" as long as there is no whole line.
func firstLine(name string) (string, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	line, _, whole := strings.Cut(string(text), "\n")
	if err != nil || !whole {
		return "", err
	}
	return strings.TrimSpace(line), nil
}
