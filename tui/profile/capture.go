package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
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
	// fetched is the address of a profile that somebody else takes; "": it is
	// captured.
	fetched string
}

func (p *profilePage) capture(t *page.Turn) {
	kind := p.drawing().kind().kind
	switch {
	case p.capturing(t):
		return
	case kind == "":
		t.Toast(page.LevelInfo, "this profile is from a file: choose what to capture with t")
		return
	}
	request := profiler.Request{Kind: kind, By: "the profile page"}
	if kind.Timed() {
		request.Duration = time.Duration(p.seconds) * time.Second
	}
	job := captureJob{kind: kind, began: t.Now, total: request.Duration, byAuto: p.auto}
	name, of := here(t), (*client.Client)(nil) // nil: of what the UI is attached to
	if p.program != nil {
		name, of = p.program.url, p.program.client
	}
	isProgram := of != nil || t.Live.Program != nil
	ask := t.AskElsewhere
	if of == nil {
		ask = t.Ask
		job.figure.Load, job.figure.Figures = page.FiguresOf(t.Live)
	}
	p.begin(ask, job, func(ctx context.Context, c *client.Client) (any, error) {
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
		opened, err := taken.Open(profiler.Limits{})
		if err != nil {
			return nil, err
		}
		about := profiler.Session{Kind: kind, Time: taken.Began, Duration: taken.Took, Target: name}
		return &loadedProfile{profile: opened, about: about, data: taken}, nil
	})
}

// capturing reports whether a capture is under way, and says so.
func (p *profilePage) capturing(t *page.Turn) bool {
	if p.job == nil {
		return false
	}
	t.Toast(page.LevelInfo, "a %s profile is being taken: esc cancels it", p.job.kind)
	return true
}

// begin begins a capture: a call that ends as well when the job is cancelled.
func (p *profilePage) begin(ask func(gen uint64, call page.Call), job captureJob, call page.Call) {
	call, job.cancel = kit.Stoppable(call)
	p.job, p.fault = &job, ""
	ask(p.asks.await(&p.asks.capture, p.capturedReply), call)
}

func (p *profilePage) capturedReply(t *page.Turn, msg page.Reply) {
	job := p.job
	p.job, p.captured = nil, t.Now
	if job == nil {
		return
	}
	taken, _ := msg.Value.(*loadedProfile)
	if msg.Err != nil || taken == nil {
		p.auto = false
		p.captureFailed(t, job, msg.Err)
		return
	}
	taken.about.Load, taken.about.Figures = job.figure.Load, job.figure.Figures
	kind := taken.about.Kind
	p.loaded[kind] = taken
	switch {
	case job.fetched != "":
		p.tab = profileTop
		p.choose(kind)
		t.Toast(page.LevelInfo, "fetched %s; x saves it", job.fetched)
	case p.typ.kind == kind:
		p.choose(kind)
	}
	if p.tab == profileKept && !job.byAuto {
		p.tab = profileTop // what was asked for
	}
	if job.fetched == "" && !job.byAuto {
		t.Toast(page.LevelInfo, "captured a %s profile; x saves it", kind)
	}
	p.look(t)
}

func (p *profilePage) captureFailed(t *page.Turn, job *captureJob, err error) {
	var busy *profiler.BusyError
	switch {
	case errors.Is(err, context.Canceled) && job.fetched != "":
		t.Toast(page.LevelInfo, "fetching cancelled")
	case errors.Is(err, context.Canceled):
		t.Toast(page.LevelInfo, "%s capture cancelled", job.kind)
	case job.fetched != "":
		t.Toast(page.LevelError, "%v", err)
	case errors.As(err, &busy):
		t.Toast(page.LevelWarn, "%s; try again when it is done", busy)
	case missing(err) != "":
		p.fault = missing(err)
	case p.program != nil || t.Live.Program != nil:
		t.Toast(page.LevelError, "no %s profile: %v", job.kind, err)
	case client.Unauthorized(err):
		p.fault = "profiles need the admin token"
	case client.NotOffered(err):
		p.fault = "profiles are not offered by this server"
	case client.Unreachable(err):
	default:
		t.Toast(page.LevelError, "no %s profile: %v", job.kind, err)
	}
}

// progress is how far the capture is, in words and from 0 to 1.
func (j *captureJob) progress(now time.Time) (string, float64) {
	elapsed := max(0, now.Sub(j.began))
	doing := fmt.Sprintf("taking a %s profile", j.kind)
	if j.fetched != "" {
		doing = "fetching " + text.Sanitize(j.fetched)
	}
	if j.total == 0 {
		return doing, 0
	}
	share := min(1, float64(elapsed)/float64(j.total))
	return doing + fmt.Sprintf(": %.0f of %.0f s", min(elapsed, j.total).Seconds(), j.total.Seconds()), share
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

func (p *profilePage) asked(t *page.Turn, msg captureMsg) {
	if msg.kind == "" {
		return
	}
	if p.job == nil {
		p.choose(msg.kind)
		p.seconds = cmp.Or(msg.seconds, p.seconds)
		p.look(t)
	}
	p.capture(t)
}
