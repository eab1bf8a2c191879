package profile

import (
	"context"
	"regexp"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/flame"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// shownProfile is what the views draw from. It never changes.
type shownProfile struct {
	of, base *loadedProfile // base: nil without a difference
	view     *profiler.View
	table    *profiler.Table
	flame    *profiler.Flame
	ours     bool // it is of evtui, so that the UI's share is left out
}

// look works out what to show, off the event loop. What was shown stays until
// it is there.
func (p *profilePage) look(t *page.Turn) {
	typ := p.drawing().kind()
	held, base := p.loaded[typ.kind], p.bases[typ.kind]
	if !p.diff || base == held {
		base = nil
	}
	if held == nil {
		p.asks.look = 0
		p.show(nil)
		return
	}
	options := parseProfileFilter(p.filter)
	options.Value = typ.value
	top := profiler.TopOptions{ByCum: p.byCum}
	t.AskElsewhere(p.asks.await(&p.asks.look, p.lookedReply), func(context.Context, *client.Client) (any, error) {
		return viewProfile(held, base, options, top)
	})
}

func viewProfile(held, base *loadedProfile, options profiler.Options, top profiler.TopOptions) (*shownProfile, error) {
	subject := held.profile
	if base != nil {
		var err error
		if subject, err = subject.Diff(base.profile, profiler.DiffBase, false); err != nil {
			return nil, err
		}
	}
	v, err := subject.View(options)
	if err != nil {
		return nil, err
	}
	return &shownProfile{of: held, base: base, view: v, table: v.Top(top), flame: v.Flame(), ours: subject.Ours()}, nil
}

func (p *profilePage) lookedReply(t *page.Turn, msg page.Reply) {
	shown, _ := msg.Value.(*shownProfile)
	if msg.Err != nil || shown == nil {
		p.fault = msg.Err.Error()
		p.show(nil)
		return
	}
	p.fault = ""
	for _, warning := range shown.view.Warnings() {
		t.Toast(page.LevelInfo, "%s", warning)
	}
	p.show(shown)
	p.follow(t)
}

// show puts a profile on the screen; the cursors stay where they were, by name.
func (p *profilePage) show(shown *shownProfile) {
	var name string
	var at, zoomed []string
	if p.shown != nil {
		name = p.drawing().topName()
		at, zoomed = p.shown.flame.Path(p.graph.Cursor()), p.shown.flame.Path(p.graph.Zoomed())
	}
	p.shown, p.graph = shown, nil
	rows := 0
	if shown != nil {
		p.rows = append(p.rows[:0], shown.table.Rows...)
		kit.Sorted(p.by, p.rows, compareTop)
		rows = len(p.rows)
		p.graph = flame.New(shown.flame, flame.Options{Short: profiler.ShortNames, Group: profiler.PackageOf, Diff: shown.flame.Signed()})
		p.graph.SetStyles(flameStyles(p.theme))
		p.graph.Zoom(shown.flame.Find(zoomed))
		p.graph.SetCursor(shown.flame.Find(at))
		p.markMatches()
		p.fitTop()
	}
	p.topGrid.SetLen(rows, false)
	p.topGrid.Changed()
	for i := range rows {
		if p.rows[i].Name == name {
			p.topGrid.SetCursor(i)
		}
	}
}

// current is the function under the cursor of the view; "" when there is none.
func (p drawing) current() string {
	switch p.tab {
	case profileTop:
		return p.topName()
	case profileFlame:
		if p.graph != nil && p.graph.Cursor() > 0 {
			return p.shown.flame.Name(p.graph.Cursor())
		}
	case profileCallers:
		if row := p.callGrid.Cursor(); row >= 0 && row < len(p.calls) {
			return p.calls[row].name
		}
	case profileSource:
		return p.function
	}
	return ""
}

func (p drawing) topName() string {
	if row := p.topGrid.Cursor(); p.shown != nil && row >= 0 && row < len(p.rows) {
		return p.rows[row].Name
	}
	return ""
}

// follow asks for what the open view shows of the function.
func (p *profilePage) follow(t *page.Turn) {
	if p.shown == nil || p.function == "" {
		return
	}
	view, name := p.shown.view, "^"+regexp.QuoteMeta(p.function)+"$"
	switch p.tab {
	case profileCallers:
		t.AskElsewhere(p.asks.await(&p.asks.calls, p.callsReply), func(context.Context, *client.Client) (any, error) {
			return readCalls(view, name)
		})
	case profileSource:
		t.AskElsewhere(p.asks.await(&p.asks.source, p.sourceReply), func(context.Context, *client.Client) (any, error) {
			return readSource(view, name)
		})
	}
}

// callRow is a line of the callers view.
type callRow struct {
	name   string
	role   callRole
	inline bool
	weight int64
	share  string // of the function's cum
	flat   int64  // of the function itself
}

type callRole int

const (
	isCaller callRole = iota
	isSelf
	isCallee
)

func readCalls(view *profiler.View, name string) ([]callRow, error) {
	s, err := view.Callers(name)
	if err != nil {
		return nil, err
	}
	var rows []callRow
	for _, f := range s.Functions {
		row := func(c profiler.Call, role callRole) {
			rows = append(rows, callRow{name: c.Name, role: role, inline: c.Inline, weight: c.Weight, share: profiler.Percent(c.Weight, f.Cum)})
		}
		for _, c := range f.Callers {
			row(c, isCaller)
		}
		rows = append(rows, callRow{name: f.Name, role: isSelf, weight: f.Cum, share: profiler.Percent(f.Cum, view.Total()), flat: f.Flat})
		for _, c := range f.Callees {
			row(c, isCallee)
		}
	}
	return rows, nil
}

// sourceRow is a line of the source view: of code, or the head of a file.
type sourceRow struct {
	head      string // file, or why there is no text; "" for code
	no        int
	text      string
	flat, cum int64
}

func readSource(view *profiler.View, name string) ([]sourceRow, error) {
	list, err := view.Lines(name, profiler.SourceFiles("."))
	if err != nil {
		return nil, err
	}
	var rows []sourceRow
	for _, l := range list {
		rows = append(rows, sourceRow{head: l.File, flat: l.Flat, cum: l.Cum})
		if l.Err != nil {
			rows = append(rows, sourceRow{head: l.Err.Error()})
		}
		for _, line := range l.Lines {
			rows = append(rows, sourceRow{no: line.No, text: line.Text, flat: line.Flat, cum: line.Cum})
		}
	}
	return rows, nil
}

func heaviestLine(rows []sourceRow) int {
	best := 0
	for i, r := range rows {
		if r.head == "" && (rows[best].head != "" || r.cum > rows[best].cum) {
			best = i
		}
	}
	return best
}
