package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// link is what the shell knows of the connection to the server: whether it
// answers, and how fast. Whatever the screen says about that, in header, frame
// and pages, comes from here.
type link struct {
	every time.Duration // between two looks
	next  time.Time     // when to look again
	asked time.Time     // when the newest look was sent
	sent  uint64        // looks so far
	heard uint64        // the newest of them that was answered
	out   int           // looks under way

	met      bool          // the server has answered
	answered time.Time     // when it did last, or was first asked
	heardOf  time.Time     // when that answer was asked for: what it says may be as old
	figured  time.Time     // when the newest figures were asked for; zero: there are none
	refused  bool          // there are none to ask for
	took     time.Duration // how long the last answer took

	fault error     // why the server counts as lost; nil: it does not
	since time.Time // since when
	tries int       // looks in vain since then
	last  report    // what the screen said of it last
}

// How long a server may take before the screen says so.
const (
	lookEvery   = time.Second
	lookTimeout = 3 * time.Second // one request
	datedAfter  = 2               // times the time between two looks: two samples
	slowAfter   = time.Second     // one answer
	// silentAfter is when one look has been without an answer for so long that it
	// is said, unless the server is known to be slow; at lookTimeout it is lost.
	silentAfter = 1500 * time.Millisecond
	// maxLooks is how many looks are under way at once while the server is lost:
	// the first of them is answered that is sent once it is back, whatever became
	// of those before.
	maxLooks = 4
)

// programEvery is how often a program is looked at: often enough for rules,
// which take three seconds for a gap.
const programEvery = 2 * time.Second

// Why a server counts as lost, beside that nobody is there.
var (
	// errSilent is that no answer came in time.
	errSilent = fmt.Errorf("server is not answering: %w", client.ErrSilent)
	// errGarbled is that what comes back is none of the protocol's.
	errGarbled = errors.New("answers of the server are not understood")
)

// isGone reports whether there is no server to be spoken with.
func isGone(err error) bool {
	return client.Unreachable(err) || errors.Is(err, source.ErrUnreachable) || errors.Is(err, errGarbled)
}

// promptly makes one request with a deadline of its own. Its end closes the
// connection, so that the next request does not wait on one that is dead.
func promptly[T any](ctx context.Context, request func(ctx context.Context) (T, error)) (T, error) {
	asked, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	answer, err := request(asked)
	if err != nil && ctx.Err() == nil && asked.Err() != nil {
		err = errSilent
	}
	return answer, err
}

// linkMsg is one look at the server: its figures, or at least a sign of life.
type linkMsg struct {
	server  uint64    // which of those that the UI was on
	look    uint64    // which of the looks at it
	asked   time.Time // when it was sent
	info    wire.Info
	hasInfo bool
	sample  wire.Sample
	figures bool
	reason  string           // why no figures
	seen    *source.Sighting // of a program; nil: an event store was asked, or nothing was seen
	err     error
}

// look looks at the server when it is due: info once, then a sample a second. A
// server without figures is asked for its health only.
func (l *link) look(r reach, env *page.Env) tea.Cmd {
	now, live := env.Now, &env.Live
	if !l.due(now) {
		return nil
	}
	l.sent++
	l.out++
	if l.sent == 1 {
		l.answered = now
	}
	l.asked, l.next = now, now.Truncate(time.Second).Add(l.every)
	look := looking{root: r.root, program: r.program, lost: !live.Connected, info: !live.HasInfo || !live.Connected || live.Info.Shared && l.sent%infoEach == 0, plain: l.refused}
	msg := linkMsg{server: r.server, look: l.sent, asked: now}
	return background(r.life, func(ctx context.Context) tea.Msg {
		look.at(ctx, &msg)
		return msg
	})
}

// infoEach is after how many looks a store that others share is asked again what it is:
// how safely its servers store may have become known.
const infoEach = 10

// looking is one look at the server under way.
type looking struct {
	root    *client.Client
	program *source.Program
	lost    bool // the server was lost: is anybody there again?
	info    bool // what the engine is must be asked as well
	plain   bool // there are no figures to ask for
}

func (q looking) at(ctx context.Context, msg *linkMsg) {
	if q.lost {
		// Connections that were open when the server was lost may be dead without
		// telling: whoever comes now makes a new one.
		q.root.Close()
	}
	switch {
	case q.program != nil:
		var seen source.Sighting
		if seen, msg.err = promptly(ctx, q.program.Look); msg.err == nil {
			msg.seen = &seen
		}
	case q.plain:
		msg.err = q.health(ctx)
	default:
		if q.lost {
			msg.err = q.health(ctx)
		}
		if msg.err == nil {
			q.figures(ctx, msg)
		}
	}
}

