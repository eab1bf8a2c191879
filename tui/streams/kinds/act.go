package kinds

import (
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Bindings implements [page.Pane].
func (p *kinds) Bindings() []page.Binding {
	b := []page.Binding{
		page.Bind(page.ActOpen, "fields of the type under the cursor, learned from its messages", "fields"),
		page.Bind(page.ActMessages, "messages of the type", "messages"), page.Bind(page.ActTail, "tail messages of the type", "tail"),
		page.Bind(page.ActMore, "read ten times as many messages for the counts", ""),
		page.Bind(page.ActSort, "", "sort"), page.Bind(page.ActFilter, "only types with a text", "filter"),
	}
	if p.refused != "" {
		b[3].Hint = "read on"
	}
	if p.open != nil {
		b = []page.Binding{
			page.Bind(page.ActOpen, "messages that have the field, or have it as that kind; or the message that shows the change", "messages"),
			page.Bind(page.ActMore, "read ten times as many messages", "read on"),
			page.Bind(page.ActNextPane, "to the changes, or back to the fields", "changes"), page.Bind(page.ActPrevPane, "to the changes, or back to the fields", ""),
			page.Bind(page.ActMessages, "messages of the type; on a kind, or its change, those of that kind", "all"), page.Bind(page.ActTail, "tail messages of the type", "tail"),
			page.Bind(page.ActSort, "", "sort"), page.Bind(page.ActFilter, "only fields with a text", "filter"),
			page.Bind(page.ActCopyPath, "copy the path", ""), page.Bind(page.ActCopyValue, "copy an example", ""),
		}
	}
	b = append(b, page.Bind(page.ActOut, p.outHelp(), "out"), page.Bind(page.ActRefresh, "read again", ""),
		page.Bind(page.ActCopyView, "", ""), page.Bind(page.ActCopyStream, "copy the name of the type", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""))
	return append(append(b, p.finder.Bindings()...), page.Movement()...)
}

// reads reports whether messages are read for what has the keys.
func (p *kinds) reads() bool {
	if p.open != nil {
		return p.open.busy()
	}
	return p.busy()
}

func (p *kinds) outHelp() string {
	switch {
	case p.reads():
		return "stop reading"
	case p.front().find != "":
		return "clear the filter"
	case p.open != nil:
		return "back to the types"
	}
	return "back to the list"
}

func (p *kinds) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActOut, page.ActCancelUI:
		p.out(a)
	case page.ActOpen:
		p.enter(t)
	case page.ActMore:
		p.more(t)
	case page.ActMessages:
		also := ""
		if p.open != nil {
			also = p.open.ofKind()
		}
		p.toMessages(t, also)
	case page.ActTail:
		p.toTail(t)
	case page.ActRefresh:
		p.restart(t)
	case page.ActSort:
		p.front().list.Act(t, a) // also while the changes have the keys
	case page.ActFilter:
		t.Prompt(page.Prompt{ID: findPrompt, Label: "filter", Hint: "text in the name", Text: p.front().find, Live: true})
	case page.ActNextPane, page.ActPrevPane:
		if p.open != nil {
			n, _ := p.open.told.Len()
			p.open.on = !p.open.on && n > 0
		}
	case page.ActCopyPath, page.ActCopyValue, page.ActCopyStream, page.ActCopyView:
		p.copyValue(t, a)
	default:
		p.focused().Act(t, a)
	}
}

// findPrompt names the prompt of the filter.
const findPrompt = "find"

// focused is the list with the keys.
func (p *kinds) focused() *kit.Table {
	if p.open != nil && p.open.on {
		return &p.open.told.Table
	}
	return p.front().list
}

// resort lays out again what another filter keeps.
func (p *kinds) resort() {
	if p.open != nil {
		p.open.lay()
	} else {
		p.lay()
	}
}

func (p *kinds) prompted(t *page.Turn, msg page.PromptMsg) {
	switch msg.ID {
	case kit.FinderPrompt:
		p.focused().Prompted(t, msg)
	case kit.SortPrompt:
		p.front().list.Prompted(t, msg)
	case findPrompt:
		p.front().find = msg.Text
		p.resort()
	}
}

