package engine

import (
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *enginePage) prompted(t *page.Turn, msg page.PromptMsg) {
	switch msg.ID {
	case kit.FilterPrompt:
		p.events.keep(msg.Text)
		return
	case namesPrompt:
		p.keepNames(msg.Text)
		return
	case kit.FinderPrompt:
		if l := p.focused(); l != nil { // else that of the open namespaces
			l.Prompted(t, msg)
		} else {
			p.names.list.Prompted(t, msg)
		}
		p.follow()
		return
	case kit.SortPrompt:
		if l := p.focused(); l != nil {
			l.Prompted(t, msg)
		}
		return
	}
	p.jobs.prompted(t, &p.gen, msg)
}

func (p *enginePage) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActNextTab:
		p.turn(t.Env, 1)
	case page.ActPrevTab:
		p.turn(t.Env, -1)
	case page.ActOpen:
		p.enter(t)
	case page.ActOut, page.ActCancelUI:
		p.leave(a == page.ActOut)
	case page.ActNextPane, page.ActPrevPane:
		if !p.lone() {
			p.open = !p.open
		}
	case page.ActFilter:
		p.askFilter(t)
	case page.ActRefresh:
		p.sight.feed.Again()
		p.closed.asked = time.Time{}
		if p.subscriptions.asked = (time.Time{}); p.tabs.on == tabStorage {
			p.storage.measure(t, &p.gen, p.sight.key)
		}
		p.frame(t)
	case page.ActSort:
		p.askSort(t)
	case page.ActCopyValue:
		p.copyName(t)
	case page.ActCopyView:
		t.Copy("this view as a command", p.command(t.Env))
	default:
		if l := p.focused(); l != nil {
			l.Act(t, a)
		} else {
			p.search.Act(t, a, p.names.list.Grid)
		}
		p.follow()
	}
}

// turn goes n tabs on; where only the list is seen, the tab takes its place.
func (p *enginePage) turn(env page.Env, n int) {
	p.tabs.turn(n)
	if p.areas(env.Width, env.Height).detail.H == 0 {
		p.open = true
	}
}

// copyName copies the namespace under the cursor of what has the keys.
func (p *enginePage) copyName(t *page.Turn) {
	if id := p.underCursor(); id != "" {
		t.Copy("the namespace "+id, id)
	} else {
		t.Toast(page.LevelInfo, "no namespace is under the cursor")
	}
}

// underCursor is the namespace that the cursor is on; in a tab that lists none it is the
// one that is shown.
func (p *enginePage) underCursor() string {
	switch {
	case p.inTab() && p.tabs.on == tabClosed:
		if n, ok := p.closed.list.Chosen(); ok {
			return n.ID
		}
		return ""
	case p.inTab() && p.tabs.on == tabEvents:
		if e, ok := p.events.list.Chosen(); ok {
			return e.Namespace
		}
		return ""
	}
	return p.sight.key
}

// askSort asks for the column by which the list with the keys is sorted.
func (p *enginePage) askSort(t *page.Turn) {
	switch l := p.focused(); {
	case l != nil && !l.Fixed:
		l.Act(t, page.ActSort)
	case p.lone():
		t.Toast(page.LevelInfo, "%s has an order of its own", p.title(p.tabs.on))
	default:
		t.Toast(page.LevelInfo, "%s has an order of its own; tab goes to the list, which s sorts", p.title(p.tabs.on))
	}
}

// command is the open tab as a command that prints the same.
func (p *enginePage) command(env page.Env) string {
	switch {
	case p.tabs.on == tabEvents && p.events.filter != "":
		return kit.Command(env, "events", "--filter", p.events.filter)
	case p.tabs.on == tabEvents:
		return kit.Command(env, "events")
	case p.tabs.on == tabStorage:
		env.Namespace = p.sight.key
		return kit.Command(env, "stats", "--storage")
	}
	return kit.Command(env, "stats")
}

// enter opens the tab, and there the thing under the cursor: an event's
// namespace, a subscription's stream or category, a measurement.
func (p *enginePage) enter(t *page.Turn) {
	switch {
	case !p.inTab():
		p.open = len(p.names.list.Rows()) > 0
	case p.tabs.on == tabEvents:
		if e, ok := p.events.list.Chosen(); ok {
			p.chooseOf(t, e)
		}
	case p.tabs.on == tabSubscriptions:
		p.subscriptions.visit(t)
	case p.tabs.on == tabStorage:
		p.storage.measure(t, &p.gen, p.sight.key)
	case p.tabs.on == tabClosed:
		if n, ok := p.closed.list.Chosen(); ok {
			t.Go(page.Location{Page: page.Streams, Namespace: n.ID})
		}
	}
}

