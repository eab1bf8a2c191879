package record

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/recording"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
)

// UI is the recording that the terminal UI starts and stops. It takes
// in the profiles that the UI keeps meanwhile.
type UI struct {
	Session  *target.Session
	Profiles string // the directory of kept profiles; "": none

	mu     sync.Mutex
	run    *recordRun     // nil: none
	client *client.Client // of run
	began  time.Time
}

var _ tui.Recorder = (*UI)(nil)

// Start implements [tui.Recorder].
func (u *UI) Start(file string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.run != nil {
		return errors.New("a recording is already running; :record stop stops it")
	}
	c, err := watcher(u.Session)
	if err != nil {
		return err
	}
	var o recording.Options
	if u.Profiles != "" {
		if o.Profiles, err = profiler.OpenSessions(u.Profiles, profiler.Limits{}); err != nil {
			return err
		}
	}
	run, err := startRecording(context.Background(), c, file, o)
	if err != nil {
		c.Close()
		return err
	}
	u.run, u.client, u.began = run, c, time.Now()
	return nil
}

// Stop implements [tui.Recorder].
func (u *UI) Stop() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.run == nil {
		return nil
	}
	err := u.run.stop()
	u.client.Close()
	u.run = nil
	return err
}

// Report implements [tui.Recorder].
func (u *UI) Report() tui.RecordReport {
	if !u.mu.TryLock() {
		return tui.RecordReport{} // it begins or ends just now
	}
	defer u.mu.Unlock()
	if u.run == nil {
		return tui.RecordReport{}
	}
	report := u.run.recorder.Report()
	r := tui.RecordReport{Running: true, File: u.run.file, Elapsed: time.Since(u.began), Bytes: report.Bytes, Fault: report.Fault}
	select {
	case <-u.run.done:
		if u.run.err != nil {
			r.Fault = u.run.err.Error()
		}
	default:
	}
	return r
}
