package tail

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// questions is what the tail asks: the pull under way, how it waits, and how old
// what the newest answer told is.
type questions struct {
	gens    uint64     // given out so far, to whatever asks on the page
	gen     uint64     // of pulls
	fits    int        // how many messages to read at once, by the size of those before
	missed  int        // pulls in succession that were not told what they should have been
	asking  bool       // a pull is under way
	looking *lookback  // looking back for what the filter keeps; nil: it is not
	watch   *tailWatch // what is asked waits for something to come; nil: it does not
	pulled  time.Time  // when the pull under way was asked
	asked   time.Time  // when the newest answered question was put
	behind  string
	fault   string // why nothing is asked any more
}

// next is a generation that nothing has yet.
func (k *questions) next() uint64 {
	k.gens++
	return k.gens
}

// put asks what came. Where somebody waits for it, the pull does too.
func (k *questions) put(t *page.Turn, q tailPull, waits bool) {
	k.asking, k.pulled = true, t.Now
	q.fits, q.asked, q.at = k.fits, t.Now, t.At
	if q.first && q.sifts() {
		ctx, stop := context.WithCancel(context.Background())
		k.looking = &lookback{ctx: ctx, stop: stop}
		q.looking = k.looking
	}
	if waits {
		ctx, stop := context.WithCancel(context.Background())
		k.watch = &tailWatch{began: t.Now, ctx: ctx, stop: stop}
		q.watch, q.subscribeDisabled = k.watch, k.missed >= maxMissed
		if !k.asked.IsZero() {
			q.rest = min(max(tailEvery-t.Now.Sub(k.asked), 0), tailEvery)
		}
	}
	t.Ask(k.gen, func(ctx context.Context, c *client.Client) (any, error) { return q.run(ctx, c) })
}

// answered takes the answer of the pull; ok is false where it has none.
func (k *questions) answered(t *page.Turn, msg page.Reply) (v tailPulled, ok bool) {
	k.end()
	if msg.Err != nil {
		k.failed(msg.Err)
		return v, false
	}
	v = msg.Value.(tailPulled)
	if since := cmp.Or(v.since, k.asked); !since.IsZero() {
		k.setBehind(t, t.Now.Sub(since))
	}
	k.asked = v.asked
	switch { // whether subscriptions tell what comes
	case v.notified:
		k.missed = 0
	case v.missed:
		k.missed++
	}
	if v.fits > 0 {
		k.fits = v.fits
	}
	return v, true
}

func (k *questions) failed(err error) {
	switch {
	case client.Unreachable(err):
	case client.NotOffered(err):
		k.fault = "this server cannot be tailed: it does not read backward"
	case client.Unauthorized(err):
		k.fault = "this token does not allow it"
	default:
		k.fault = err.Error()
	}
}

// end ends the pull, and looking back and waiting with it.
func (k *questions) end() {
	if k.watch != nil {
		k.watch.stop()
	}
	k.asking, k.watch = false, nil
	k.endLooking()
}

// endLooking ends looking back, and reports whether it was under way. What is
// found by then is shown.
func (k *questions) endLooking() bool {
	if k.looking == nil {
		return false
	}
	k.looking.stop()
	k.looking = nil
	return true
}

// drop makes void what the pull under way may have to say: the next one is told
// the same.
func (k *questions) drop() {
	k.end()
	k.gen = k.next()
}

// unwatch ends a pull that waits, and forgets how old what it told is: nobody
// asks for a while.
func (k *questions) unwatch() {
	if k.watch != nil {
		k.drop()
	}
	k.asked, k.behind = time.Time{}, ""
}

// keepHonest says how old what is shown can be while an answer is on its way.
func (k *questions) keepHonest(t *page.Turn) {
	since, limit := cmp.Or(k.watch.asked(k.asked), k.pulled), 3*t.Frame
	if k.watch != nil {
		limit = tailLate
	}
	if late := t.Now.Sub(since); late > limit {
		k.setBehind(t, late)
	} else if k.watch != nil && k.watch.age.Load() > 0 {
		k.setBehind(t, time.Duration(k.watch.age.Load()))
	}
}

// setBehind says how old the newest answer was when it was renewed, to a tenth
// of a second; the screen is drawn again only when that changes.
func (k *questions) setBehind(t *page.Turn, d time.Duration) {
	s := strconv.FormatFloat(max(d, 0).Seconds(), 'f', 1, 64) + " s"
	if s != k.behind {
		k.behind = s
		t.Redraw()
	}
}
