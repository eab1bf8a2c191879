package cli

import (
	"context"
	"errors"
	"sync"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

// loader is the built-in load, as the terminal UI starts and stops it. Its
// calls carry no actor's marker, so that they count in the figures.
type loader struct {
	session *target.Session

	mu     sync.Mutex
	cancel context.CancelFunc // ends the running load; nil when none runs
	done   chan struct{}      // closed by the load's goroutine at its end
	report page.LoadReport
}

var _ tui.Load = (*loader)(nil)

func newLoader(s *target.Session) *loader { return &loader{session: s} }

// Start begins a load with N workers, until Stop.
func (l *loader) Start(workers int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.report.Running {
		return errors.New("a load is already running; :load stop stops it")
	}
	c, err := l.session.Driver()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel, l.done = cancel, make(chan struct{})
	l.report = page.LoadReport{Running: true, Workers: workers}
	go l.run(ctx, c, workers, l.done)
	return nil
}

func (l *loader) run(ctx context.Context, c *client.Client, workers int, done chan struct{}) {
	defer close(done)
	defer c.Close()
	final, err := load.Run(ctx, load.Config{Client: c, Workers: workers}, func(r load.Report) { l.keep(r, true, nil) })
	if ctx.Err() != nil {
		err = nil // stopped, as asked for
	}
	l.keep(final, false, err)
}

func (l *loader) keep(r load.Report, running bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report = page.LoadReport{
		Running: running, Workers: r.Workers, Elapsed: r.Elapsed, Messages: r.Messages,
		WriteRate: r.WriteRate, ReadRate: r.ReadRate, Errors: r.Errors, FirstError: r.FirstError,
	}
	if err != nil {
		l.report.Errors++
		if l.report.FirstError == "" {
			l.report.FirstError = err.Error()
		}
	}
}

// Stop ends the load and waits for its workers; without one it does nothing.
func (l *loader) Stop() {
	l.mu.Lock()
	cancel, done := l.cancel, l.done
	l.mu.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	<-done
}

// Report returns where the load stands.
func (l *loader) Report() page.LoadReport {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.report
}
