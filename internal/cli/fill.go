package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/text"
)

// preset is what evtui load can write into an empty namespace in the place of
// a load.
type preset struct {
	fill  int64 // messages of a large store; 0: none
	story bool
}

func (p *preset) flags(flags *pflag.FlagSet) {
	flags.Int64Var(&p.fill, "fill", 0, "instead of a load, fill an empty namespace with N messages, the same every time")
	flags.BoolVar(&p.story, "story", false, "instead of a load, write a shop's past week into an empty namespace, with three faults in it to find")
}

func (p *preset) check(cmd *cobra.Command, c load.Config) error {
	switch {
	case p.story:
		return checkStory(cmd)
	case cmd.Flags().Changed("fill"):
		return checkFill(cmd, p.fill, c.Streams)
	}
	return nil
}

// run writes it; where there is nothing to write, it makes the load.
func (p *preset) run(cmd *cobra.Command, c load.Config, out output.Format, progress *output.Progress) error {
	switch {
	case p.story:
		return runStory(cmd.Context(), cmd, load.StoryConfig{Client: c.Client, Seed: c.Seed}, out)
	case p.fill > 0:
		return runFill(cmd.Context(), cmd, c, p.fill, out, progress)
	}
	return runLoad(cmd.Context(), cmd, c, out, progress)
}

// checkFill refuses what means nothing to a fill.
func checkFill(cmd *cobra.Command, messages int64, streams int) error {
	return cmp.Or(
		leaveOut(cmd, "--fill writes as fast as it can and checks what it wrote", "duration", "calls", "mix", "rate", "batch", "consumers", "verify"),
		command.Check(cmd, command.When(messages < int64(streams),
			"--fill must be at least one message for each of the %s streams; fewer with --streams", text.Count(int64(streams)))))
}

// leaveOut refuses flags that why leaves without a meaning.
func leaveOut(cmd *cobra.Command, why string, flags ...string) error {
	for _, name := range flags {
		if cmd.Flags().Changed(name) {
			return command.Usage(cmd, "%s: leave --%s out", why, name)
		}
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

// checkStory refuses what means nothing to a story.
func checkStory(cmd *cobra.Command) error {
	return leaveOut(cmd, "--story writes the same shop whatever else is asked for",
		"duration", "calls", "mix", "rate", "batch", "consumers", "verify", "workers", "categories", "streams", "fill")
}

// runStory writes the shop, and says how much of it there is.
func runStory(ctx context.Context, cmd *cobra.Command, c load.StoryConfig, out output.Format) error {
	began := time.Now()
	n, err := load.Story(ctx, c)
	if err != nil {
		return err
	}
	if out == output.JSON {
		return output.WriteJSON(cmd.OutOrStdout(), struct {
			Messages int64 `json:"messages"`
			Orders   int   `json:"orders"`
		}{n, load.DefaultOrders})
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s messages of %s orders written in %s\n", text.Count(n), text.Count(load.DefaultOrders), text.Duration(time.Since(began)))
	return err
}
