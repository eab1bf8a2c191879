package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	startTime = 30 * time.Second // for a child to tell where it serves
	stopTime  = 15 * time.Second // for a child to end
)

// child is a process that serves HTTP.
type child struct {
	cmd   *exec.Cmd
	addr  string // host:port
	token string
	ended chan error // has Wait's answer
}

// startChild starts the program, without the EVTUI_ variables and the
// configuration file, which are meant for the bench.
func startChild(program string, out *os.File, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(program, args...), ended: make(chan error, 1)}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "EVTUI_") {
			c.cmd.Env = append(c.cmd.Env, v)
		}
	}
	c.cmd.Env = append(c.cmd.Env, "EVTUI_CONFIG=none") // what the user has set must not be measured
	if out != nil {
		c.cmd.Stdout = out
	}
	c.cmd.Stderr = os.Stderr
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { c.ended <- c.cmd.Wait() }()
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// stop asks the child to end, and ends it when it does not.
func (c *child) stop() error {
	if c.cmd.Process.Signal(os.Interrupt) != nil {
		_ = c.cmd.Process.Kill() // Windows knows no other way
	}
	select {
	case err := <-c.ended:
		return err
	case <-time.After(stopTime):
		_ = c.cmd.Process.Kill()
		return errors.Join(errors.New("it did not end when asked to"), <-c.ended)
	}
}

// startServer starts evtui serve on the directory and waits until it serves.
// Flags, if there are any, name the directory in the place of --data.
func startServer(ctx context.Context, program, dir string, flags ...string) (*child, error) {
	if len(flags) == 0 {
		flags = []string{"--data", dir}
	}
	c, err := startChild(program, nil, append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "error"}, flags...)...)
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	endpoint, err := c.awaitLine(ctx, filepath.Join(dir, "endpoint"))
	if err == nil {
		c.token, err = c.awaitLine(ctx, filepath.Join(dir, "token"))
	}
	if err == nil {
		err = c.reached(endpoint)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the server: %w", err), c.stop())
	}
	return c, nil
}

// startLimit starts the empty handler, which prints its URL.
func startLimit(ctx context.Context, program, dir string) (*child, error) {
	name := filepath.Join(dir, "limit")
	out, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	c, err := startChild(program, out, LimitCommand)
	if err != nil {
		return nil, fmt.Errorf("start the limit: %w", err)
	}
	endpoint, err := c.awaitLine(ctx, name)
	if err == nil {
		err = c.reached(endpoint)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the limit: %w", err), c.stop())
	}
	return c, nil
}

func (c *child) reached(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	c.addr = u.Host
	return nil
}

// awaitLine waits for the file's first line.
func (c *child) awaitLine(ctx context.Context, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		line, err := firstLine(name)
		if err != nil || line != "" {
			return line, err
		}
		select {
		case <-again.C:
		case err := <-c.ended:
			c.ended <- err
			return "", fmt.Errorf("it ended: %w", err)
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// firstLine returns "" as long as there is no whole line.
func firstLine(name string) (string, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	line, err := bufio.NewReader(file).ReadString('\n')
	if err != nil {
		return "", nil
	}
	return strings.TrimSpace(line), nil
}
