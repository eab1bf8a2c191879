package tui

import (
	"strconv"
	"strings"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// sift keeps the categories whose names hold the filter's text.
func (p *groups) sift() {
	needle := strings.ToLower(p.find)
	p.counts = p.counts[:0]
	for _, c := range p.all {
		if needle == "" || strings.Contains(strings.ToLower(c.Category), needle) {
			p.counts = append(p.counts, c)
		}
	}
	p.byName()
}

// prompted takes the filter as it is typed, and what is searched for.
func (p *groups) prompted(t *page.Turn, msg page.PromptMsg) {
	if msg.ID == kit.FinderPrompt {
		p.search.Prompted(t, msg, p.focused())
		p.follow(t)
		return
	}
	p.filter(t, msg.Text)
}

// filter keeps the categories with a text in their names; the cursor stays on
// the one that is shown, if it is among them.
func (p *groups) filter(t *page.Turn, find string) {
	p.find, p.open = strings.TrimSpace(find), false
	p.sift()
	p.show(t)
	p.follow(t)
}

// out takes the filter off, else goes back to the list.
func (p *groups) out(t *page.Turn) {
	if p.find != "" && !p.open {
		p.filter(t, "")
	}
	p.open = false
}

// copy puts names, or the view as a command, into the clipboard.
func (p *groups) copy(t *page.Turn, a page.Action) {
	stream := p.pointed().Stream
	switch {
	case p.key == "":
	case a == page.ActCopyView:
		t.Copy("this view as a command", p.command(t.Env))
	case stream != "":
		t.Copy("the stream "+stream, stream)
	case a == page.ActCopyValue:
		t.Copy("the category "+p.key, p.key)
	}
}

// command is the open tab as a command that prints the same.
func (p *groups) command(env page.Env) string {
	size := strconv.Itoa(p.size)
	switch {
	case p.tab == tabObserved:
		return kit.Command(env, "groups", p.key)
	case p.tab == tabMoves && p.before > 0 && p.before != p.size:
		return kit.Command(env, "groups", p.key, "--size", strconv.Itoa(p.before), "--to", size)
	}
	return kit.Command(env, "groups", p.key, "--size", size)
}
