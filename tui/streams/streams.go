package streams

import (
	"encoding/json"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// streams is the page that walks namespaces, their categories, their streams,
// the messages of a stream, and one message.
type streams struct {
	way     way
	panes   panes
	front   front
	age     uint64 // rises when what was read is void
	query   string
	typing  kit.FilterLine
	tabs    tabs
	left    *spot // where an open tab just led away from; nil: nowhere
	export  kit.Export
	writing writing
	pursuit pursuit
	aged    time.Time // when ages were drawn last
}

func newStreams(setup page.Setup) *streams {
	p := new(streams)
	p.panes.way, p.front.way, p.tabs = &p.way, &p.way, tabs{way: &p.way, setup: setup}
	return p
}

// begin opens the lists that lead into the namespace.
func (p *streams) begin(env page.Env) {
	p.front.clear()
	p.front.cover.Compare.Close()
	p.tabs.open = nil
	p.export.Cancel()
	p.way.begin(env.Namespace)
}

// Update implements [page.Pane].
func (p *streams) Update(t *page.Turn, msg any) {
	if p.way.stack == nil {
		p.begin(t.Env)
	}
	if _, arrives := msg.(page.LocationMsg); !arrives {
		p.left = nil
	}
	if p.pursuit.moved(t, msg) {
		p.seek(t)
	}
	if p.tabs.takes(t, msg) || p.tabs.act(t, msg) {
		p.leave(t)
		p.writing.resume(t, msg)
		return
	}
	switch msg := msg.(type) {
	case page.NamespaceMsg, page.ReconnectMsg:
		p.restart(t, msg)
		p.tabs.pass(t, msg)
		return
	case page.AtMsg:
		p.tabs.pass(t, msg)
		return
	case page.Reply:
		p.replied(t, msg)
	case page.FrameMsg, page.ShowMsg:
		p.frame(t)
		return
	case page.RestoreMsg:
		p.restore(t, msg)
	case page.LocationMsg:
		p.locate(t, msg.Location)
	case page.PromptMsg:
		p.prompted(t, msg)
		p.writing.resume(t, msg)
	case page.HideMsg:
		p.writing.cancel()
	case page.EditedMsg:
		p.writing.edited(t, msg)
	case beginMsg:
		p.writing.draft.Begin(t, msg.stream, nil)
	case reducerMsg:
		p.tabs.useReducer(t, msg)
	case deleteMsg:
		p.writing.confirmDelete(t, msg.namespace)
	case page.ReturnMsg:
		if s, ok := msg.Spot.(*spot); ok {
			p.goBack(t, s)
		}
	case page.ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		p.mouse(t, msg)
	}
	p.way.follow(t, p.front.open, p.front.open != nil || p.front.cover.Compare.On() || p.front.lanes != nil)
}

// restart forgets what was read. After a reconnect the way stays.
func (p *streams) restart(t *page.Turn, why any) {
	p.age++
	if _, moved := why.(page.NamespaceMsg); moved {
		p.tabs.pass(t, page.HideMsg{}) // what runs for it ends
		p.tabs.away = nil
		p.begin(t.Env)
		return
	}
	p.way.reread()
	p.front.restart(t)
}

func (p *streams) replied(t *page.Turn, msg page.Reply) {
	switch {
	case msg.Gen == lookups:
		looked(t, msg)
		return
	case p.writing.draft.Replied(t, msg), p.way.whole.replied(t, msg):
		return
	case p.export.Replied(t, msg), p.front.lanes != nil && p.front.lanes.replied(t, msg):
		return
	case msg.Gen == p.way.seeking:
		r, _ := msg.Value.(soughtReply)
		if p.way.sought(t, r, msg.Err) {
			p.front.open = nil
		}
		return
	}
	if p.way.unsorted(t, msg) {
		return
	}
	for _, l := range p.way.lists() {
		if l.gen == msg.Gen {
			l.table.now = t.Now
			l.replied(t, msg)
		}
	}
}

// frame pulls for what is on the screen, the list with the keys first. A
// preview is read once the cursor has stood still for a frame.
func (p *streams) frame(t *page.Turn) {
	if p.export.Running() {
		t.Redraw() // its progress
	}
	top := p.way.top()
	if top.of.kind == listNamespaces && !t.Live.Sample.Time.Equal(top.table.sample.Time) {
		t.Redraw() // rates are of the second that the header shows
	}
	top.pull(t)
	if p.way.rested && p.front.open == nil && p.front.lanes == nil {
		p.way.readAhead(t)
	}
	if p.way.ahead != nil && p.way.rested && t.Layout > page.LayoutOne && p.front.open == nil {
		p.way.ahead.pull(t)
	}
	if t.Layout == page.LayoutThree && len(p.way.stack) > 1 {
		p.way.stack[len(p.way.stack)-2].pull(t)
	}
	p.way.rested = true
	if t.Now.Sub(p.aged) >= time.Second {
		// Ages such as "3s ago" are part of what is shown.
		p.aged = t.Now
		for _, l := range p.way.lists() {
			if l.table.now = t.Now; l.of.kind == listStreams || l.of.kind == listNamespaces {
				l.grid.Changed()
				t.Redraw()
			}
		}
	}
}

// enter goes in: to the preview, or into the message.
func (p *streams) enter(t *page.Turn) {
	switch r := p.way.top().current().(type) {
	case nil:
	case *kit.Brief:
		if p.way.needs(t, p.enter) {
			return
		}
		if m := p.way.whole.message(r); p.way.preview == nil || p.way.preview.M != m {
			p.way.preview = kit.NewMessage(m)
		}
		p.front.open = p.way.preview
	case *namespaceRow:
		if r.ID != t.Namespace {
			t.Go(page.Location{Page: page.Streams, Namespace: r.ID})
			return
		}
		p.way.push(t)
	default:
		p.way.push(t)
	}
}

// out goes one step back: out of what runs, a filter, the message, the list.
func (p *streams) out(t *page.Turn) {
	top := p.way.top()
	switch {
	case p.export.Cancel():
	case p.front.open == nil && p.front.lanes == nil && top.halt():
	case p.front.out(t):
	case len(top.marks) > 0:
		top.marks = marks{}
		top.grid.Changed()
	case top.toEnd:
		top.toEnd = false
	case top.find != "" || top.of.prefix != "" || top.of.filter.String() != top.brought && !top.of.filter.IsZero():
		p.way.clearFilter(t)
	case top.came != nil:
		t.Return(top.came)
	case !top.of.filter.IsZero():
		p.way.clearFilter(t)
	case len(p.way.stack) > 1:
		p.way.pop()
	}
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Streams, Action: "streams", New: func(s page.Setup) page.Pane { return newStreams(s) }, Commands: streamsCommands()}
}