// out stops what runs, clears the filter, or closes the fields.
func (p *kinds) out(a page.Action) {
	switch s := p.front(); {
	case p.reads():
		s.stopped = true
	case a == page.ActCancelUI:
	case s.find != "":
		s.find = ""
		p.resort()
	default:
		p.open = nil
	}
}

// enter opens the fields of a type, the messages that have a field, or the
// message that shows a change.
func (p *kinds) enter(t *page.Turn) {
	switch o := p.open; {
	case o == nil:
		if c, ok := p.types.Chosen(); ok {
			p.learn(t, kindOfCount(c))
		}
	case o.on:
		if c := o.change(); c != nil {
			t.Go(page.Location{Page: page.Streams, Category: o.key.category, Filter: look.OfType(o.key.name), GlobalPosition: c.At.Global})
		}
	default:
		f := o.current()
		if f == nil {
			return
		}
		if f.Filter == "" {
			t.Toast(page.LevelInfo, "%s stands for all names beyond the bounds: no filter asks for them; m shows the messages of the type", f.Name())
			return
		}
		also := f.Filter
		if of := o.ofKind(); of != "" {
			also = of
		}
		p.toMessages(t, also)
	}
}

// chosen is the type that is open, or under the cursor.
func (p *kinds) chosen() (kindOf, bool) {
	if p.open != nil {
		return p.open.key, true
	}
	if c, ok := p.types.Chosen(); ok {
		return kindOfCount(c), true
	}
	return kindOf{}, false
}

// toMessages shows the messages of the type, or of those that a filter keeps.
func (p *kinds) toMessages(t *page.Turn, also string) {
	key, ok := p.chosen()
	if !ok {
		return
	}
	line := look.OfType(key.name)
	if also != "" {
		line += " " + also
	}
	t.Go(page.Location{Page: page.Streams, Category: key.category, Filter: line, At: t.At})
}

func (p *kinds) toTail(t *page.Turn) {
	if key, ok := p.chosen(); ok {
		t.Go(page.Location{Page: page.Tail, Category: key.category, Filter: look.OfType(key.name)})
	}
}

// more allows ten times as much to be read.
func (p *kinds) more(t *page.Turn) {
	switch o := p.open; {
	case o != nil && o.read.Whole, o == nil && p.refused != "" && p.read.Whole:
		t.Toast(page.LevelInfo, "all messages are read; new ones are taken in as they come")
	case o != nil:
		o.allowMore()
		o.ask(t, &p.gen)
	case p.refused == "":
		t.Toast(page.LevelInfo, "the server counts all messages")
	default:
		p.allowMore()
		p.askLook(t)
	}
}

func (p *kinds) copyValue(t *page.Turn, a page.Action) {
	key, ok := p.chosen()
	switch {
	case a == page.ActCopyView:
		t.Copy("command", p.command(t.Env))
	case !ok:
	case a == page.ActCopyStream:
		t.Copy("type", key.name)
	case p.open == nil:
	default:
		if f := p.open.current(); f != nil {
			t.Copy(p.open.copied(f, a))
		}
	}
}

// command is the headless twin of what is shown.
func (p *kinds) command(env page.Env) string {
	args := []string{"types"}
	if p.open != nil {
		return kit.Command(env, append(args, p.open.key.category, p.open.key.name)...)
	}
	if p.at.Category != "" {
		args = append(args, p.at.Category)
	}
	return kit.Command(env, args...)
}

func (p *kinds) click(env page.Env, x, y int) {
	for _, a := range p.drawing().areas(env.Width, env.Height) {
		if a.list == nil || y < a.Y || y >= a.Y+a.H {
			continue
		}
		if p.open != nil {
			p.open.on = a.list != p.open.list
		}
		a.list.Click(x, y-a.Y)
	}
}

func (p *kinds) wheel(env page.Env, y, n int) {
	for _, a := range p.drawing().areas(env.Width, env.Height) {
		if a.list != nil && y >= a.Y && y < a.Y+a.H {
			a.list.Scroll(n)
		}
	}
}
