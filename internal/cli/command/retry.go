package command

import (
	"context"
	"time"
)

// Retry calls try until it is done, each time after a rest and no longer than most says, but
// once at least. It returns what the last try came to, or why ctx ended.
func Retry(ctx context.Context, rest, most time.Duration, try func() (done bool, err error)) error {
	deadline := time.NewTimer(most)
	defer deadline.Stop()
	again := time.NewTicker(rest)
	defer again.Stop()
	for {
		done, err := try()
		if done {
			return err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
