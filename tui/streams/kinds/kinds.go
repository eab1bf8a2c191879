package kinds

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// kinds is the tab: its parts, and which of them has the keys.
type kinds struct {
	tally  *tally // of the types
	drifts drifts
	open   *learned   // the fields of a type; nil: the list of the types has the keys
	want   string     // the type whose fields are opened once it is counted; "": none
	finder kit.Finder // of the lists

	gen   uint64
	gone  bool // the tab is not on the screen
	clock clock
}

// New makes the tab of what at names: a namespace, or a category. Its questions
// carry generations from gen on.
func New(at page.Location, gen uint64) page.Pane {
	p := &kinds{want: at.Type, gen: gen}
	p.tally = newTally(at, &p.clock, &p.drifts, &p.finder)
	return p
}

// Within reports that esc closes something here before the tab.
func (p *kinds) Within() bool {
	return p.open != nil || p.tally.find != "" || p.tally.busy()
}

// side is what can have the keys: the types, or the fields of one.
type side interface {
	base() *sheet
	ask(t *page.Turn, gen *uint64)        // for what is old
	busy() bool                           // messages are read for it just now, so that esc stops that
	lay()                                 // picks the rows that the filter keeps; the cursor stays on its row
	words(t *page.Theme, w, h int) string // the line above its list, of a tab of w by h cells
}

// front is the side that has the keys.
func (p *kinds) front() side {
	if p.open != nil {
		return p.open
	}
	return p.tally
}

// Update implements [page.Pane].
func (p *kinds) Update(t *page.Turn, msg any) {
	p.clock.now, p.clock.past = t.Now, t.At
	switch msg := msg.(type) {
	case page.ShowMsg:
		p.gone = false
		p.ask(t)
	case page.HideMsg:
		p.gone = true
	case page.FrameMsg:
		p.ask(t)
	case page.NamespaceMsg, page.ReconnectMsg, page.AtMsg:
		p.restart(t)
	case page.Reply:
		p.replied(t, msg)
	case page.PromptMsg:
		p.prompted(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseClickMsg:
		p.click(t.Env, msg.X, msg.Y)
	case tea.MouseWheelMsg:
		p.wheel(t.Env, msg.Y, 3*kit.Wheel(msg.Button))
	}
}

// restart forgets what was read: it is void, or of another moment.
func (p *kinds) restart(t *page.Turn) {
	p.tally.restart()
	p.drifts = drifts{}
	if o := p.open; o != nil {
		p.open = nil
		p.learn(t, o.key)
	}
	p.ask(t)
}

// ask asks for what is old.
func (p *kinds) ask(t *page.Turn) {
	if p.gone {
		return
	}
	p.drifts.feed.AskEvents(t, &p.gen, kit.EngineEvery)
	if p.open != nil {
		p.open.ask(t, &p.gen)
	}
	p.tally.ask(t, &p.gen)
}

func (p *kinds) replied(t *page.Turn, msg page.Reply) {
	if news := p.drifts.feed.Replied(msg); news.Mine {
		if news.Events > 0 {
			p.hear()
		} else {
			t.Same()
		}
		return
	}
	switch {
	case msg.Gen == 0:
	case msg.Gen == p.tally.asking || msg.Gen == p.tally.reading:
		if p.tally.replied(t, msg) {
			p.seek(t)
		}
	case p.open != nil && msg.Gen == p.open.reading:
		p.open.replied(t, msg)
		if p.open.read.Read > 0 {
			p.drifts.took(p.open.key, len(p.open.changes)+p.open.more)
			p.tally.list.Changed()
		}
	default:
		t.Same()
		return
	}
	p.ask(t)
}

// hear has what the engine told of shown.
func (p *kinds) hear() {
	p.drifts.hear(p.tally.at.Namespace, &p.clock)
	p.tally.list.Changed()
	if p.open != nil {
		p.open.hear(p.drifts.heard[p.open.key])
	}
}

// seek opens the fields of the type that was asked for, once it is counted, or says
// that there is none.
func (p *kinds) seek(t *page.Turn) {
	want, y := p.want, p.tally
	key, ok := y.named(want)
	if want == "" || !ok && y.partly() && (y.refused == "" || y.busy()) {
		return // or it may be counted yet
	}
	p.want = ""
	switch {
	case ok:
		p.learn(t, key)
	case !y.partly():
		by := ""
		if !t.At.IsZero() {
			by = " by " + t.AsOfMessages()
		}
		t.Toast(page.LevelWarn, "category %s has no type %q%s: these are its types", y.at.Category, want, by)
	default:
		t.Toast(page.LevelWarn, "no type %q in the %s messages of %s that were read; + reads on", want, text.Count(y.read.Read), y.at.Category)
	}
}

// learn opens the fields of a type.
func (p *kinds) learn(t *page.Turn, key kindOf) {
	p.open = newLearned(key, p.tally.fields(key, t.At), &p.clock, &p.finder)
	p.open.hear(p.drifts.heard[key])
	p.open.ask(t, &p.gen)
}
