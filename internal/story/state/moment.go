package state

import (
	"context"
	"time"
)

// LastAt returns the position of a stream's last message that is not after a time,
// among those up to last; -1: there is none. It reads a message for each halving,
// and takes times to rise with the positions.
func LastAt(ctx context.Context, source Source, last int64, at time.Time) (int64, error) {
	found, low, high := int64(-1), int64(0), last
	for low <= high {
		middle := low + (high-low)/2
		position, early, err := notAfter(ctx, source, middle, at)
		switch {
		case err != nil:
			return -1, err
		case early && position <= last:
			found, low = position, position+1
		default:
			high = middle - 1
		}
	}
	return found, nil
}

// notAfter looks at the first message from a position on: where it is, and whether
// it is not after the time.
func notAfter(ctx context.Context, source Source, from int64, at time.Time) (position int64, early bool, err error) {
	for m, err := range source(ctx, from, 1) {
		return m.Position, err == nil && !m.Time.After(at), err
	}
	return from, false, nil
}

// LastAt is [LastAt] of the history's stream.
func (h *History) LastAt(ctx context.Context, last int64, at time.Time) (int64, error) {
	return LastAt(ctx, h.source, last, at)
}