// figures asks for the newest sample and, at the same time, what the engine is.
func (q looking) figures(ctx context.Context, msg *linkMsg) {
	var both sync.WaitGroup
	var unknown error
	if q.info {
		both.Go(func() { msg.info, unknown = promptly(ctx, q.root.Info) })
	}
	msg.sample, msg.err = promptly(ctx, q.root.Sample)
	both.Wait()
	msg.hasInfo = q.info && unknown == nil
	if unknown != nil {
		msg.err = unknown
	}
	msg.figures = msg.err == nil
	switch {
	case client.NotOffered(msg.err):
		msg.reason, msg.err = "metrics are not offered by this server", nil
	case client.Unauthorized(msg.err):
		msg.reason, msg.err = "metrics need the admin token", nil
	case msg.err != nil && !isGone(msg.err):
		// One answer may be of another version's form. If none is understood, this
		// is no server any more.
		if err := q.health(ctx); isGone(err) {
			msg.err = err
		}
	}
}

// health asks for a sign of life that this protocol has.
func (q looking) health(ctx context.Context) error {
	_, err := promptly(ctx, q.root.Health)
	answer, said := errors.AsType[*client.Error](err)
	switch {
	case err == nil || ctx.Err() != nil || isGone(err):
		return err
	case said && answer.Code != "":
		return nil // it is there, and says what it does not let us
	}
	return fmt.Errorf("%w: %w", errGarbled, err)
}

