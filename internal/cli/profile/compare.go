package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/compare"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
)

// compareRun is `evtui compare`: the same session on either engine in turn.
type compareRun struct {
	load    load.Config
	commit  target.Durability
	runs    int
	into    string // the directory in which the comparison makes its own
	scratch string // where to make the fresh directories

	program string // evtui itself
	dir     string // of the comparison's files
	result  compare.Comparison
}

// CompareCommand is `evtui compare` without arguments: the engines.
func CompareCommand() *cobra.Command {
	var c compareRun
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Compare Pebble and SQLite under the same load, or two recordings",
		Long: "Run the same load against a server on Pebble and one on SQLite, each in a process of its own on a fresh\n" +
			"directory, with the same durability, in alternating order. Keep the sessions, as evtui profile writes them, in\n" +
			"profiles/TIME-compare/, with a report that sets the results side by side, COMPARISON.md. evtui deletes the test\n" +
			"data at the end, and exits with 1 if any call failed.",
		Example: "  evtui compare --duration 30s --workers 10 --mix 10:1\n" +
			"  evtui compare --duration 10s --runs 3 --durability interval\n" +
			"  evtui compare --dir /mnt/ssd",
	}
	f := cmd.Flags()
	f.Var(moment.Flag(&c.load.Duration, 30*time.Second), "duration", "how long each load runs")
	f.IntVarP(&c.load.Workers, "workers", "w", load.DefaultWorkers, "concurrent calls")
	c.load.Writes, c.load.Reads = load.DefaultWrites, load.DefaultReads
	f.Var(&load.Mix{Config: &c.load}, "mix", "ratio of writes to reads")
	f.IntVar(&c.load.Batch, "batch", 1, "events per append")
	f.Uint64Var(&c.load.Seed, "seed", 0, "seed of the random payloads")
	f.IntVar(&c.runs, "runs", 1, "runs on each engine; the report shows medians")
	f.Var(&c.commit, "durability", "durability of both servers, as in evtui serve")
	f.StringVar(&c.into, "into", "profiles", "directory for TIME-compare/")
	f.StringVar(&c.scratch, "dir", "", "where to create the fresh directories (default: the system's temporary directory)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := c.check(cmd); err != nil {
			return err
		}
		return c.run(cmd.Context(), cmd)
	}
	return cmd
}

func (c *compareRun) check(cmd *cobra.Command) error {
	return command.Check(cmd,
		command.When(c.load.Duration < time.Second, "--duration must be at least 1s"),
		command.When(c.load.Workers < 1 || c.load.Batch < 1 || c.runs < 1, "--workers, --batch and --runs must be at least 1"))
}

// enginesCompared are the two, in the order of the report.
func enginesCompared() [2]string {
	all := host.Engines().All()
	return [2]string{all[0].Scheme, all[1].Scheme}
}

func (c *compareRun) run(ctx context.Context, cmd *cobra.Command) (err error) {
	if c.program, err = os.Executable(); err != nil {
		return fmt.Errorf("find the program to start: %w", err)
	}
	if c.scratch == "" {
		c.scratch = os.TempDir()
	}
	began := time.Now()
	c.dir = filepath.Join(c.into, began.Format(sessionTime)+"-compare")
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return fmt.Errorf("keep the comparison: %w", err)
	}
	c.result = compare.Comparison{Engines: enginesCompared(), Setup: compare.Setup{
		Began: began, Duration: c.load.Duration, Workers: c.load.Workers, Writes: c.load.Writes, Reads: c.load.Reads, Batch: c.load.Batch,
		Runs: c.runs, Durability: c.commit.String(), Version: command.Version, System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Place: c.scratch,
	}}
	err = c.sessions(ctx, output.NewProgress(cmd, true), output.NewProgress(cmd, false))
	if ctx.Err() != nil {
		return command.ErrInterrupted
	}
	if err != nil {
		return err
	}
	return c.finish(cmd)
}

// finish writes the report, and fails when a load did.
func (c *compareRun) finish(cmd *cobra.Command) error {
	if err := c.write(); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(c.dir, comparisonFile))
	if count, first := c.result.Errors(); count > 0 {
		return fmt.Errorf("%s calls of the loads failed, the first with: %s", text.Count(count), first)
	}
	return nil
}

// sessions runs all sessions, the order of the engines turned round every time.
func (c *compareRun) sessions(ctx context.Context, steps, progress *output.Progress) error {
	engines := enginesCompared()
	for run := 1; run <= c.runs; run++ {
		for place := 1; place <= 2; place++ {
			engine := engines[(run+place)%2]
			steps.Done()
			steps.Line("run %d of %d: %s", run, c.runs, engine)
			one, err := c.session(ctx, progress, engine, run)
			progress.Done()
			if err != nil {
				return fmt.Errorf("run %d on %s: %w", run, engine, err)
			}
			one.Run, one.Place = run, place
			c.result.Sessions = append(c.result.Sessions, one)
		}
	}
	return nil
}

// The files beside the sessions.
const (
	comparisonFile = "COMPARISON.md"
	comparisonData = "comparison.json"
)

func (c *compareRun) write() error {
	var report, data bytes.Buffer
	err := errors.Join(c.result.Write(&report), output.WriteJSON(&data, &c.result))
	if err == nil {
		err = errors.Join(
			os.WriteFile(filepath.Join(c.dir, comparisonFile), report.Bytes(), 0o644),
			os.WriteFile(filepath.Join(c.dir, comparisonData), data.Bytes(), 0o644))
	}
	if err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}
