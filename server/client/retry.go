package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// Retries say how a client goes on when the server answers that it cannot do
// what it is asked just now. Calls for which [Unavailable] holds are sent again,
// for nothing was done; writes for which [OutcomeUnknown] holds only when all of
// their events have ids, with which they are stored once however often they are
// sent. It waits as long as the server's Retry-After says, and without that for
// a tenth of a second, then twice as long each time. A call whose context ends
// first ends with it.
//
// Ping, imports, and subscriptions that are open already are never tried again.
//
// The zero value of each field stands for the value named with it.
type Retries struct {
	// Tries is how often a call is sent at most. 4; 1 for never again.
	Tries int
	// Within bounds the time from the first try to the last one's beginning: a
	// wait that would go beyond ends the call with the server's answer instead.
	// 10 s.
	Within time.Duration
	// MakeIDs gives each event that has no id one of version 7 before it is
	// sent, so that a write whose outcome is unknown can be tried again. Unless
	// set, events go out as they are given: an id of the client's has an entry
	// of its own in the store, so that the message is found by it, which one
	// of the server's has not.
	MakeIDs bool
}

// WithRetries says how the client tries again. Without it, it does as the zero
// value of [Retries] says.
func WithRetries(r Retries) Option { return func(s *shared) { s.retries = r } }

// Once are the retries of a client that tries nothing again.
func Once() Retries { return Retries{Tries: 1} }

func (r Retries) withDefaults() Retries {
	r.Tries = cmp.Or(max(r.Tries, 0), 4)
	r.Within = cmp.Or(max(r.Within, 0), 10*time.Second)
	return r
}

const (
	firstWait = 100 * time.Millisecond
	// maxRetryAfter is the longest that a server's Retry-After is taken to say.
	maxRetryAfter = 24 * time.Hour
)

// retry calls try until it succeeds, fails for good, or has been tried as often
// as the client's Retries let.
func (c *Client) retry(ctx context.Context, kind callKind, try func() error) error {
	r := c.shared.retries
	began := time.Now()
	var unknown error // what the server said of a try that may have been stored
	for n := 1; ; n++ {
		err := try()
		if OutcomeUnknown(err) {
			unknown = err
		}
		again := Unavailable(err) || kind == keyed && OutcomeUnknown(err)
		wait := waitOf(err, n)
		if !again || n >= r.Tries || time.Since(began)+wait > r.Within || endsWithin(ctx, wait) {
			return stillUnknown(unknown, err)
		}
		if err := pause(ctx, wait); err != nil {
			return stillUnknown(unknown, err)
		}
	}
}

// endsWithin reports whether the context's time will be up by then: what the
// server said is worth more than that.
func endsWithin(ctx context.Context, wait time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return limited && time.Until(deadline) <= wait
}

// waitOf returns how long to wait after the n-th try, which ended with err.
func waitOf(err error, n int) time.Duration {
	wait := firstWait << (n - 1)
	if e, ok := errors.AsType[*Error](err); ok && e.retryAfter > 0 {
		wait = e.retryAfter
	}
	// Not all who were turned away at once come again at once.
	return wait + rand.N(wait/4+1)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stillUnknown keeps an error that follows an unknown outcome from saying that
// nothing was stored: only an answer that was decided says how it is.
func stillUnknown(unknown, err error) error {
	if unknown == nil || err == nil || OutcomeUnknown(err) {
		return err
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Status >= 400 && e.Status < 500 && e.Status != http.StatusTooManyRequests {
		return err
	}
	// The first of the two is what OutcomeUnknown and its like look at.
	return fmt.Errorf("%w; asked again: %w", unknown, err)
}

// retryAfter reads the header Retry-After: seconds, or a date; 0 when there is
// none that can be read.
func retryAfter(text string, now time.Time) time.Duration {
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(text, 10, 63); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// Unavailable reports whether err says that the server, or the namespace, can
// do nothing just now and did nothing of what it was asked: trying again is
// safe, and may work.
func Unavailable(err error) bool { return coded(err, wire.Unavailable, wire.ShuttingDown) }

// OutcomeUnknown reports whether err says that a write may or may not have been
// stored. Sent again with the same ids it is stored once.
func OutcomeUnknown(err error) bool { return coded(err, wire.OutcomeUnknown) }

// Damaged reports whether err says that the namespace's data is damaged: it
// answers nothing until it is repaired, and trying again does not help.
func Damaged(err error) bool { return coded(err, wire.NamespaceDamaged) }
