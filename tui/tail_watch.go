package tui

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/tui/page"
)

// How a tail that is followed asks.
const (
	// tailEvery is the time between two questions: so short that what is written
	// is seen within 150 ms, the screen's own 33 ms and the answer's included.
	tailEvery = 100 * time.Millisecond
	// tailPace is the slowest pace at which that is promised. Whoever has chosen
	// a slower one is asked for by the frames.
	tailPace = 200 * time.Millisecond
	// tailLate is how old what a waiting pull knows may be until that is said.
	tailLate = time.Second
)

// tailWatch is a pull that waits until something comes, as its pane holds it.
// The pull asks again and again, or is told, without the event loop: a quiet
// server costs next to nothing.
type tailWatch struct {
	began time.Time // when the pane asked; never changed
	// Ended by the pane: nobody wants the answer any more.
	ctx  context.Context
	stop context.CancelFunc
	// Written by the pull, in nanoseconds: when the newest answered question was
	// put, after began, and how old what was known had become by its answer.
	// Zero: none was answered.
	put, age atomic.Int64
}

// asked is when the newest question was put that is answered; before, when none
// of the watch's own is.
func (w *tailWatch) asked(before time.Time) time.Time {
	if w == nil || w.put.Load() == 0 {
		return before
	}
	return w.began.Add(time.Duration(w.put.Load()))
}

// watches reports whether somebody waits for the next row, and the pulls are
// to wait with them.
func (p *tail) watches(t *page.Turn) bool {
	seen := p.shown && t.Layout != page.LayoutTiny && t.Live.Connected && t.At.IsZero()
	return seen && t.Waits && t.Frame <= tailPace && p.follow && !p.paused && p.open == nil && p.fault == ""
}

// watchWith has a pull wait until something comes, if somebody waits for it.
func (p *tail) watchWith(t *page.Turn, q *tailPull) {
	if !p.watches(t) {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	p.watch = &tailWatch{began: t.Now, ctx: ctx, stop: stop}
	q.watch, q.deaf = p.watch, p.untold >= awaitUntold
	if !p.asked.IsZero() {
		q.rest = min(max(tailEvery-t.Now.Sub(p.asked), 0), tailEvery)
	}
}

// unwatch ends a pull that waits. What it may have to say is void: the next one
// is told the same.
func (p *tail) unwatch() {
	if p.watch == nil {
		return
	}
	p.watch.stop()
	p.gens++
	p.gen, p.asking, p.watch = p.gens, false, nil
}

// trust remembers whether subscriptions tell what comes.
func (p *tail) trust(v tailPulled) {
	switch {
	case v.told:
		p.untold = 0
	case v.untold:
		p.untold++
	}
}

// keepHonest says how old what is shown can be while an answer is on its way.
func (p *tail) keepHonest(t *page.Turn) {
	if !p.asking || !p.begun {
		return
	}
	since, limit := p.watch.asked(p.asked), 3*t.Frame
	if since.IsZero() {
		since = p.pulled
	}
	if p.watch != nil {
		limit = tailLate
	}
	if late := t.Now.Sub(since); late > limit {
		p.setBehind(t, late)
	} else if p.watch != nil && p.watch.age.Load() > 0 {
		p.setBehind(t, time.Duration(p.watch.age.Load()))
	}
}
