package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// autoRest is the least time between two captures in auto.
const autoRest = 5 * time.Second

// captureJob is a capture under way.
type captureJob struct {
	cancel context.CancelFunc
	kind   profiler.Kind
	began  time.Time
	total  time.Duration // 0: a snapshot
	figure profiler.Session
	byAuto bool
	apart  bool // it asks nothing of the server
	// fetched is the address of a profile that somebody else takes; "": it is captured.
	fetched string
}

// captures are what is captured, of whom and for how long, and the capture that is under way.
type captures struct {
	seconds int         // one takes
	auto    bool        // again and again
	program *program    // of which; nil: of what the UI is attached to
	job     *captureJob // nil: nothing is being captured
	ended   time.Time   // when the last one did
}

// The seconds that a capture may take, and how they grow.
func captureLengths() []int { return []int{1, 2, 5, 10, 20, 30, 60} }

func (c *captures) lengthen(t *page.Turn, by int) {
	lengths := captureLengths()
	longer, _ := slices.BinarySearch(lengths, c.seconds+1)
	c.seconds = lengths[min(max(0, longer-1+by), len(lengths)-1)]
	t.Toast(page.LevelInfo, "captures now take %d s", c.seconds)
}

// start makes a capture the one under way: the call that takes it, none where it cannot be now.
func (c *captures) start(t *page.Turn, kind profiler.Kind) (ask page.Ask) {
	switch {
	case c.busy(t):
		return ask
	case kind == "":
		c.auto = false
		t.Toast(page.LevelInfo, "this profile is from a file: choose what to capture with t")
		return ask
	}
	request := profiler.Request{Kind: kind, By: "the profile page"}
	if kind.Timed() {
		request.Duration = time.Duration(c.seconds) * time.Second
	}
	job := captureJob{kind: kind, began: t.Now, total: request.Duration, byAuto: c.auto, apart: c.program != nil}
	name, of := here(t), (*client.Client)(nil) // nil: of what the UI is attached to
	if c.program != nil {
		name, of = c.program.url, c.program.client
	}
	if of == nil {
		job.figure.Load, job.figure.Figures = page.FiguresOf(t.Live)
	}
	isProgram := of != nil || t.Live.Program != nil
	ask.Elsewhere = of != nil
	ask.Call = c.begin(job, func(ctx context.Context, c *client.Client) (any, error) {
		if of != nil {
			c = of
		}
		taken, err := profiler.NewRecorder(name, c.In("").Profile).Record(ctx, request, nil)
		if err != nil && isProgram {
			err = explain(ctx, kind, name, err)
		}
		if err != nil {
			return nil, err
		}
		return inMemory(taken)
	})
	return ask
}

// busy reports whether a capture is under way, and says so.
func (c *captures) busy(t *page.Turn) bool {
	if c.job == nil {
		return false
	}
	switch c.job.fetched {
	case "":
		t.Toast(page.LevelInfo, "a %s profile is being taken: esc cancels it", c.job.kind)
	default:
		t.Toast(page.LevelInfo, "%s is being fetched: esc cancels it", c.job.fetched)
	}
	return true
}

// begin makes a job the one under way: its call ends as well when it is cancelled.
func (c *captures) begin(job captureJob, call page.Call) page.Call {
	call, job.cancel = kit.Stoppable(call)
	c.job = &job
	return call
}

// stop cancels the capture under way, and reports whether there is one.
func (c *captures) stop() bool {
	if c.job == nil {
		return false
	}
	c.auto = false
	c.job.cancel()
	return true
}

// drop forgets the capture under way, if it was of a server that is no longer ours.
func (c *captures) drop(t *page.Turn, asks *profileAsks) {
	if c.job == nil || c.job.apart {
		return
	}
	c.job.cancel()
	c.job = nil
	asks.drop(&asks.capture)
	t.Toast(page.LevelWarn, "the capture was dropped: the connection changed")
}

