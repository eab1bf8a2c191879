package profile

import (
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
)

// look works out what to show, off the event loop. What was shown stays until
// it is there.
func (p *profilePage) look(t *page.Turn) {
	call := p.subject.look(profiler.TopOptions{ByCum: p.top.byCum})
	if call == nil {
		p.asks.look = 0
		p.show(nil)
		return
	}
	t.AskElsewhere(p.asks.await(&p.asks.look, p.lookedReply), call)
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
	p.function.ask(t, p.tab, &p.asks)
}

// show puts a profile on the screen; the cursors stay where they were, by name.
func (p *profilePage) show(shown *shownProfile) {
	p.shown = shown
	p.graph.show()
	p.top.show()
}

// current is the function under the cursor of the view; "" when there is none.
func (p drawing) current() string {
	switch p.tab {
	case profileTop:
		if r, ok := p.top.Chosen(); ok {
			return r.Name
		}
	case profileFlame:
		return p.graph.name()
	case profileCallers:
		if r, ok := p.function.callers.Chosen(); ok {
			return r.name
		}
	case profileSource:
		return p.function.name
	}
	return ""
}
