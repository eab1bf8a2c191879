package tail

import (
	"encoding/json"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// tail is the page that shows what is written as it is written. It asks for
// what came since the last frame; what is more than eyes can read is folded,
// never dropped: the log still has it.
type tail struct {
	what   kit.Tailed
	filter filter.Filter
	typing kit.FilterLine
	export kit.Export
	shown  bool

	front     front
	list      *list
	questions questions
	tally     tally
	notice    notice
}

func newTail() *tail { return &tail{list: newList(), questions: questions{gens: 1, gen: 1}} }

// restart begins anew with the newest messages.
func (p *tail) restart(t *page.Turn) {
	p.renew()
	p.pull(t)
}

// renew forgets what was read; the next pull begins with the newest messages,
// or with those of the time cursor.
func (p *tail) renew() {
	p.supersede()
	p.tally, p.front.open = tally{paused: p.tally.paused}, nil
	p.questions.fault, p.questions.asked, p.questions.behind = "", time.Time{}, ""
	p.list.renew()
}

// supersede makes void whatever is still to be answered.
func (p *tail) supersede() {
	p.questions.drop()
	p.list.loading, p.list.loadGen, p.notice = 0, 0, notice{}
}

// Update implements [page.Pane].
func (p *tail) Update(t *page.Turn, msg any) {
	p.list.now = t.Now
	switch msg := msg.(type) {
	case page.ShowMsg:
		p.shown = true
		p.pull(t)
	case page.HideMsg:
		p.shown = false
		p.questions.unwatch()
	case page.FrameMsg:
		p.frame(t)
	case page.Reply:
		p.replied(t, msg)
	case page.AtMsg:
		p.renew()
	case page.NamespaceMsg:
		p.reset()
	case page.ReconnectMsg:
		p.supersede()
		p.questions.fault = ""
	case page.RestoreMsg:
		p.restore(t, msg)
	case page.LocationMsg:
		what := kit.TailedOf(msg.Location)
		sifted := msg.Filter != "" && msg.Filter != p.filter.String()
		if sifted {
			p.filter = kit.RestoredFilter(t, msg.Filter)
		}
		if sifted || !what.Equal(p.what) || !p.tally.begun {
			p.what = what
			p.restart(t)
		}
	case page.PromptMsg:
		p.prompted(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseWheelMsg:
		if n := 3 * kit.Wheel(msg.Button); p.front.on() {
			p.front.scroll(n)
		} else {
			p.list.scroll(n)
		}
	case tea.MouseClickMsg:
		p.click(t, msg.X, msg.Y)
	}
	if p.watches(t) {
		p.pull(t) // who waits for the next row does not wait for a frame as well
	}
}

// reset forgets everything; the next frame begins anew.
func (p *tail) reset() {
	p.export.Cancel()
	p.supersede()
	p.list.reset()
	*p = tail{list: p.list, questions: questions{gens: p.questions.gens, gen: p.questions.gen}, shown: p.shown, export: p.export}
}

// frame asks for what came, and keeps an answer that is overdue honest.
func (p *tail) frame(t *page.Turn) {
	p.pull(t)
	if p.export.Running() || p.questions.looking != nil {
		t.Redraw() // its progress
	}
	if p.tally.begun && p.questions.asking {
		p.questions.keepHonest(t)
	}
	p.notice.ask(t, p.shown, &p.questions)
}

func (p *tail) pull(t *page.Turn) {
	if p.questions.asking || p.questions.fault != "" || p.tally.begun && !t.At.IsZero() {
		return // what was does not change
	}
	q := tailPull{what: p.what, filter: p.filter, after: p.tally.place, first: !p.tally.begun}
	q.keep = min(max(t.Height/2, tailKeepMin), tailKeep) // so that the fold is seen above them
	q.bare = p.tally.begun && (p.tally.paused || !p.list.follow && len(p.list.buffer.rows) >= tailRows)
	p.questions.put(t, q, p.watches(t))
}

// watches reports whether somebody waits for the next row, and the pulls are
// to wait with them.
func (p *tail) watches(t *page.Turn) bool {
	seen := p.shown && t.Layout != page.LayoutTiny && t.Live.Connected && t.At.IsZero()
	return seen && t.Waits && t.Frame <= tailPace && p.list.follow && !p.tally.paused && p.front.open == nil && p.questions.fault == ""
}

func (p *tail) replied(t *page.Turn, msg page.Reply) {
	if p.export.Replied(t, msg) || p.notice.took(t, msg) {
		return
	}
	switch msg.Gen {
	case p.list.loadGen:
		p.loaded(t, msg)
	case p.questions.gen:
		if v, ok := p.questions.answered(t, msg); ok {
			p.take(t, v)
		}
	}
}

// take keeps what came. While paused it is only counted.
func (p *tail) take(t *page.Turn, v tailPulled) {
	if v.place == p.tally.place && p.tally.begun {
		t.Same()
		return
	}
	if v.anew {
		p.list.buffer, p.front.open = tailBuffer{}, nil
		p.list.grid.SetCursor(0)
		t.Toast(page.LevelWarn, "messages were removed; tail restarted")
	}
	if p.tally.take(v) {
		p.list.add(v.before, v.rows, v.hidden, v.trail)
	}
}

// loaded takes what a fold held.
func (p *tail) loaded(t *page.Turn, msg page.Reply) {
	p.list.loading = 0
	if msg.Err != nil {
		t.Toast(page.LevelError, "load the fold: %v", msg.Err)
		return
	}
	if v, ok := msg.Value.(tailLoaded); ok && p.list.unfold(v) {
		p.tally.learn(v)
	}
}

func (p *tail) click(t *page.Turn, x, y int) {
	row := p.list.grid.HitRow(x, y)
	switch {
	case row < 0 || p.front.on():
	case row == p.list.grid.Cursor():
		p.enter(t)
	default:
		p.list.to(row)
	}
}

// Message implements [page.Messaged]: the one that is open or under the cursor; nil
// on a fold.
func (p *tail) Message() *store.Message {
	if p.front.open != nil {
		return p.front.open.M
	}
	return p.list.row().m
}

// View implements [page.Pane].
func (p *tail) View(env page.Env, w, h int) string {
	p.list.restyle(env.Theme)
	var lines []string
	status := h > 1
	if p.front.on() {
		lines, status = p.front.lines(env, w, h, p.list.grid)
	} else {
		lines = p.list.lines(w, h-1, p.emptyNote(&env), p.tally.begun)
	}
	if status {
		lines = append(lines, p.statusLine(env, w))
	}
	return strings.Join(p.typing.Over(env.Theme, lines, w), "\n")
}

func (p *tail) emptyNote(env *page.Env) string {
	switch {
	case p.questions.fault != "":
		return ""
	case !p.tally.begun && p.questions.looking != nil && p.questions.looking.messages.Load() > 0:
		return "looking back for matches: " + p.questions.looking.String() + " read; esc stops"
	case !p.tally.begun:
		return env.Pending("reading")
	case !p.filter.IsZero():
		return "no matches yet; esc clears the filter"
	case env.At.IsZero() && (len(p.what.Categories) > 0 || !p.what.Group.IsZero()):
		return "no messages yet"
	}
	return "no messages yet: " + env.Fill()
}

func (p *tail) statusLine(env page.Env, w int) string {
	t := env.Theme
	state, pen := "following", t.Good
	switch {
	case p.questions.fault != "":
		state, pen = p.questions.fault, t.Bad
	case env.Live.Lost != "":
		state, pen = "stopped: "+env.Live.Lost, t.Warn
	case !env.At.IsZero():
		state, pen = "as of "+env.AsOfMessages()+", 0 goes live", t.Warn
	case p.tally.paused:
		state, pen = "paused, "+text.Count(p.tally.held.count)+" new", t.Warn
	case !p.list.follow:
		state, pen = "scrolled back, G to follow", t.Warn
	case p.notice.text != "":
		state, pen = p.notice.text, t.Warn
	}
	status := p.tally.status(&p.list.buffer, !p.filter.IsZero())
	if p.questions.behind != "" {
		status += " · behind " + p.questions.behind
	}
	if t.Sym.ASCII {
		status = strings.ReplaceAll(status, "·", "|")
	}
	left := " " + text.Truncate(text.Sanitize(state), max(w-2, 0)) + " "
	room := w - text.Width(left)
	return pen.Paint(left) + t.Muted.Paint(text.FitLeft(status+" ", max(room, 0)))
}

// Chrome implements [page.Pane].
func (p *tail) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{env.Namespace, p.what.Crumb()}, Count: p.list.grid.Status(), AsOf: true}
	for _, chip := range []string{p.export.Chip(), p.front.cover.Compare.Chip()} {
		c.Chip(chip != "", chip)
	}
	if !p.what.Group.IsZero() {
		c.Chips = append(c.Chips, "member "+p.what.Member())
	}
	c.Chip(!p.filter.IsZero(), "filter "+p.filter.String())
	c.Chip(p.tally.paused, "paused")
	p.front.chrome(&env, &c)
	return c
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Tail, Action: "tail-page", New: func(page.Setup) page.Pane { return newTail() }, Follows: true, Commands: []page.Command{{
		Name: "tail", Usage: "tail [CATEGORY…] [MEMBER/SIZE]", Help: "tail categories or the whole namespace; 1/3: a member's share",
		Subject: page.SubjectCategory, Rank: page.RankTail, Run: runTail,
	}}}
}