// streamsState is what is kept of the page: the innermost list and the columns.
type streamsState struct {
	Category string `json:"category,omitempty"`
	Stream   string `json:"stream,omitempty"`
	Process  string `json:"correlation,omitempty"`
	Messages bool   `json:"messages,omitempty"`
	Streams  bool   `json:"streams,omitempty"`
	Prefix   string `json:"prefix,omitempty"`
	Filter   string `json:"filter,omitempty"`
	Oldest   bool   `json:"oldest,omitempty"`
	Columns  string `json:"columns,omitempty"`
	Tab      string `json:"tab,omitempty"`
}

// Save implements [page.Stateful].
func (p *streams) Save() json.RawMessage {
	s := streamsState{Columns: kit.ColumnNames(p.way.paths)}
	if len(p.way.stack) > 0 {
		of := p.way.top().of
		if of.kind == listMessages || of.kind == listStreams {
			s.Category, s.Stream, s.Process, s.Prefix, s.Filter = of.category, of.stream, of.process, of.prefix, of.filter.String()
			s.Oldest, s.Messages, s.Streams = of.oldest, of.kind == listMessages, of.kind == listStreams
		}
	}
	s.Tab = p.tabs.open.title()
	if s == (streamsState{}) {
		return nil
	}
	raw, _ := json.Marshal(s) // texts alone
	return raw
}

// restore goes back to where the page was left.
func (p *streams) restore(t *page.Turn, msg page.RestoreMsg) {
	var s streamsState
	if !msg.Into(t, &s) {
		return
	}
	p.way.show(kit.RestoredColumns(t, s.Columns))
	of := source{kind: listStreams, namespace: t.Namespace, category: s.Category, prefix: s.Prefix}
	switch {
	case s.Messages:
		of = source{kind: listMessages, namespace: t.Namespace, category: s.Category, stream: s.Stream, process: s.Process, oldest: s.Oldest}
		of.filter = kit.RestoredFilter(t, s.Filter)
	case !s.Streams:
		return
	}
	p.begin(t.Env)
	if s.Stream != "" {
		p.way.into(source{kind: listStreams, namespace: t.Namespace, category: s.Category}, s.Stream)
		p.way.stack = append(p.way.stack, p.way.newList(of, -1))
	} else {
		p.way.into(of, "")
	}
	p.tabs.turnTo(t, s.Tab, p.way.place())
}
