package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/bench"
	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
)

func benchCommand() *cobra.Command {
	c := bench.Config{Messages: bench.DefaultMessages}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure a server on this machine against its goals and limits",
		Long: "Start a server on a fresh directory and, as the limit, an empty net/http handler, and measure both under the " +
			"same calls. evtui checks the results: every acknowledged message must be stored. docs/performance.md explains " +
			"the numbers, and those that are measured elsewhere.\n\n" +
			"Rows: " + strings.Join(bench.Names(), ", ") + ".",
		Example: "  evtui bench\n" +
			"  evtui bench --only write,write-64 --duration 10s\n" +
			"  evtui bench -o markdown\n" +
			"  evtui load --data /tmp/large --fill 10000000 --streams 1000000 && evtui bench --large /tmp/large",
	}
	cmd.Flags().StringSliceVar(&c.Only, "only", nil, "measure these rows only")
	cmd.Flags().Var(moment.Flag(&c.Duration, 5*time.Second), "duration", "how long to measure each row, and its limit as long again")
	cmd.Flags().Int64Var(&c.Messages, "messages", bench.DefaultMessages, "how many messages to store for the reads")
	cmd.Flags().StringVar(&c.Dir, "dir", "", "where to create the fresh directory (default: the system's temporary directory)")
	cmd.Flags().Uint64Var(&c.Seed, "seed", 0, "seed of the random payloads")
	_ = cmd.RegisterFlagCompletionFunc("only", cobra.FixedCompletions(bench.Names(), cobra.ShellCompDirectiveNoFileComp))
	large := ""
	cmd.Flags().StringVar(&large, "large", "", "measure a data directory made by evtui load --fill instead: opening it, and reading pages anywhere in it")
	subscriptions := false
	cmd.Flags().BoolVar(&subscriptions, "subscriptions", false, "measure writes and /health beside many subscriptions instead")
	cmd.MarkFlagsMutuallyExclusive("large", "only", "subscriptions")
	out := output.Flag(cmd, output.Table, output.JSON, output.Markdown)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if large != "" {
			return runBench(cmd, *out, func(program string, _ func(string)) ([]bench.Result, error) {
				return bench.RunLarge(cmd.Context(), bench.LargeConfig{Program: program, Dir: large, Calls: largeCalls, Seed: c.Seed})
			})
		}
		if subscriptions {
			return runBench(cmd, *out, func(program string, progress func(string)) ([]bench.Result, error) {
				return bench.RunSubscribers(cmd.Context(), bench.SubscribersConfig{Program: program, Dir: c.Dir, Duration: 2 * c.Duration, Progress: progress})
			})
		}
		for _, name := range c.Only {
			if !slices.Contains(bench.Names(), name) {
				return command.Usage(cmd, "--only takes %s, not %q", strings.Join(bench.Names(), ", "), name)
			}
		}
		if c.Duration <= 0 || c.Messages < bench.LeastMessages {
			return command.Usage(cmd, "--duration must be positive, and --messages at least %s", text.Count(bench.LeastMessages))
		}
		return runBench(cmd, *out, func(program string, progress func(string)) ([]bench.Result, error) {
			c.Program, c.Progress = program, progress
			return bench.Run(cmd.Context(), c)
		})
	}
	return cmd
}

// largeCalls is how often bench --large asks for each thing.
const largeCalls = 500

// runBench measures with what a run of the bench needs, and prints what came of it.
func runBench(cmd *cobra.Command, out output.Format, run func(program string, progress func(string)) ([]bench.Result, error)) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program to start: %w", err)
	}
	p := output.NewProgress(cmd, true)
	results, err := run(program, func(step string) { p.Line("%s", step) })
	p.Done()
	if err != nil {
		return err
	}
	return printResults(cmd, results, out)
}

func printResults(cmd *cobra.Command, results []bench.Result, out output.Format) error {
	table := measure.Table{{"what", "measured\t", "limit\t", "ratio\t", "goal\t", "met", "calls\t", "CPU a call\t", "note"}}
	for _, r := range results {
		table = append(table, benchCells(r))
	}
	return output.Report(cmd.OutOrStdout(), out, results, table)
}

func benchCells(r bench.Result) []string {
	met, comparison := "no", "≤ "
	if r.Met {
		met = "yes"
	}
	if r.Unit == measure.PerSecond {
		comparison = "≥ "
	}
	cells := []string{r.What, benchValue(r.Unit, r.Measured), benchValue(r.Unit, r.Limit), "–", comparison + benchValue(r.Unit, r.Goal), met, "–", "–", r.Note}
	if r.Ratio > 0 {
		cells[3] = fmt.Sprintf("%.2f", r.Ratio)
	}
	if r.Rate > 0 {
		cells[6] = text.Rate(r.Rate)
		cells[7] = benchValue(measure.CPUMicros, r.Cost)
	}
	return cells
}

// benchValue writes a value, 0 for none; the bytes of a message to a tenth.
func benchValue(unit measure.Unit, v float64) string {
	if unit == measure.Bytes && v != 0 && v < 1e4 {
		return fmt.Sprintf("%.1f B", v)
	}
	return unit.Format(measure.Known(v))
}

// subscribersCommand is the process of subscribers that bench starts.
func subscribersCommand() *cobra.Command {
	return &cobra.Command{
		Use:    bench.SubscribersCommand + " JOB",
		Short:  "Open the subscriptions of a bench and discard what they announce",
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return bench.ServeSubscribers(cmd.Context(), cmd.OutOrStdout(), args[0])
		},
	}
}

// emptyHandlerCommand is the limit that bench measures, in a process of its own.
func emptyHandlerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    bench.LimitCommand,
		Short:  "Serve the empty handler that bench compares with",
		Hidden: true,
		RunE:   func(cmd *cobra.Command, _ []string) error { return bench.ServeLimit(cmd.Context(), cmd.OutOrStdout()) },
	}
}
