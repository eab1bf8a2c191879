package bench

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/server/client"
)

// versions makes a row's calls as a program would: with server/client, over
// net/http.
func versions(c *client.Client, source *load.Source) loop {
	return func(ctx context.Context, more func() bool, count func(messages, size int64)) error {
		for more() {
			version, err := c.Version(ctx, source.Stream())
			if err != nil {
				return err
			}
			if version < 0 {
				return fmt.Errorf("a stream that was filled is said to be empty")
			}
			count(0, 0)
		}
		return nil
	}
}

// sdk measures what a call costs the program that makes it. The limit is the
// same call to the same server over a bare connection: what writing and reading
// it costs.
func (r *run) sdk(ctx context.Context, row row) (Result, error) {
	bare := r.step(row)
	bare.own = true
	s := bare
	s.calls = func(number int) loop {
		return versions(r.client, load.NewSource(0, r.streams, r.Seed, uint64(number)))
	}
	o, err := s.run(ctx)
	if err != nil {
		return Result{}, err
	}
	limit, err := bare.run(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("limit: %w", err)
	}
	result := row.result(o, limit)
	result.Note = "limit: the same calls over a bare connection"
	return result, nil
}
