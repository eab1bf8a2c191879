package profile

import (
	"cmp"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
)

// look works out what to show, off the event loop. What was shown stays until
// it is there.
func (p *profilePage) look(t *page.Turn) {
	call := p.subject.look(profiler.TopOptions{ByCum: p.views.top.byCum})
	if call == nil {
		p.asks.look = 0
		p.views.show(nil)
		return
	}
	t.AskElsewhere(p.asks.await(&p.asks.look, p.looked), call)
}

func (p *profilePage) looked(t *page.Turn, msg page.Reply) {
	shown, _ := msg.Value.(*shownProfile)
	if msg.Err != nil || shown == nil {
		p.fault = msg.Err.Error()
		p.views.show(nil)
		return
	}
	p.fault = ""
	for _, warning := range shown.view.Warnings() {
		t.Toast(page.LevelInfo, "%s", warning)
	}
	p.views.show(shown)
	p.views.function.ask(t, p.views.tab, &p.asks)
}

func (p *profilePage) asked(t *page.Turn, msg captureMsg) {
	if msg.kind == "" {
		return
	}
	if p.captures.job == nil {
		p.subject.choose(msg.kind)
		p.captures.seconds = cmp.Or(msg.seconds, p.captures.seconds)
		p.look(t)
	}
	p.capture(t)
}

func (p *profilePage) capture(t *page.Turn) {
	p.begin(t, p.captures.start(t, p.subject.typ.kind))
}

// begin has a capture taken, if there is one to take.
func (p *profilePage) begin(t *page.Turn, ask page.Ask) {
	if ask.Call == nil {
		return
	}
	p.fault = ""
	gen := p.asks.await(&p.asks.capture, p.captured)
	if ask.Elsewhere {
		t.AskElsewhere(gen, ask.Call)
	} else {
		t.Ask(gen, ask.Call)
	}
}

func (p *profilePage) captured(t *page.Turn, msg page.Reply) {
	job := p.captures.job
	p.captures.job, p.captures.ended = nil, t.Now
	if job == nil {
		return
	}
	taken, _ := msg.Value.(*loadedProfile)
	if msg.Err != nil || taken == nil {
		p.fault = cmp.Or(p.captures.failed(t, job, msg.Err), p.fault)
		return
	}
	taken.about.Load, taken.about.Figures = job.figure.Load, job.figure.Figures
	kind := taken.about.Kind
	p.subject.loaded[kind] = taken
	switch {
	case job.fetched != "":
		p.views.tab = profileTop
		p.subject.choose(kind)
		t.Toast(page.LevelInfo, "fetched %s; x saves it", job.fetched)
	case p.subject.typ.kind == kind:
		p.subject.choose(kind)
	}
	if p.views.tab == profileKept && !job.byAuto {
		p.views.tab = profileTop // what was asked for
	}
	if job.fetched == "" && !job.byAuto {
		t.Toast(page.LevelInfo, "captured a %s profile; x saves it", kind)
	}
	p.look(t)
}

func (p *profilePage) opened(t *page.Turn, msg page.Reply) {
	if msg.Err != nil {
		t.Toast(page.LevelError, "%v", msg.Err)
		return
	}
	opened := msg.Value.(openedProfile)
	kind := opened.held.about.Kind
	if opened.asBase {
		p.subject.bases[kind] = opened.held
		t.Toast(page.LevelInfo, "%s is the baseline for %s profiles; d shows the difference", opened.held.about.ID, kindName(kind))
	} else {
		p.subject.loaded[kind] = opened.held
		p.views.tab = profileTop
		p.subject.bringBase(t, kind, opened.base)
	}
	p.subject.choose(kind)
	p.look(t)
}