// failed says that a capture failed: for some seconds, or, where it would fail
// again, in what it returns.
func (c *captures) failed(t *page.Turn, job *captureJob, err error) (fault string) {
	c.auto = false
	var (
		busy    *profiler.BusyError
		missing *source.Missing
	)
	switch {
	case errors.Is(err, context.Canceled) && job.fetched != "":
		t.Toast(page.LevelInfo, "fetching cancelled")
	case errors.Is(err, context.Canceled):
		t.Toast(page.LevelInfo, "%s capture cancelled", job.kind)
	case job.fetched != "":
		t.Toast(page.LevelError, "%v", err)
	case errors.As(err, &busy):
		t.Toast(page.LevelWarn, "%s; try again when it is done", busy)
	case errors.As(err, &missing):
		return missing.Error()
	case c.program != nil || t.Live.Program != nil:
		t.Toast(page.LevelError, "no %s profile: %v", job.kind, err)
	case client.Unauthorized(err):
		return "profiles need the admin token"
	case client.NotOffered(err):
		return "profiles are not offered by this server"
	case client.Unreachable(err):
	default:
		t.Toast(page.LevelError, "no %s profile: %v", job.kind, err)
	}
	return ""
}

// line draws how far the capture is, and says it.
func (j *captureJob) line(env page.Env, w int) string {
	t, share := env.Theme, 0.0
	words := fmt.Sprintf("taking a %s profile", j.kind)
	if j.fetched != "" {
		words = "fetching " + text.Sanitize(j.fetched)
	}
	if j.total != 0 {
		elapsed := min(max(0, env.Now.Sub(j.began)), j.total)
		share = float64(elapsed) / float64(j.total)
		words += fmt.Sprintf(": %.0f of %.0f s", elapsed.Seconds(), j.total.Seconds())
	}
	bar := chart.Bar{Value: share, Max: 1, Pen: t.Accent, TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
	return text.Fit(" "+bar.Line(min(30, w/3))+" "+t.Text.Paint(words)+t.Muted.Paint(", esc cancels"), w)
}

// captureMsg asks the Profile page for a capture.
type captureMsg struct {
	kind    profiler.Kind // "": the page is only to be shown
	seconds int           // 0: as long as the page is set to
}

// parseCapture reads "cpu 10s": a kind, and for one that takes time how long.
func parseCapture(arg string) (captureMsg, error) {
	name, span, timed := strings.Cut(arg, " ")
	kind, err := profiler.ParseKind(name)
	if err != nil {
		return captureMsg{}, err
	}
	msg := captureMsg{kind: kind}
	if !timed {
		return msg, nil
	}
	d, err := moment.ParseSpan(strings.TrimSpace(span))
	switch {
	case !kind.Timed():
		return msg, fmt.Errorf("a %s profile is a snapshot: leave the time out", kind)
	case err != nil || d < time.Second || d > time.Minute || d%time.Second != 0:
		return msg, fmt.Errorf("needs whole seconds from 1s to 1m, such as 10s, got %q", span)
	}
	msg.seconds = int(d / time.Second)
	return msg, nil
}

func profileCommands() []page.Command {
	return []page.Command{{
		Name: "profile", Usage: "profile [KIND [TIME] | URL | here]", Help: "page 6; with cpu 10s: capture; with a URL: profile another Go program", Subject: page.SubjectWord,
		Words: []string{"cpu 10s", "heap", "allocs", "goroutine", "mutex 5s", "block 5s", "http://127.0.0.1:6060", "here"}, Rank: page.RankPage, Run: runProfile,
	}}
}

func runProfile(t *page.Turn, arg string) any {
	switch address := source.IsAddress(arg); {
	case arg == "":
		return captureMsg{}
	case arg == "here":
		return programMsg{}
	case address && t.Remote:
		t.Toast(page.LevelWarn, ":profile looks at this server alone from here; other programs from your own machine: evtui profile top %s", arg)
		return nil
	case address:
		return runAddress(t, arg)
	}
	msg, err := parseCapture(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":profile %v", err)
		return nil
	}
	return msg
}
