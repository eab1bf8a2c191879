package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// maxLate is how far a paced run may fall behind and still catch up. What is
// beyond is given up, so that a server which comes back after an outage is
// not hit by all that was missed.
const maxLate = time.Second

// pacer hands out the times at which calls are to start: evenly spread, one
// for whoever asks, in the order of asking.
type pacer struct {
	rate float64 // a second; 0: no pace

	mu   sync.Mutex
	base time.Time // time of slot 0
	next int64     // slot to hand out
}

func newPacer(rate float64, now time.Time) *pacer { return &pacer{rate: rate, base: now} }

// slot takes the next start time, and says how many were given up before it.
func (p *pacer) slot(now time.Time) (at time.Time, missed int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at = p.at(p.next)
	if late := now.Sub(at); late > maxLate {
		missed = int64(late.Seconds() * p.rate)
		p.next += missed
		at = p.at(p.next)
	}
	p.next++
	return at, missed
}

// at is when a slot is. It is reckoned from the base, so that no rounding adds up.
func (p *pacer) at(slot int64) time.Time {
	return p.base.Add(time.Duration(float64(slot) / p.rate * float64(time.Second)))
}

// wait returns when the next call is to start, and from when its latency
// counts: from its slot if that has gone by while the caller was busy, else
// from now. It returns ctx's error when that ends first.
func (p *pacer) wait(ctx context.Context) (from time.Time, missed int64, err error) {
	now := time.Now()
	if p.rate == 0 {
		return now, 0, ctx.Err()
	}
	at, missed := p.slot(now)
	if !at.After(now) {
		return at, missed, ctx.Err()
	}
	if err := pause(ctx, at.Sub(now)); err != nil {
		return now, missed, err
	}
	return time.Now(), missed, nil
}

// pause waits for d, or for ctx to end.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// highest keeps the highest number it was given.
type highest struct{ n atomic.Int64 }

func (h *highest) raise(to int64) {
	for {
		now := h.n.Load()
		if to <= now || h.n.CompareAndSwap(now, to) {
			return
		}
	}
}
