package streams

import (
	"encoding/json"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// streams is the page that walks namespaces, their categories, their streams,
// the messages of a stream, and one message. The way so far is a stack of
// lists; what the cursor is on is the next one, read ahead as a preview.
type streams struct {
	setup    page.Setup
	stack    []*list
	ahead    *list        // what enter would open; nil when that is a message, or nothing
	open     *kit.Message // the message that is open; nil while the innermost list has the keys
	preview  *kit.Message // the message under the cursor
	gen      uint64
	age      uint64 // rises when what was read is void
	seeking  uint64 // generation of the newest search for a place
	query    string
	typing   kit.FilterLine
	paths    []filter.Column // columns of messages, chosen by the user
	picker   *kit.Picker     // open while columns are chosen
	compare  kit.Comparison
	lanes    *lanes // open, with the keys unless a message is
	tab      *tab   // open in the place of the list; nil: the list is
	tabs     uint64 // how many were opened
	away     []*tab // that were left and can be come back to, the newest last
	left     *spot  // where an open tab just led away from; nil: nowhere
	export   kit.Export
	draft    kit.Draft
	edits    *store.Message // whose data is, or was last, in the editor
	faulty   []byte         // what that became and is no JSON; nil: none
	doomed   string         // the namespace whose deletion waits for its name; "": none
	whole    whole          // messages that rows keep in part
	fullName bool           // the name under the cursor is shown whole
	rested   bool           // the cursor stood still for a frame
	on       string         // what the cursor is on
	aged     time.Time      // when ages were drawn last
}

func newStreams(setup page.Setup) *streams { return &streams{setup: setup} }

// top is the innermost list.
func (p *streams) top() *list { return p.stack[len(p.stack)-1] }

func (p *streams) newList(of source, total int64) *list {
	p.gen++
	return newList(of, p.gen, total, p.paths)
}

// begin opens the lists that lead into the namespace.
func (p *streams) begin(env page.Env) {
	p.open, p.ahead, p.preview, p.on = nil, nil, nil, ""
	p.picker, p.lanes, p.tab, p.whole = nil, nil, nil, whole{}
	p.compare.Close()
	p.export.Cancel()
	namespaces := p.newList(source{kind: listNamespaces, namespace: env.Namespace}, -1)
	namespaces.key = env.Namespace
	p.stack = []*list{namespaces, p.newList(source{kind: listCategories, namespace: env.Namespace}, -1)}
}

// Update implements [page.Pane].
func (p *streams) Update(t *page.Turn, msg any) {
	if p.stack == nil {
		p.begin(t.Env)
	}
	if _, arrives := msg.(page.LocationMsg); !arrives {
		p.left = nil
	}
	if p.tabTakes(t, msg) {
		p.leave(t)
		return
	}
	switch msg := msg.(type) {
	case page.NamespaceMsg, page.ReconnectMsg:
		p.restart(t, msg)
		p.toTab(t, msg)
		return
	case page.AtMsg:
		p.toTab(t, msg)
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
	case page.HideMsg:
		p.draft, p.doomed = kit.Draft{}, ""
	case page.EditedMsg:
		p.edited(t, msg)
	case beginMsg:
		p.draft.Begin(t, msg.stream, nil)
	case reducerMsg:
		p.useReducer(t, msg)
	case deleteMsg:
		p.confirmDelete(t, msg.namespace)
	case page.ReturnMsg:
		if s, ok := msg.Spot.(*spot); ok {
			p.goBack(t, s)
		}
	case page.ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		p.mouse(t, msg)
	}
	p.follow(t)
}

// restart forgets what was read. After a reconnect the way stays: the lists
// are opened anew at the places they show.
func (p *streams) restart(t *page.Turn, why any) {
	p.age++
	p.whole.of, p.whole.then, p.whole.vain = nil, nil, ""
	if _, moved := why.(page.NamespaceMsg); moved {
		p.toTab(t, page.HideMsg{}) // what runs for it ends
		p.away = nil
		p.begin(t.Env)
		return
	}
	for i, old := range p.stack {
		if old.of.whole() && old.read {
			p.gen++
			old.askAgain(p.gen)
			continue
		}
		fresh := p.newList(old.of, old.total)
		fresh.key, fresh.find, fresh.sort = rowKey(old.current()), old.find, old.sort
		fresh.came, fresh.brought = old.came, old.brought
		fresh.sort.Show(fresh.grid)
		if m, ok := old.current().(*kit.Brief); ok && !old.of.whole() {
			at := old.of.placeOf(m.Position, m.GlobalPosition)
			fresh.seek, fresh.key = &at, ""
		}
		fresh.until = old.face()
		p.stack[i] = fresh
	}
	p.ahead, p.on = nil, ""
	if p.lanes != nil && !p.lanes.done {
		came := p.lanes.came
		p.lanes = p.newLanes(t, p.lanes.opened)
		p.lanes.came = came
	}
}

// lists returns what is alive: the way and the preview.
func (p drawing) lists() []*list {
	all := append([]*list(nil), p.stack...)
	if p.ahead != nil {
		all = append(all, p.ahead)
	}
	return all
}

func (p *streams) replied(t *page.Turn, msg page.Reply) {
	switch {
	case msg.Gen == lookups:
		looked(t, msg)
		return
	case p.draft.Replied(t, msg), p.repliedWhole(t, msg):
		return
	case p.export.Replied(t, msg), p.lanes != nil && p.lanes.replied(t, msg):
		return
	case msg.Gen == p.seeking:
		r, _ := msg.Value.(soughtReply)
		p.sought(t, r, msg.Err)
		return
	}
	if p.unsorted(t, msg) {
		return
	}
	for _, l := range p.drawing().lists() {
		if l.gen == msg.Gen {
			l.now = t.Now
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
	top := p.top()
	if top.of.kind == listNamespaces && !t.Live.Sample.Time.Equal(top.sample.Time) {
		t.Redraw() // rates are of the second that the header shows
	}
	top.pull(t)
	if p.rested && p.open == nil && p.lanes == nil {
		p.readAhead(t)
	}
	if p.ahead != nil && p.rested && t.Layout > page.LayoutOne && p.open == nil {
		p.ahead.pull(t)
	}
	if t.Layout == page.LayoutThree && len(p.stack) > 1 {
		p.stack[len(p.stack)-2].pull(t)
	}
	p.rested = true
	if t.Now.Sub(p.aged) >= time.Second {
		// Ages such as "3s ago" are part of what is shown.
		p.aged = t.Now
		for _, l := range p.drawing().lists() {
			if l.now = t.Now; l.of.kind == listStreams || l.of.kind == listNamespaces {
				l.grid.Changed()
				t.Redraw()
			}
		}
	}
}

// follow makes the preview that of the row under the cursor, and asks at once
// for what a move has brought into view.
func (p *streams) follow(t *page.Turn) {
	top := p.top()
	top.held = p.open != nil || p.compare.On() || p.lanes != nil
	row := top.current()
	if b, ok := row.(*kit.Brief); ok {
		p.followMessage(b)
	} else if on := rowKey(row); on != p.on || row == nil {
		p.preview = nil
		p.rested, p.on, p.ahead = false, on, p.inner(row)
	}
	if len(p.stack) > 0 {
		top.pullOn(t)
	}
}

// followMessage makes the preview the message of a row, as soon as that is at
// hand.
func (p *streams) followMessage(b *kit.Brief) {
	m := p.whole.message(b)
	p.ahead = nil
	switch {
	case m == nil:
		p.preview = nil
	case p.open != nil && p.open.M == m:
		p.preview = p.open
	case p.preview == nil, p.preview == p.open:
		p.preview = kit.NewMessage(m)
	case p.preview.M != m:
		p.preview.Show(m)
	}
	if on := rowKey(b); on != p.on {
		p.rested, p.on = false, on
	}
}

// inner is the list that a row leads to; nil for messages and for no row.
func (p *streams) inner(row any) *list {
	of := p.top().of
	switch r := row.(type) {
	case *namespaceRow:
		return p.newList(source{kind: listCategories, namespace: r.ID}, -1)
	case *everything, *store.CategoryCount:
		c := countOf(r)
		return p.newList(source{kind: listStreams, namespace: of.namespace, category: c.Category}, c.StreamCount)
	case *store.Stream:
		return p.newList(source{kind: listMessages, namespace: of.namespace, category: of.category, stream: r.Name}, r.Version+1)
	}
	return nil
}

// enter goes in: to the preview, or into the message.
func (p *streams) enter(t *page.Turn) {
	switch r := p.top().current().(type) {
	case nil:
	case *kit.Brief:
		if p.needs(t, p.enter) {
			return
		}
		if m := p.whole.message(r); p.preview == nil || p.preview.M != m {
			p.preview = kit.NewMessage(m)
		}
		p.open = p.preview
	case *namespaceRow:
		if r.ID != t.Namespace {
			t.Go(page.Location{Page: page.Streams, Namespace: r.ID})
			return
		}
		p.push(t)
	default:
		p.push(t)
	}
}

func (p *streams) push(t *page.Turn) {
	if p.ahead == nil {
		p.ahead = p.inner(p.top().current())
	}
	if p.ahead == nil {
		return
	}
	p.stack = append(p.stack, p.ahead)
	p.ahead, p.on, p.preview = nil, "", nil
	p.top().pull(t)
}

// out goes one step back: out of what runs, a filter, the message, the list.
func (p *streams) out(t *page.Turn) {
	top := p.top()
	switch {
	case p.export.Cancel():
	case p.open == nil && p.lanes == nil && top.halt():
	case p.open != nil:
		p.open = nil
	case p.lanes != nil && p.lanes.came != nil:
		t.Return(p.lanes.came)
	case p.lanes != nil:
		p.lanes = nil
	case p.compare.Left != nil:
		p.compare.Close()
	case len(top.marks) > 0:
		top.marks = map[string]any{}
		top.grid.Changed()
	case top.toEnd:
		top.toEnd = false
	case top.find != "" || top.of.prefix != "" || top.of.filter.String() != top.brought && !top.of.filter.IsZero():
		p.clearFilter(t)
	case top.came != nil:
		t.Return(top.came)
	case !top.of.filter.IsZero():
		p.clearFilter(t)
	case len(p.stack) > 1:
		p.ahead, p.preview = top, nil
		p.stack = p.stack[:len(p.stack)-1]
		p.on = rowKey(p.top().current())
		p.rested = true
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
	s := streamsState{Columns: kit.ColumnNames(p.paths)}
	if len(p.stack) > 0 {
		of := p.top().of
		if of.kind == listMessages || of.kind == listStreams {
			s.Category, s.Stream, s.Process, s.Prefix, s.Filter = of.category, of.stream, of.process, of.prefix, of.filter.String()
			s.Oldest, s.Messages, s.Streams = of.oldest, of.kind == listMessages, of.kind == listStreams
		}
	}
	s.Tab = p.tab.title()
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
	p.paths = kit.RestoredColumns(t, s.Columns)
	for _, l := range p.drawing().lists() {
		l.show(p.paths)
	}
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
		p.into(source{kind: listStreams, namespace: t.Namespace, category: s.Category}, s.Stream)
		p.stack = append(p.stack, p.newList(of, -1))
	} else {
		p.into(of, "")
	}
	p.openTab(t, s.Tab)
}
