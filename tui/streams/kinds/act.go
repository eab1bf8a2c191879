package kinds

import (
	"cmp"

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
	if p.tally.refused != "" {
		b[3].Hint = "read on"
	}
	if p.open != nil {
		b = []page.Binding{
			page.Bind(page.ActOpen, "messages that have the field, or have it as that kind; or the message that shows the change", "messages"),
			page.Bind(page.ActMore, "read ten times as many messages", "read on"),
			page.Bind(page.ActNextPane, "to the changes, or back to the fields", "changes"), page.Bind(page.ActPrevPane, "to the changes, or back to the fields", ""),
			page.Bind(page.ActMessages, "messages of the type; on a kind, or its change, those of that kind", "all"), page.Bind(page.ActTail, "tail messages of the type", "tail"),
			page.Bind(page.ActSort, "", "sort"), page.Bind(page.ActFilter, "only fields with a text", "filter"),
			page.Bind(page.ActCopyPath, "copy the path", ""), page.Bind(page.ActCopyValue, "copy an example, or what changed", ""),
		}
	}
	b = append(b, page.Bind(page.ActOut, p.outHelp(), "out"), page.Bind(page.ActRefresh, "read again", ""),
		page.Bind(page.ActCopyView, "", ""), page.Bind(page.ActCopyStream, "copy the name of the type", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""))
	return append(append(b, p.finder.Bindings()...), page.Movement()...)
}

func (p *kinds) outHelp() string {
	switch {
	case p.front().busy():
		return "stop reading"
	case p.front().base().find != "":
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
		p.toMessages(t, "")
	case page.ActTail:
		if key, ok := p.chosen(); ok {
			t.Go(page.Location{Page: page.Tail, Category: key.category, Filter: look.OfType(key.name)})
		}
	case page.ActRefresh:
		p.restart(t)
	case page.ActSort:
		p.front().base().list.Act(t, a) // also while the changes have the keys
	case page.ActFilter:
		t.Prompt(page.Prompt{ID: findPrompt, Label: "filter", Hint: "text in the name", Text: p.front().base().find, Live: true})
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
	return p.front().base().list
}

func (p *kinds) prompted(t *page.Turn, msg page.PromptMsg) {
	switch msg.ID {
	case kit.FinderPrompt:
		p.focused().Prompted(t, msg)
	case kit.SortPrompt:
		p.front().base().list.Prompted(t, msg)
	case findPrompt:
		p.front().base().find = msg.Text
		p.front().lay()
	}
}

// out stops what runs, clears the filter, or closes the fields.
func (p *kinds) out(a page.Action) {
	switch s := p.front().base(); {
	case p.front().busy():
		s.stopped = true
	case a == page.ActCancelUI:
	case s.find != "":
		s.find = ""
		p.front().lay()
	default:
		p.open = nil
	}
}

// enter opens the fields of a type, the messages that have a field, or the
// message that shows a change.
func (p *kinds) enter(t *page.Turn) {
	switch o := p.open; {
	case o == nil:
		if c, ok := p.tally.types.Chosen(); ok {
			p.learn(t, kindOfCount(c))
		}
	case o.on:
		p.toChange(t)
	case o.current() == nil:
	case o.current().Filter == "":
		t.Toast(page.LevelInfo, "%s stands for all names beyond the bounds: no filter asks for them; m shows the messages of the type", o.current().Name())
	default:
		p.toMessages(t, o.current().Filter)
	}
}

// toChange leads to the message that shows the change under the cursor.
func (p *kinds) toChange(t *page.Turn) {
	switch row, ok := p.open.told.Chosen(); {
	case !ok:
	case row.change != nil:
		t.Go(page.Location{Page: page.Streams, Category: p.open.key.category, Filter: look.OfType(p.open.key.name), GlobalPosition: row.change.At.Global})
	case row.heard != nil:
		t.Toast(page.LevelInfo, "the engine does not say in which message it saw that; m shows the messages of the type")
	default:
		t.Toast(page.LevelInfo, "these changes are not listed; m shows the messages of the type")
	}
}

// chosen is the type that is open, or under the cursor.
func (p *kinds) chosen() (kindOf, bool) {
	if p.open != nil {
		return p.open.key, true
	}
	if c, ok := p.tally.types.Chosen(); ok {
		return kindOfCount(c), true
	}
	return kindOf{}, false
}

// toMessages shows the messages of the type: of the kind under the cursor, or else those
// that a filter keeps.
func (p *kinds) toMessages(t *page.Turn, also string) {
	key, ok := p.chosen()
	if !ok {
		return
	}
	if p.open != nil {
		also = cmp.Or(p.open.ofKind(), also)
	}
	line := look.OfType(key.name)
	if also != "" {
		line += " " + also
	}
	t.Go(page.Location{Page: page.Streams, Category: key.category, Filter: line, At: t.At})
}

// more allows ten times as much to be read.
func (p *kinds) more(t *page.Turn) {
	switch s := p.front(); {
	case s.base().read.Whole:
		t.Toast(page.LevelInfo, "all messages are read; new ones are taken in as they come")
	case p.open == nil && p.tally.refused == "":
		t.Toast(page.LevelInfo, "the server counts all messages")
	default:
		s.base().allowMore()
		s.ask(t, &p.gen)
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
	case p.open != nil:
		what, value := p.open.copied(a)
		switch {
		case what != "":
			t.Copy(what, value)
		case p.open.on:
			t.Toast(page.LevelInfo, "the path of this change is not known by itself")
		}
	}
}

// command is the headless twin of what is shown.
func (p *kinds) command(env page.Env) string {
	switch category := p.tally.at.Category; {
	case p.open != nil:
		return kit.Command(env, "types", p.open.key.category, p.open.key.name)
	case category != "":
		return kit.Command(env, "types", category)
	}
	return kit.Command(env, "types")
}

func (p *kinds) click(env page.Env, x, y int) {
	for _, a := range p.areas(env.Width, env.Height) {
		if a.list != nil && y >= a.Y && y < a.Y+a.H {
			if p.open != nil {
				p.open.on = a.list != p.open.list
			}
			a.list.Click(x, y-a.Y)
		}
	}
}

func (p *kinds) wheel(env page.Env, y, n int) {
	for _, a := range p.areas(env.Width, env.Height) {
		if a.list != nil && y >= a.Y && y < a.Y+a.H {
			a.list.Scroll(n)
		}
	}
}
