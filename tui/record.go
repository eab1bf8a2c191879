package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// Recorder keeps what the server tells in a file, as the palette's :record uses
// it. Start and Stop are called from commands, never from the event loop.
type Recorder interface {
	// Start begins to record into a new file, in which the state of the UI is
	// not. It fails when a recording runs already, or when there is such a file.
	Start(file string) error
	// Stop ends the recording; without one it does nothing. Its error is of
	// writing the file to its end.
	Stop() error
	// Report tells where the recording stands. It returns at once.
	Report() RecordReport
}

// RecordReport is what the header shows of a recording.
type RecordReport struct {
	Running bool
	File    string // as it was named
	Elapsed time.Duration
	Bytes   int64  // of the file
	Fault   string // why the recording ended by itself, or has a gap; "" when all is well
}

// recordMsg says that a change of the recording is done.
type recordMsg struct {
	began, ended string // the file
	err          error
}

// recordingOf tells where the recording stands; nothing runs without a recorder.
func recordingOf(r Recorder) RecordReport {
	if r == nil {
		return RecordReport{}
	}
	return r.Report()
}

// runRecord begins or ends a recording; alone it says how it is going.
func runRecord(a *app, arg string) tea.Cmd {
	r, now := a.cfg.Recorder, recordingOf(a.cfg.Recorder)
	switch {
	case r == nil:
		return a.say(page.LevelWarn, "record: this is already a recording")
	case arg == "stop" && !now.Running:
		return a.say(page.LevelInfo, "no recording running")
	case arg == "stop":
		return func() tea.Msg { return recordMsg{ended: now.File, err: r.Stop()} }
	case now.Running:
		return a.say(page.LevelInfo, "recording to "+now.File+": "+text.Duration(now.Elapsed.Truncate(time.Second))+", "+
			text.Bytes(float64(now.Bytes))+"; :record stop stops it")
	case arg == "":
		return a.say(page.LevelWarn, ":record needs a file, such as :record run.evt")
	}
	return func() tea.Msg { return recordMsg{began: arg, err: r.Start(arg)} }
}

func (m recordMsg) toast() page.Toast {
	switch {
	case m.err != nil:
		return page.Toast{Level: page.LevelError, Text: "record: " + m.err.Error()}
	case m.began != "":
		return page.Toast{Level: page.LevelInfo, Text: "recording to " + m.began + "; :record stop stops it"}
	}
	return page.Toast{Level: page.LevelInfo, Text: "recorded; evtui open " + m.ended + " shows it"}
}

func (r RecordReport) figure(t *page.Theme) (figure, bool) {
	switch {
	case r.Fault != "":
		return figure{text: "rec " + t.Sym.Cross, pen: t.Bad, rank: 2}, true
	case r.Running:
		return figure{text: "rec " + text.Duration(r.Elapsed.Truncate(time.Second)), pen: t.Bad, rank: 2}, true
	}
	return figure{}, false
}