func runTail(t *page.Turn, arg string) any {
	what, err := kit.ParseTailed(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":tail %v", err)
		return nil
	}
	t.Go(what.Location())
	return nil
}

// tailState is what is kept of the page.
type tailState struct {
	What    string `json:"what,omitempty"` // as the palette's :tail takes it
	Filter  string `json:"filter,omitempty"`
	Columns string `json:"columns,omitempty"`
}

// Save implements [page.Stateful].
func (p *tail) Save() json.RawMessage {
	s := tailState{What: p.what.String(), Filter: p.filter.String(), Columns: kit.ColumnNames(p.list.paths)}
	if s == (tailState{}) {
		return nil
	}
	raw, _ := json.Marshal(s) // texts alone
	return raw
}

// restore tails again what was tailed; the first frame begins with the newest
// messages.
func (p *tail) restore(t *page.Turn, msg page.RestoreMsg) {
	var s tailState
	if !msg.Into(t, &s) {
		return
	}
	what, err := kit.ParseTailed(s.What)
	if err != nil {
		t.Toast(page.LevelWarn, "saved tail ignored: %v", err)
	}
	p.reset()
	p.what, p.filter = what, kit.RestoredFilter(t, s.Filter)
	p.list.show(kit.RestoredColumns(t, s.Columns))
}