// chooseOf has an event's namespace shown, where it has one that is open.
func (p *enginePage) chooseOf(t *page.Turn, e *store.EngineEvent) {
	switch {
	case e.Namespace == "":
		t.Toast(page.LevelInfo, "%s belongs to no namespace", e.Kind)
	case p.sight.feed.Figures != nil && p.sight.of(e.Namespace) == nil:
		t.Toast(page.LevelInfo, "%s", p.notOpen(e.Namespace))
	default:
		p.choose(e.Namespace)
		p.show()
		if p.inPast() { // which shows what all did together
			t.Toast(page.LevelInfo, "%s is selected", e.Namespace)
		}
	}
}

// notOpen says why a namespace is not among the open ones.
func (p *enginePage) notOpen(id string) string {
	if p.events.deleted(id) {
		return id + " was deleted"
	}
	return id + " is closed: the server opens a namespace on first use"
}

// leave cancels what runs, else takes the filter off, else goes back to the
// list.
func (p *enginePage) leave(out bool) {
	switch {
	case p.jobs.job != nil:
		p.jobs.job.cancel()
	case p.storage.cancel != nil:
		p.storage.cancel()
	case !out:
	case p.inTab() && p.tabs.on == tabEvents && p.events.filter != "":
		p.events.keep("")
	case p.names.find != "" && p.listsNames():
		p.keepNames("")
	case !p.lone():
		p.open = false
	}
}

// opening is what enter does.
func (p *enginePage) opening() page.Binding {
	switch {
	case !p.inTab():
		return page.Bind(page.ActOpen, "open the tab of the namespace", "open")
	case p.tabs.on == tabStorage:
		return page.Bind(page.ActOpen, "measure storage by kind of key, from the tables' indexes", "measure")
	case p.tabs.on == tabSubscriptions:
		return page.Bind(page.ActOpen, "go to the subscribed stream or category", "go there")
	case p.tabs.on == tabClosed:
		return page.Bind(page.ActOpen, "go to the namespace and open it", "go there")
	case p.tabs.on == tabEvents:
		return page.Bind(page.ActOpen, "select the event's namespace, if it is open", "choose")
	}
	return page.Bind(page.ActOpen, "", "")
}

// leaving is what goes out of a tab, or over to the list where one stands beside it.
func (p *enginePage) leaving() []page.Binding {
	if p.lone() {
		return []page.Binding{page.Bind(page.ActOut, "cancel, or clear the filter", "cancel")}
	}
	return []page.Binding{
		page.Bind(page.ActOut, "cancel, clear the filter, or go back to the list", "back"),
		page.Bind(page.ActNextPane, "between list and tab", "list/tab"),
		page.Bind(page.ActPrevPane, "between list and tab", ""),
	}
}

// Bindings implements [page.Pane].
func (p *enginePage) Bindings() []page.Binding {
	filterWords := "filter the events"
	if p.listsNames() {
		filterWords = "filter the namespaces by name; in a tab, the events"
	}
	list := []page.Binding{
		page.Bind(page.ActNextTab, "next tab: levels or the engine's tables, events, subscriptions, closed, storage", "tabs"),
		page.Bind(page.ActPrevTab, "previous tab", ""),
		p.opening(),
		page.Bind(page.ActFilter, filterWords, "filter"),
		page.Bind(page.ActSort, "", "sort"),
	}
	list = append(append(list, p.leaving()...),
		page.Bind(page.ActRefresh, "refresh now", "refresh"),
		page.Bind(page.ActLeft, "scroll left", ""),
		page.Bind(page.ActRight, "scroll right", ""),
		page.Bind(page.ActCopyValue, "copy the name of the namespace under the cursor", ""),
		page.Bind(page.ActCopyView, "", ""),
	)
	return append(list, p.names.list.Bindings()...)
}

// askFilter opens the filter of the list that has the keys: of namespaces by
// their names, open ones and closed ones alike; else of the events.
func (p *enginePage) askFilter(t *page.Turn) {
	if p.listsNames() {
		t.Prompt(page.Prompt{ID: namesPrompt, Label: "filter", Hint: "text in the namespace's name", Text: p.names.find, Live: true})
		return
	}
	p.tabs.on, p.open = tabEvents, true
	t.Prompt(page.Prompt{ID: kit.FilterPrompt, Label: "filter", Hint: "words such as stall or ns:" + p.sight.key, Text: p.events.filter, Live: true})
}

// listsNames reports whether what has the keys is a list of namespaces.
func (p *enginePage) listsNames() bool {
	if p.inTab() {
		return p.tabs.on == tabClosed
	}
	return p.sight.feed.Figures != nil
}