// Update takes what a look at the server found into what panes and header see.
// It returns why there are no figures, when that is news.
func (l *link) Update(env *page.Env, msg linkMsg) (fault string) {
	live := &env.Live
	if !isGone(msg.err) {
		l.met, l.heard = true, msg.look
		l.answered, l.heardOf, l.took = env.Now, msg.asked, env.Now.Sub(msg.asked)
	}
	if msg.err != nil {
		return unfigured(live, msg.err)
	}
	l.figured = msg.asked
	if msg.seen != nil {
		live.Program, live.NoFigures = &page.Program{Goroutines: msg.seen.Goroutines(), Heap: msg.seen.Heap}, ""
	}
	if msg.hasInfo {
		live.Info, live.HasInfo = msg.info, true
	}
	if msg.figures {
		live.Sample, live.HasSample, live.NoFigures = msg.sample, true, ""
	}
	if msg.reason != "" {
		live.NoFigures, l.refused = msg.reason, true
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

// stale reports whether an answer is not worth taking: a look that was sent later
// was answered earlier.
func (l *link) stale(msg linkMsg) bool { return msg.look < l.heard }

// due reports whether the server is to be looked at.
func (l *link) due(now time.Time) bool {
	return !now.Before(l.next) && (l.out == 0 || l.fault != nil && l.out < maxLooks)
}

// silent reports whether the server should have answered by now: longer than it
// ever took lately.
func (l *link) silent(now time.Time) bool {
	return l.fault == nil && l.out > 0 && now.Sub(l.asked) >= max(silentAfter, l.took*3/2)
}

// resumed begins to wait again, after a time in which nobody could listen.
func (l *link) resumed(now time.Time) { l.asked, l.answered = now, now }

// lost has the server asked again, at once and then within a second, and reports
// whether it was there before.
func (l *link) lost(env *page.Env, err error) bool {
	if soon := env.Now.Add(min(time.Duration(l.tries)*500*time.Millisecond, time.Second)); soon.Before(l.next) {
		l.next = soon
	}
	l.tries++
	was := l.fault == nil
	l.fault = err
	if was {
		env.Live.Connected, l.refused = false, false // who comes back may be another
		l.since = env.Now
		if l.met {
			l.since = l.answered
		}
	}
	env.Live.Lost = l.word(env.Theme.Sym.Ellipsis)
	return was
}

// found is back on the server, and says for how long it was gone.
func (l *link) found(env *page.Env) time.Duration {
	env.Live.Connected, env.Live.Lost = true, ""
	l.fault, l.tries = nil, 0
	return env.Now.Sub(l.since).Round(time.Second)
}

// silence is what a server that does not answer is said to do.
const silence = "not answering"

// word says in a word or three why the server counts as lost; "" while it does
// not.
func (l *link) word(ellipsis string) string {
	switch {
	case l.fault == nil:
		return ""
	case errors.Is(l.fault, client.ErrSilent):
		return silence
	case errors.Is(l.fault, errGarbled):
		return "answers not understood"
	case !l.met:
		return "connecting" + ellipsis
	}
	return "reconnecting" + ellipsis
}

// report is what the screen says of the connection, the same in every place.
type report struct {
	lost string // in a word why the server counts as lost; "": it does not
	slow string // what the connection is like where that is worth a warning
	old  string // how long this has been so, or how old what is shown is
	grey bool   // what is shown is too old to be taken for now
}

// report says how things stand. frame is the time between two frames, at which
// the server is looked at.
func (l *link) report(env *page.Env, frame time.Duration) report {
	now, ellipsis := env.Now, env.Theme.Sym.Ellipsis
	since := func(t time.Time) string { return text.Duration(max(now.Sub(t), 0).Truncate(time.Second)) }
	dated := datedAfter * max(l.every, frame)
	r := report{lost: l.word(ellipsis)}
	switch age := l.age(now); {
	case r.lost != "":
		r.old, r.grey = "for "+since(l.since), true
		return r
	case l.silent(now):
		r.lost, r.old, r.grey = silence, "for "+since(l.answered), true
		return r
	case !l.met && l.out > 0 && now.Sub(l.answered) >= slowAfter:
		r.slow = "connecting" + ellipsis
	case l.met && l.took >= slowAfter:
		r.slow = "answers take " + text.Duration(l.took.Round(100*time.Millisecond))
		fallthrough
	case age > dated:
		if r.grey = age > dated; r.grey {
			r.old = since(now.Add(-age)) + " old"
		}
	}
	return r
}

// watch notes what the screen is to say of the connection, and reports whether that
// is something else than before.
func (l *link) watch(env *page.Env, frame time.Duration) bool {
	r := l.report(env, frame)
	if r == l.last {
		return false
	}
	l.last, env.Live.Lost = r, r.lost
	return true
}

// age is how old what the server said last may be: as old as the question. 0
// before its first answer.
func (l *link) age(now time.Time) time.Duration {
	if !l.met {
		return 0
	}
	return max(now.Sub(l.heardOf), 0)
}

// datedFigures reports whether the figures are too old to be taken for now,
// though the server answers.
func (l *link) datedFigures(now time.Time, frame time.Duration) bool {
	return !l.figured.IsZero() && now.Sub(l.figured) > datedAfter*max(l.every, frame)
}

// chips are the report's words for the frame of a page.
func (r report) chips() []string {
	switch {
	case r.lost != "":
		return []string{r.lost + " " + r.old}
	case r.slow != "" && r.old != "":
		return []string{r.slow + ", " + r.old}
	case r.slow+r.old != "":
		return []string{r.slow + r.old}
	}
	return nil
}

// linked has everybody take what a look at the server found.
func (a *app) linked(msg linkMsg) tea.Cmd {
	if msg.server != a.reach.server {
		return nil
	}
	a.link.out = max(a.link.out-1, 0)
	if a.link.stale(msg) {
		return nil
	}
	a.screen.touchHeader()
	fault := a.link.Update(&a.env, msg)
	if isGone(msg.err) {
		return a.lost(msg.err)
	}
	back := a.regained()
	if fault != "" {
		return tea.Batch(back, a.say(page.LevelWarn, fault))
	}
	var watched tea.Cmd
	if msg.figures {
		watched = tea.Batch(a.past.Update(a.reach, a.env.Past, msg.sample), a.tell(a.triggers.Update(a.reach, a.env.Live, msg.sample)))
		// A page of figures takes a new second when the header does: the one must not
		// contradict the other until the next frame.
		if s, _ := a.pages.find(a.page); s.Live && a.env.Layout != page.LayoutTiny {
			watched = tea.Batch(watched, a.deliver(a.page, page.FrameMsg{N: a.clock.frames}))
		}
	}
	if msg.seen != nil {
		watched = a.tell(a.triggers.Update(a.reach, a.env.Live, msg.seen.Observation(a.env.Now)))
	}
	return tea.Batch(back, watched, a.link.look(a.reach, &a.env))
}

// regained gives the screen back, if the server was lost: what was on its way is
// void.
func (a *app) regained() tea.Cmd {
	if a.env.Live.Connected {
		return nil
	}
	gone := a.link.found(&a.env)
	a.reach.wire()
	a.past.forget()
	return tea.Batch(a.forget(page.ReconnectMsg{}), a.say(page.LevelInfo, "reconnected after "+gone.String()))
}

// lost greys the screen, and cuts off whatever still waits for an answer: it
// would hold its connection, and the page that asked, for as long as the
// client's patience lasts.
func (a *app) lost(err error) tea.Cmd {
	if !a.link.lost(&a.env, err) {
		return nil
	}
	a.reach.cut(client.Unreached(err))
	a.screen.touch()
	return a.say(page.LevelError, err.Error())
}
