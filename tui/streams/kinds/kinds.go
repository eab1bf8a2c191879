package kinds

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

const (
	// countsEvery is how often the server is asked for its counts, at most: no
	// more than a twentieth of the time goes into it.
	countsEvery = time.Second
	countsShare = 20
)

// Bounds on what is read for counts without being told to go on.
func countsAllowed() look.Allowance { return look.Allowance{Messages: 20_000, Looked: 20_000} }

type kinds struct {
	at  page.Location // what it is of
	gen uint64

	counts  store.TypeCounts
	known   bool
	pulse   pulse
	refused string // why the server is not asked for counts; "": it is
	gone    bool   // the tab is not on the screen

	asking uint64 // generation of the question for counts; 0: none
	asked  time.Time
	took   time.Duration // how long the last answer took

	sheet  // of the types; its look counts where the server does not
	types  *kit.List[*store.TypeCount]
	finder kit.Finder // of the list, and of fields

	open   *learned // the fields of a type; nil: the list has the keys
	drifts drifts

	clock clock
	theme page.Theme
}

// New makes the tab of what at names: a namespace, or a category. Its questions
// carry generations from gen on.
func New(at page.Location, gen uint64) page.Pane {
	p := &kinds{at: at, gen: gen}
	p.types = kit.NewList(kit.ListOptions[*store.TypeCount]{
		Columns: p.drawing().columns(), Finder: &p.finder,
		Same: func(a, b *store.TypeCount) bool { return kindOfCount(a) == kindOfCount(b) },
	})
	p.sheet = sheet{list: &p.types.Table, allowed: countsAllowed()}
	p.list.SetUnread("")
	return p
}

// Within reports that esc closes something here before the tab.
func (p *kinds) Within() bool {
	return p.open != nil || p.find != "" || p.busy()
}

// busy reports whether counts are read just now, so that esc stops that.
func (p *kinds) busy() bool { return p.refused != "" && p.older() }

// front is the sheet that has the keys.
func (p *kinds) front() *sheet {
	if p.open != nil {
		return &p.open.sheet
	}
	return &p.sheet
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
	p.counts, p.known, p.pulse = store.TypeCounts{}, false, pulse{}
	p.asking, p.asked, p.refused = 0, time.Time{}, ""
	p.sheet = sheet{list: p.list, find: p.find, allowed: countsAllowed()}
	p.drifts = drifts{}
	if o := p.open; o != nil {
		p.open = nil
		p.learn(t, o.key)
	}
	p.lay()
	p.ask(t)
}

// ask asks for what is old.
func (p *kinds) ask(t *page.Turn) {
	if p.gone {
		return
	}
	if !t.At.IsZero() && p.refused == "" {
		p.refused = "counts of a past moment are read"
	}
	p.drifts.feed.AskEvents(t, &p.gen, kit.EngineEvery)
	if p.open != nil {
		p.open.ask(t, &p.gen)
	}
	if p.refused != "" {
		p.askLook(t)
		return
	}
	if p.asking != 0 || t.Now.Sub(p.asked) < max(countsEvery, countsShare*p.took) {
		return
	}
	p.gen++
	p.asking, p.asked = p.gen, t.Now
	at := p.at
	t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) {
		began := time.Now()
		counts, err := c.In(at.Namespace).Types(ctx, at.Category)
		return countsReply{counts, time.Since(began)}, err
	})
}

type countsReply struct {
	counts store.TypeCounts
	took   time.Duration
}

// lookReply is a look after a turn, and what it came to.
type lookReply struct {
	look    *look.Look
	shown   look.Progress
	counts  store.TypeCounts
	fields  []fields.Field
	changes []fields.Change
	more    int  // changes that are not listed
	same    bool // nothing was read that the fields before do not have
	merged  bool
}

// askLook has the messages read on for counts.
func (p *kinds) askLook(t *page.Turn) {
	if !p.due(t) {
		return
	}
	if p.look == nil {
		p.look = look.Types(p.at.Namespace, p.at.Category, t.At)
	}
	p.turn(t, &p.gen, func(l *look.Look, r *lookReply) { r.counts = l.Tally().Counts() })
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
	case msg.Gen == p.asking:
		p.asking = 0
		p.tookCounts(t, msg)
	case msg.Gen == p.reading:
		p.tookLook(t, msg)
	case p.open != nil && msg.Gen == p.open.reading:
		p.open.replied(t, msg)
		if p.open.read.Read > 0 {
			p.drifts.took(p.open.key, len(p.open.changes)+p.open.more)
			p.list.Changed()
		}
	default:
		t.Same()
		return
	}
	p.ask(t)
}

