package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// past is the shell's memory of the engine: the past hour, second by second.
// Samples come with the looks at the server; what lies before the first one,
// and what was missed, from the server's own history. Panes read it by [Env].
type past struct {
	history
	gen   uint64 // of the question under way, which are numbered from 1
	wait  bool   // it is not answered yet
	asked bool   // it was asked and had nothing new
	fault string // why the last question failed
}

// historyMsg answers a question for the past.
type historyMsg struct {
	of      *past // another server has another
	gen     uint64
	samples []wire.Sample
	err     error
}

// remember adds the newest second; when it does not follow on the last one,
// the server's history is asked for what lies between.
func (a *app) remember(s wire.Sample) tea.Cmd {
	p := a.env.Past
	if !s.Time.After(p.last.at) {
		return nil
	}
	var cmd tea.Cmd
	if gap := s.Time.Sub(p.last.at) > 1500*time.Millisecond; gap && !p.asked && !p.wait {
		since := p.last.at
		if since.IsZero() {
			since = s.Time.Add(-time.Hour)
		}
		cmd = a.askPast(since)
	}
	if p.wait {
		return cmd // samples are kept in order: what is under way comes first
	}
	p.asked = false
	p.add(s)
	return nil
}

func (a *app) askPast(since time.Time) tea.Cmd {
	p := a.env.Past
	p.gen++
	p.wait, p.asked = true, true
	ctx, c, gen := a.ctx, a.root, p.gen
	return func() tea.Msg {
		msg := historyMsg{of: p, gen: gen}
		labelled(ctx, func(ctx context.Context) { msg.samples, msg.err = c.In("").History(ctx, since) })
		return msg
	}
}

// remembered takes the server's history.
func (a *app) remembered(msg historyMsg) tea.Cmd {
	p := a.env.Past
	if msg.of != p || msg.gen != p.gen {
		return nil
	}
	p.wait, p.fault = false, ""
	if msg.err != nil && !client.NotOffered(msg.err) && !client.Unreachable(msg.err) {
		p.fault = msg.err.Error()
	}
	for _, s := range msg.samples {
		if p.add(s) {
			p.asked = false // it helps: the next gap may ask again
		}
	}
	a.screen.touch()
	return nil
}

// forget makes void what is still to be answered. What is known stays: the
// engine's past is the same, whoever looks at it.
func (p *past) forget() {
	p.gen++
	p.wait, p.asked = false, false
}
