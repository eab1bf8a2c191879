package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"
)

// Run shows the UI until the user quits, ctx ends, the terminal goes away, or
// SIGTERM, SIGHUP or SIGINT comes. All of these are a clean end: Run restores
// the terminal, stops a load that it started, and returns nil. It returns an
// error when there is no terminal to show anything on, and when the program
// itself fails.
func Run(ctx context.Context, cfg Config) error {
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer cancel()
	ssh, output := overSSH(os.Getenv), &meter{to: os.Stdout}
	if ssh && cfg.Frame == 0 {
		cfg.Frame = 250 * time.Millisecond
	}
	options := []tea.ProgramOption{tea.WithFPS(30), tea.WithOutput(tty{os.Stdout, output})}
	input := &ttyInput{File: os.Stdin, gone: cancel}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		options = append(options, tea.WithInput(input))
	}
	var err error
	labelled(ctx, func(ctx context.Context) {
		a := newApp(ctx, cfg)
		if cfg.Now != nil {
			a.now = cfg.Now
		}
		if ssh {
			a.clock.sent = output.take
		}
		a.env.Now = a.now()
		a.opening = a.restore(readState(ctx, cfg.State, a.cfg.stateKey(), cfg.Client, cfg.Namespace))
		var root tea.Model = a
		if cfg.Plain {
			root, options = newSpeaker(a, os.Stdout), append(options, tea.WithOutput(clipboardOnly{os.Stdout}))
		}
		err = runProgram(ctx, tea.NewProgram(root, options...))
		a.editor.drop()
		cancel()
		err = errors.Join(err, end(&a.cfg, a.leave()))
	})
	return err
}

// end stops what the UI started on the last of its servers, and keeps how it
// was left. A state that cannot be kept is no failure of the program.
func end(cfg *Config, state keptState) error {
	if err := keepState(cfg.State, cfg.stateKey(), state); err != nil {
		slog.Warn("the UI state is not saved", "error", err)
	}
	if cfg.Load != nil {
		cfg.Load.Stop()
	}
	if cfg.Recorder != nil {
		return cfg.Recorder.Stop()
	}
	return nil
}

// runProgram ends the program when ctx does, the way q would end it.
func runProgram(ctx context.Context, p *tea.Program) error {
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ctx.Done():
			p.Quit()
		case <-done:
		}
	}()
	_, err := p.Run()
	close(done)
	<-watched
	if err == nil || errors.Is(err, tea.ErrInterrupted) || terminalGone(err) {
		return nil
	}
	return fmt.Errorf("run the terminal UI: %w", err)
}

// terminalGone reports whether reading keys failed because there is nobody any
// more to press them.
func terminalGone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) || errors.Is(err, os.ErrClosed)
}

// ttyInput is standard input that tells when the terminal has hung up: Bubble
// Tea takes the end of input for silence and would go on.
type ttyInput struct {
	*os.File
	gone func()
}

// Read implements io.Reader.
func (t *ttyInput) Read(p []byte) (int, error) {
	n, err := t.File.Read(p)
	if err != nil && terminalGone(err) {
		t.gone()
	}
	return n, err
}
