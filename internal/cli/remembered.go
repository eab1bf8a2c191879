package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
)

// remembered is what a command that lists what a server remembers was asked for.
type remembered struct {
	target.Target
	what   string // "events"
	from   string
	since  time.Time
	watch  bool
	format *output.Format
}

func (r *remembered) flags(cmd *cobra.Command, what string) {
	r.what = what
	cmd.Flags().StringVar(&r.from, "since", "", "start at this time: -10m, -2d, 14:02:07, 2026-01-15 or RFC 3339")
	cmd.Flags().BoolVarP(&r.watch, "watch", "w", false, "keep printing new "+what+" until ctrl-c")
	r.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
}

func (r *remembered) check(cmd *cobra.Command) (err error) {
	if err := command.Check(cmd, endless(r.watch, *r.format)); err != nil {
		return err
	}
	r.since, err = command.Time(cmd, "since", r.from, time.Now())
	return err
}

// endless refuses --watch where the output must end.
func endless(watch bool, out output.Format) command.Fault {
	return command.When(watch && out == output.JSON, "--watch never ends, and a single JSON value must: use -o ndjson")
}

// follow prints what read returns after a number, oldest first, at which at
// says when it was, and which keeps keeps.
func follow[T any](cmd *cobra.Command, r *remembered, fields []output.Field[T], read func(ctx context.Context, after uint64, limit int) ([]T, error),
	at func(*T) (uint64, time.Time), keeps func(*T) bool) error {
	sheet, after := output.NewSheet(cmd.OutOrStdout(), *r.format, fields, nil), uint64(0)
	err := poll(cmd.Context(), r.watch, func() (bool, error) {
		page, err := read(cmd.Context(), after, readPage)
		if err != nil || len(page) == 0 {
			return false, err
		}
		if first, _ := at(&page[0]); after > 0 && first > after+1 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%d %s are no longer remembered\n", first-after-1, r.what)
		}
		after, _ = at(&page[len(page)-1])
		var kept []T
		for i := range page {
			if _, when := at(&page[i]); !when.Before(r.since) && keeps(&page[i]) {
				kept = append(kept, page[i])
			}
		}
		return true, sheet.Add(kept...)
	})
	if err != nil {
		return err
	}
	return sheet.End()
}

// poll calls read until it finds nothing more, and with watch again each
// second until the context ends.
func poll(ctx context.Context, watch bool, read func() (more bool, err error)) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		more, err := read()
		switch {
		case ctx.Err() != nil:
			return command.ErrInterrupted
		case err != nil:
			return err
		case more:
			continue
		case !watch:
			return nil
		}
		select {
		case <-ctx.Done():
			return command.ErrInterrupted
		case <-ticker.C:
		}
	}
}
