package tail

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// How a pull waits where nothing comes.
const (
	// awaitQuiet is how long nothing must have come until the pull subscribes
	// to the next message instead of asking for it.
	awaitQuiet = 2 * time.Second
	// awaitNotice is the time between two questions of one that is subscribed: whether
	// the server is still there, and has not forgotten to tell.
	awaitNotice = 500 * time.Millisecond
	// awaitOpen is how long the tail may go without asking for the sake of a
	// subscription that opens. Where the line takes longer, asking is as good.
	awaitOpen = tailEvery
	// awaitAgain is the time until a subscription that was refused, or broke, is
	// tried again.
	awaitAgain = 30 * time.Second
	// maxMissed is how often, in succession, a subscription may have failed to
	// tell of what came until none is tried any more: something between here and
	// the server keeps the stream back.
	maxMissed = 2
)

// notKnown stands for a head that was not read.
const notKnown = -1

// awaiting is a pull that waits: what it knows from one question to the next.
// While the namespace's head stays, nothing can have come, so that the head is
// all that it asks for; after a while it subscribes, and asks less often.
type awaiting struct {
	q        tailPull
	c        *client.Client
	began    time.Time
	askedAt  time.Duration // when the newest question was put, after began
	previous time.Duration // when the one before it was
	count    int           // of questions
	head     int64         // nothing came up to here
	quiet    time.Duration // since when nothing came
	again    time.Duration // no subscription is tried before
	sub      *client.Subscription
	notified bool // that something came
}

// await asks, or has itself told, until something is different or nobody wants
// to know any more.
func (q tailPull) await(ctx context.Context, c *client.Client) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(q.watch.ctx, cancel)()
	a := &awaiting{q: q, c: c, began: time.Now(), head: notKnown}
	defer a.unsubscribe()
	for {
		if err := a.wait(ctx); err != nil {
			return nil, err
		}
		a.askedAt, a.previous = time.Since(a.began), a.askedAt
		a.count++
		r, err := a.ask(ctx)
		if err != nil {
			return nil, err
		}
		if q.first || r.anew || r.place != q.after {
			r.asked, r.since = q.asked.Add(a.askedAt), a.since()
			r.notified, r.missed = a.notified, a.sub != nil && !a.notified
			return r, nil
		}
		a.same(ctx)
	}
}

// since is from when on what came now can be; zero: since before the pull.
func (a *awaiting) since() time.Time {
	switch {
	case a.notified:
		return a.q.asked.Add(a.askedAt)
	case a.count > 1:
		return a.q.asked.Add(a.previous)
	}
	return time.Time{}
}

// wait waits until it is time for the next question.
func (a *awaiting) wait(ctx context.Context) error {
	due := a.q.rest
	switch {
	case a.sub != nil:
		due = a.askedAt + awaitNotice
	case a.count > 0:
		due = a.askedAt + tailEvery
	}
	until, cancel := context.WithDeadline(ctx, a.began.Add(due))
	defer cancel()
	if a.sub == nil {
		<-until.Done()
		return ctx.Err()
	}
	var one [1]store.Announcement
	_, err := a.sub.Next(until, one[:])
	a.notified = err == nil
	if err != nil && until.Err() == nil { // the subscription is over, which the question explains
		a.unsubscribe()
		a.again = time.Since(a.began) + awaitAgain
	}
	return ctx.Err()
}

// ask puts the smallest question that tells whether something came.
func (a *awaiting) ask(ctx context.Context) (tailPulled, error) {
	head := int64(notKnown)
	if a.count > 1 && !a.notified && !a.q.after.plain {
		var err error
		head, err = a.c.Head(ctx)
		switch {
		case client.NotOffered(err):
			head = notKnown
		case err != nil:
			return tailPulled{}, err
		case head == a.head:
			return tailPulled{place: a.q.after}, nil
		}
	}
	r, err := a.q.look(ctx, a.c)
	a.head = head
	return r, err
}

// same takes it that nothing came. What is told of, again and again, without
// being tailed, is better asked for.
func (a *awaiting) same(ctx context.Context) {
	age := a.askedAt - a.previous
	switch {
	case a.notified:
		a.unsubscribe()
		a.quiet, a.notified = a.askedAt, false
	case a.sub != nil:
		age = time.Since(a.began) - a.askedAt
	case a.head != notKnown && !a.q.subscribeDisabled && a.askedAt-a.quiet >= awaitQuiet && a.askedAt >= a.again:
		a.subscribe(ctx)
	}
	a.q.watch.askedAt.Store(max(int64(a.askedAt), 1))
	a.q.watch.age.Store(max(int64(age), 1))
}

// subscribe has the server tell of what comes after all that is known. Of
// several categories none can be told alone.
func (a *awaiting) subscribe(ctx context.Context) {
	q := client.SubscribeQuery{From: a.head + 1}
	if len(a.q.what.Categories) == 1 {
		q.Category = a.q.what.Categories[0]
	}
	opening, cancel := context.WithTimeout(ctx, awaitOpen)
	defer cancel()
	sub, err := a.c.Subscribe(opening, q)
	if err != nil {
		a.again = a.askedAt + awaitAgain // asking goes on, and finds what is wrong
		return
	}
	a.sub = sub
}

func (a *awaiting) unsubscribe() {
	if a.sub != nil {
		_ = a.sub.Close() // always nil
		a.sub = nil
	}
}

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
	askedAt, age atomic.Int64
}

// asked is when the newest question was put that is answered; before, when none
// of the watch's own is.
func (w *tailWatch) asked(before time.Time) time.Time {
	if w == nil || w.askedAt.Load() == 0 {
		return before
	}
	return w.began.Add(time.Duration(w.askedAt.Load()))
}
