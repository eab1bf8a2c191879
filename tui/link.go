package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// link is what the shell knows of the connection to the server.
type link struct {
	asking bool
	next   time.Time // when to ask again
	since  time.Time // when the server was lost
	tries  int

	answered time.Time // when the server answered last
	silent   bool      // it was lost since no answer came, not since nobody is there
}

// How long a server may take before the screen says so.
const (
	lookTimeout = 3 * time.Second // one request
	datedAfter  = 2 * time.Second // two samples: figures are dated
	silentAfter = 3 * time.Second // it is not answering
)

// errSilent is returned when a look at the server got no answer in time.
var errSilent = errors.New("server is not answering: no reply within " + lookTimeout.String())

// promptly makes one request with a deadline of its own. Its end closes the
// connection, so that the next request does not wait on one that is dead.
func promptly(ctx context.Context, request func(ctx context.Context) error) error {
	asked, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	err := request(asked)
	if err != nil && ctx.Err() == nil && asked.Err() != nil {
		return errSilent
	}
	return err
}

// linkMsg is one look at the server: its figures, or at least a sign of life.
type linkMsg struct {
	server  uint64 // which of those that the UI was on
	info    wire.Info
	hasInfo bool
	sample  wire.Sample
	figures bool
	reason  string           // why no figures
	seen    *source.Sighting // of a program; nil: an event store was asked, or nothing was seen
	err     error
}

// ask looks at the server: info once, then a sample a second. A server without
// figures is asked for its health only.
func (l *link) ask(r reach, live *page.Live) tea.Cmd {
	l.asking = true
	if r.program != nil {
		return lookAtProgram(r)
	}
	needInfo := !live.HasInfo || !live.Connected
	plain := live.NoFigures != ""
	return func() tea.Msg {
		var msg linkMsg
		labelled(r.ctx, func(ctx context.Context) {
			if plain {
				msg.err = promptly(ctx, func(ctx context.Context) error {
					_, err := r.root.Health(ctx)
					return err
				})
				return
			}
			msg = lookAt(ctx, r.root, needInfo)
		})
		msg.server = r.server
		return msg
	}
}

// lookAtProgram asks a program that is no event store what it offers.
func lookAtProgram(r reach) tea.Cmd {
	return func() tea.Msg {
		msg := linkMsg{server: r.server}
		labelled(r.ctx, func(ctx context.Context) {
			seen, err := r.program.Look(ctx)
			if msg.err = err; err == nil {
				msg.seen = &seen
			}
		})
		return msg
	}
}

// programEvery is how often a program is looked at: often enough for rules,
// which take three seconds for a gap.
const programEvery = 2 * time.Second

// isGone reports whether nobody answers.
func isGone(err error) bool {
	return client.Unreachable(err) || errors.Is(err, source.ErrUnreachable) || errors.Is(err, errSilent)
}

func lookAt(ctx context.Context, c *client.Client, needInfo bool) (msg linkMsg) {
	if needInfo {
		msg.err = promptly(ctx, func(ctx context.Context) (err error) {
			msg.info, err = c.Info(ctx)
			return err
		})
		msg.hasInfo = msg.err == nil
	}
	if msg.err == nil {
		msg.err = promptly(ctx, func(ctx context.Context) (err error) {
			msg.sample, err = c.Sample(ctx)
			return err
		})
		msg.figures = msg.err == nil
	}
	switch {
	case client.NotOffered(msg.err):
		msg.reason, msg.err = "metrics are not offered by this server", nil
	case client.Unauthorized(msg.err):
		msg.reason, msg.err = "metrics need the admin token", nil
	}
	return msg
}

// Update takes what a look at the server found into what panes and header see.
// It returns why there are no figures, when that is news.
func (l *link) Update(env *page.Env, msg linkMsg) (fault string) {
	l.asking = false
	l.next = env.Now.Truncate(time.Second).Add(time.Second)
	live := &env.Live
	l.silent = errors.Is(msg.err, errSilent)
	if !isGone(msg.err) {
		l.answered = env.Now
	}
	if live.Program != nil {
		l.next = l.next.Add(programEvery - time.Second)
	}
	if msg.err != nil {
		return unfigured(live, msg.err)
	}
	if msg.seen != nil {
		live.Program, live.NoFigures = &page.Program{Goroutines: msg.seen.Goroutines(), Heap: msg.seen.Heap}, ""
	}
	if msg.hasInfo {
		live.Info, live.HasInfo = msg.info, true
	}
	if msg.figures {
		live.Sample, live.HasSample = msg.sample, true
	}
	if msg.reason != "" {
		live.NoFigures = msg.reason
	}
	return ""
}

// unfigured notes why there are no figures, and returns it when that is news.
func unfigured(live *page.Live, err error) string {
	before := live.NoFigures
	if isGone(err) {
		return ""
	}
	if live.Program != nil {
		live.Program = &page.Program{Goroutines: -1, Heap: -1}
	}
	if live.NoFigures = "metrics: " + err.Error(); live.NoFigures == before {
		return ""
	}
	return live.NoFigures
}

// due reports whether the server is to be looked at.
func (l *link) due(now time.Time) bool { return !l.asking && !now.Before(l.next) }

// lost has the server asked again, within a second of when it may be back, and reports
// whether it was there before.
func (l *link) lost(env *page.Env) bool {
	l.tries++
	l.next = env.Now.Add(min(time.Duration(l.tries)*500*time.Millisecond, time.Second))
	if !env.Live.Connected {
		return false
	}
	env.Live.Connected = false
	l.since = env.Now
	return true
}

// found is back on the server, and says for how long it was gone.
func (l *link) found(env *page.Env) time.Duration {
	env.Live.Connected = true
	l.tries = 0
	return env.Now.Sub(l.since).Round(time.Second)
}

// linked has everybody take what a look at the server found.
func (a *app) linked(msg linkMsg) tea.Cmd {
	if msg.server != a.server {
		return nil
	}
	a.screen.touchHeader()
	fault := a.link.Update(&a.env, msg)
	switch {
	case isGone(msg.err):
		return a.lost(msg.err)
	case fault != "":
		return a.say(page.LevelWarn, fault)
	}
	var watched tea.Cmd
	if msg.figures {
		watched = tea.Batch(a.past.Update(a.reach(), a.env.Past, msg.sample), a.watch(msg.sample), a.refresh())
	}
	if msg.seen != nil {
		watched = a.watch(msg.seen.Observation(a.env.Now))
	}
	if a.env.Live.Connected {
		return watched
	}
	// The screen is given back; what was on its way is void.
	gone := a.link.found(&a.env)
	a.past.forget()
	back := tea.Batch(a.forget(page.ReconnectMsg{}), a.say(page.LevelInfo, "reconnected after "+gone.String()))
	return tea.Batch(back, watched)
}

// refresh has the page of figures take a new second when the header does: the
// one must not contradict the other until the next frame.
func (a *app) refresh() tea.Cmd {
	if s, _ := a.pages.find(a.page); !s.Live || !a.env.Live.Connected || a.env.Layout == page.LayoutTiny {
		return nil
	}
	return a.deliver(a.page, page.FrameMsg{N: a.clock.frames})
}

// lost greys the screen.
func (a *app) lost(err error) tea.Cmd {
	if !a.link.lost(&a.env) {
		return nil
	}
	a.screen.touch()
	return a.say(page.LevelError, err.Error())
}

// age is how long ago the server answered; 0 before its first answer.
func (l *link) age(now time.Time) time.Duration {
	if l.answered.IsZero() {
		return 0
	}
	return max(now.Sub(l.answered), 0)
}
