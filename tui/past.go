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

// Update takes the newest second, or the server's history. A second that does
// not follow on the last one has the history asked for what lies between.
func (q *pastQuestion) Update(r reach, p *page.Past, msg any) tea.Cmd {
	switch msg := msg.(type) {
	case wire.Sample:
		return q.remember(r, p, msg)
	case historyMsg:
		if msg.of == p && msg.gen == q.gen {
			q.answered(p, msg)
		}
	}
	return nil
}

func (q *pastQuestion) remember(r reach, p *page.Past, s wire.Sample) tea.Cmd {
	if !s.Time.After(p.Last.At) {
		return nil
	}
	var cmd tea.Cmd
	if gap := s.Time.Sub(p.Last.At) > 1500*time.Millisecond; gap && !q.asked && !q.wait {
		since := p.Last.At
		if since.IsZero() {
			since = s.Time.Add(-time.Hour)
		}
		cmd = q.ask(r, p, since)
	}
	if q.wait {
		return cmd // samples are kept in order: what is under way comes first
	}
	q.asked = false
	p.Add(s)
	return nil
}

func (q *pastQuestion) ask(r reach, p *page.Past, since time.Time) tea.Cmd {
	q.gen++
	q.wait, q.asked = true, true
	msg := historyMsg{of: p, gen: q.gen}
	return background(r.ctx, func(ctx context.Context) tea.Msg {
		msg.samples, msg.err = r.root.In("").History(ctx, since)
		return msg
	})
}

func (q *pastQuestion) answered(p *page.Past, msg historyMsg) {
	q.wait, p.Fault = false, ""
	if msg.err != nil && !client.NotOffered(msg.err) && !client.Unreachable(msg.err) {
		p.Fault = msg.err.Error()
	}
	for _, s := range msg.samples {
		if p.Add(s) {
			q.asked = false // it helps: the next gap may ask again
		}
	}
}

// forget makes void what is still to be answered. What is known stays: the
// engine's past is the same, whoever looks at it.
func (q *pastQuestion) forget() {
	q.gen++
	q.wait, q.asked = false, false
}
