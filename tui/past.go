package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// pastQuestion is the question for the server's history that is under way.
type pastQuestion struct {
	gen   uint64 // of the question under way, which are numbered from 1
	wait  bool   // it is not answered yet
	asked bool   // it was asked and had nothing new
}

// historyMsg answers a question for the past.
type historyMsg struct {
	of      *page.Past // another server has another
	gen     uint64
	samples []wire.Sample
	err     error
}

// remember adds the newest second; when it does not follow on the last one,
// the server's history is asked for what lies between.
func (a *app) remember(s wire.Sample) tea.Cmd {
	p, q := a.env.Past, &a.past
	if !s.Time.After(p.Last.At) {
		return nil
	}
	var cmd tea.Cmd
	if gap := s.Time.Sub(p.Last.At) > 1500*time.Millisecond; gap && !q.asked && !q.wait {
		since := p.Last.At
		if since.IsZero() {
			since = s.Time.Add(-time.Hour)
		}
		cmd = a.askPast(since)
	}
	if q.wait {
		return cmd // samples are kept in order: what is under way comes first
	}
	q.asked = false
	p.Add(s)
	return nil
}

func (a *app) askPast(since time.Time) tea.Cmd {
	p := a.env.Past
	q := &a.past
	q.gen++
	q.wait, q.asked = true, true
	ctx, c, gen := a.ctx, a.root, q.gen
	return func() tea.Msg {
		msg := historyMsg{of: p, gen: gen}
		labelled(ctx, func(ctx context.Context) { msg.samples, msg.err = c.In("").History(ctx, since) })
		return msg
	}
}

// remembered takes the server's history.
func (a *app) remembered(msg historyMsg) tea.Cmd {
	p, q := a.env.Past, &a.past
	if msg.of != p || msg.gen != q.gen {
		return nil
	}
	q.wait, p.Fault = false, ""
	if msg.err != nil && !client.NotOffered(msg.err) && !client.Unreachable(msg.err) {
		p.Fault = msg.err.Error()
	}
	for _, s := range msg.samples {
		if p.Add(s) {
			q.asked = false // it helps: the next gap may ask again
		}
	}
	a.screen.touch()
	return nil
}

// forget makes void what is still to be answered. What is known stays: the
// engine's past is the same, whoever looks at it.
func (q *pastQuestion) forget() {
	q.gen++
	q.wait, q.asked = false, false
}