// hear has what the engine told of shown.
func (p *kinds) hear() {
	p.drifts.hear(p.at.Namespace, &p.clock)
	p.list.Changed()
	if p.open != nil {
		p.open.hear(p.drifts.heard[p.open.key])
	}
}

func (p *kinds) tookCounts(t *page.Turn, msg page.Reply) {
	r, _ := msg.Value.(countsReply)
	p.took = r.took
	switch {
	case client.Unreachable(msg.Err):
		return
	case client.NotOffered(msg.Err):
		p.refused = "the server keeps no counts by type"
	case msg.Err != nil:
		p.fault = msg.Err.Error()
	default:
		p.fault = ""
		if !p.known {
			p.pulse.begin(r.counts.Types, t.Now)
		} else if r.counts.Counted >= r.counts.Messages {
			p.pulse.steady(r.counts.Types, t.Now)
		} else {
			p.pulse.begin(r.counts.Types, t.Now) // what the engine still counts is not new
		}
		p.have(t, r.counts)
	}
}

func (p *kinds) tookLook(t *page.Turn, msg page.Reply) {
	old := !p.older()
	r, ok := p.answered(msg, "this server can neither count types nor look up times")
	if !ok {
		return
	}
	// What a turn has read of the past is not new.
	if old && p.known {
		p.pulse.steady(r.counts.Types, t.Now)
	} else {
		p.pulse.begin(r.counts.Types, t.Now)
	}
	p.read = r.shown
	p.have(t, r.counts)
}

// have takes counts.
func (p *kinds) have(t *page.Turn, counts store.TypeCounts) {
	p.counts, p.known = counts, true
	p.lay()
	p.seek(t)
}

// seek opens the fields of the type that was asked for, once it is counted, or says
// that there is none.
func (p *kinds) seek(t *page.Turn) {
	want := p.at.Type
	if want == "" {
		return
	}
	for i := range p.counts.Types {
		if key := kindOfCount(&p.counts.Types[i]); key.name == want {
			p.at.Type = ""
			p.learn(t, key)
			return
		}
	}
	switch {
	case !p.drawing().partly():
		p.at.Type = ""
		by := ""
		if !t.At.IsZero() {
			by = " by " + t.AsOfMessages()
		}
		t.Toast(page.LevelWarn, "category %s has no type %q%s: these are its types", p.at.Category, want, by)
	case p.refused != "" && !p.busy():
		p.at.Type = ""
		t.Toast(page.LevelWarn, "no type %q in the %s messages of %s that were read; + reads on", want, text.Count(p.read.Read), p.at.Category)
	}
}

// learn opens the fields of a type.
func (p *kinds) learn(t *page.Turn, key kindOf) {
	var count store.TypeCount // of what was counted so far there may be more before it
	for i := range p.counts.Types {
		if kindOfCount(&p.counts.Types[i]) == key && p.refused == "" && p.counts.Counted >= p.counts.Messages {
			count = p.counts.Types[i]
		}
	}
	of := look.Fields(p.at.Namespace, cmp.Or(p.at.Category, key.category), key.name, t.At, count)
	p.open = newLearned(key, of, &p.clock, &p.finder)
	p.open.hear(p.drifts.heard[key])
	p.open.ask(t, &p.gen)
}

// lay picks the rows that the filter keeps, the most frequent first. The cursor stays on
// its type.
func (p *kinds) lay() {
	var rows []*store.TypeCount
	needle := []byte(strings.ToLower(p.find))
	for i := range p.counts.Types {
		c := &p.counts.Types[i]
		if kit.ContainsFold([]byte(c.Type), needle) || kit.ContainsFold([]byte(c.Category), needle) {
			rows = append(rows, c)
		}
	}
	slices.SortStableFunc(rows, func(a, b *store.TypeCount) int { return cmp.Compare(b.Count, a.Count) })
	p.types.SetRows(rows)
}
