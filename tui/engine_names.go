package tui

import (
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// namesPrompt names the prompt of the filter of namespaces.
const namesPrompt = "namespaces"

// askFilter opens the filter of the list that has the keys: of namespaces by
// their names, open ones and closed ones alike; else of the events.
func (p *enginePage) askFilter(t *page.Turn) {
	if p.listsNames() {
		t.Prompt(page.Prompt{ID: namesPrompt, Label: "filter", Hint: "text in the namespace's name", Text: p.names, Live: true})
		return
	}
	p.tab, p.open = tabEvents, true
	t.Prompt(page.Prompt{ID: kit.FilterPrompt, Label: "filter", Hint: "words such as stall, or ns:" + p.key, Text: p.filter, Live: true})
}

// listsNames reports whether what has the keys is a list of namespaces.
func (p *enginePage) listsNames() bool {
	if p.open {
		return p.tab == tabClosed
	}
	return p.feed.Figures != nil && !p.inPast()
}

// setNames keeps the namespaces with a text in their names; the cursor stays on
// the one that is shown, if it is among them.
func (p *enginePage) setNames(names string) {
	p.names = strings.TrimSpace(names)
	p.take(kit.FeedNews{})
	p.siftClosed()
}

// keeps reports whether a namespace is listed.
func (p *enginePage) keeps(id string) bool {
	return kit.ContainsFold([]byte(id), []byte(strings.ToLower(p.names)))
}

// choose has a namespace shown; a filter that would hide it is taken off.
func (p *enginePage) choose(id string) {
	p.key = id
	if !p.keeps(id) {
		p.setNames("")
	}
}

// siftOpen leaves in an order of open namespaces those that the filter keeps.
func (p *enginePage) siftOpen(list []store.NamespaceFigures, order []int) []int {
	return slices.DeleteFunc(order, func(i int) bool { return !p.keeps(list[i].ID) })
}

// siftClosed works out which closed namespaces are listed.
func (p *enginePage) siftClosed() {
	c := &p.closed
	c.list = c.list[:0]
	for _, n := range c.all {
		if p.keeps(n.ID) {
			c.list = append(c.list, n)
		}
	}
	p.sleeper.SetLen(len(c.list), false)
	p.sleeper.Changed()
}

// noneKept says that the filter hides all of so many namespaces; "" when there
// are none to hide.
func (p *enginePage) noneKept(n int) string {
	if p.names == "" || n == 0 {
		return ""
	}
	return "none of " + text.Count(int64(n)) + " " + text.Plural(int64(n), "namespace") + " has this in its name; esc takes the filter off"
}

// hiddenNames is how many the list that has the keys does not show.
func (p *enginePage) hiddenNames() int {
	switch {
	case !p.listsNames():
		return 0
	case p.open:
		return len(p.closed.all) - len(p.closed.list)
	}
	return len(p.feed.Figures.Namespaces) - len(p.order)
}
