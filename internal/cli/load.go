package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
)

func loadCommand() *cobra.Command {
	var (
		t       target.Target
		c       load.Config
		verbose bool
		instead preset
	)
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Generate load and report rates and latencies",
		Long: "Write and read orders, payments and shipments, and report rates and latencies. Name the data directory or the " +
			"server explicitly, so that test data does not end up in the wrong place.",
		Example: "  evtui load --data /tmp/evdb --duration 30s\n" +
			"  evtui load --url http://127.0.0.1:8080 --workers 64 --mix 1:1 -o json\n" +
			"  evtui load --data /tmp/evdb --ns shop --rate 500 --batch 10\n" +
			"  evtui load --data /tmp/large --fill 10000000 --streams 1000000\n" +
			"  evtui load --data /tmp/shop --story",
	}
	t.Flags(cmd)
	flags := cmd.Flags()
	flags.IntVarP(&c.Workers, "workers", "w", load.DefaultWorkers, "concurrent calls")
	flags.Var(moment.Flag(&c.Duration, 30*time.Second), "duration", "how long to run; 0 for until ctrl-c")
	flags.Int64Var(&c.Calls, "calls", 0, "stop after N calls (default: no limit)")
	c.Writes, c.Reads = load.DefaultWrites, load.DefaultReads
	flags.Var(&load.Mix{Config: &c}, "mix", "ratio of writes to reads")
	flags.Float64Var(&c.Rate, "rate", 0, "target calls per second of all workers together; 0 for no limit")
	flags.IntVar(&c.Categories, "categories", load.DefaultCategories, "number of categories")
	flags.IntVar(&c.Streams, "streams", load.DefaultStreams, "number of streams in all categories together")
	flags.IntVar(&c.Batch, "batch", 1, "events per append")
	flags.Uint64Var(&c.Seed, "seed", 0, "seed of the random payloads")
	flags.IntVar(&c.Consumers, "consumers", 0, "members of a consumer group that reads what is written")
	flags.BoolVar(&c.Verify, "verify", false, "check at the end that the server stored as many messages as it acknowledged")
	instead.flags(flags)
	flags.BoolVarP(&verbose, "verbose", "v", false, "report progress even without a terminal")
	flags.Var(&t.Durability, "durability", "durability, as in evtui serve, if no server runs on --data yet")
	out := output.Flag(cmd, output.Table, output.JSON)
	check := func(cmd *cobra.Command, _ []string) error {
		return cmp.Or(checkLoad(cmd, &t, c), instead.check(cmd, c))
	}
	cmd.RunE = t.Runs(target.ToMake, check, func(cmd *cobra.Command, s *target.Session) error {
		driver, err := s.Driver()
		if err != nil {
			return err
		}
		defer driver.Close()
		c.Client = driver
		return instead.run(cmd, c, *out, output.NewProgress(cmd, verbose))
	})
	return cmd
}

func checkLoad(cmd *cobra.Command, t *target.Target, c load.Config) error {
	return command.Check(cmd,
		command.When(!t.Named(), "which server? Name a data directory with --data, or a server with --url"),
		command.When(c.Workers < 1, "--workers must be at least 1"),
		command.When(c.Duration < 0 || c.Rate < 0 || c.Calls < 0 || c.Consumers < 0, "--duration, --rate, --calls and --consumers must not be negative"),
		command.When(c.Categories < 1 || c.Streams < c.Categories || c.Batch < 1, "--categories and --batch must be at least 1, and --streams at least --categories"))
}

func runLoad(ctx context.Context, cmd *cobra.Command, c load.Config, out output.Format, p *output.Progress) error {
	report, err := load.Run(ctx, c, func(r load.Report) {
		p.Line("%s  %s messages  %s written  %s read  %s errors", text.Duration(r.Elapsed.Round(time.Second)),
			text.Count(r.Messages), text.Rate(r.WriteRate), text.Rate(r.ReadRate), text.Count(r.Errors))
	})
	p.Done()
	if err != nil && report.Elapsed == 0 {
		return err
	}
	if out == output.JSON {
		err = errors.Join(err, output.WriteJSON(cmd.OutOrStdout(), report))
	} else {
		err = errors.Join(err, output.WriteLoad(cmd.OutOrStdout(), report))
	}
	if err != nil {
		return err
	}
	if report.Errors > 0 {
		return fmt.Errorf("%s calls failed, the first with: %s", text.Count(report.Errors), report.FirstError)
	}
	if ctx.Err() != nil {
		return command.ErrInterrupted
	}
	return nil
}

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
