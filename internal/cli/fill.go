package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/text"
)

// checkFill refuses what means nothing to a fill.
func checkFill(cmd *cobra.Command, messages int64, streams int) error {
	for _, name := range []string{"duration", "calls", "mix", "rate", "batch", "consumers", "verify"} {
		if cmd.Flags().Changed(name) {
			return command.Usage(cmd, "--fill writes as fast as it can and checks what it wrote: leave --%s out", name)
		}
	}
	if messages < int64(streams) {
		return command.Usage(cmd, "--fill must be at least one message for each of the %s streams; fewer with --streams", text.Count(int64(streams)))
	}
	return nil
}

// runFill makes a large store, and says how long it took.
func runFill(ctx context.Context, cmd *cobra.Command, c load.Config, messages int64, out output.Format, p *output.Progress) error {
	config := load.FillConfig{
		Client: c.Client, Messages: messages, Streams: c.Streams,
		Categories: c.Categories, Workers: c.Workers, Seed: c.Seed,
	}
	report, err := load.Fill(ctx, config, func(r load.FillReport) {
		p.Line("%s  %s of %s messages  %s", text.Duration(r.Elapsed.Round(time.Second)),
			text.Count(r.Messages), text.Count(messages), text.Rate(r.Rate))
	})
	p.Done()
	if err != nil {
		return err
	}
	if err := printFill(cmd, report, out); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return command.ErrInterrupted
	}
	return nil
}

func printFill(cmd *cobra.Command, r load.FillReport, out output.Format) error {
	if out == output.JSON {
		return output.WriteJSON(cmd.OutOrStdout(), r)
	}
	return output.WriteTable(cmd.OutOrStdout(), [][]string{
		{"elapsed", text.Duration(r.Elapsed)},
		{"messages", text.Count(r.Messages) + "  " + text.Rate(r.Rate)},
		{"streams", text.Count(r.Streams)},
		{"verified", fmt.Sprint(r.Verified)},
	})
}
