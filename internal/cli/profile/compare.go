package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/compare"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
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
		Long: "Run the same load against a server on Pebble and one on SQLite, each in a process of its own on a fresh " +
			"directory, with the same durability, in alternating order. Keep the sessions, as evtui profile writes them, in " +
			"profiles/TIME-compare/, with a report that sets the results side by side, COMPARISON.md. evtui deletes the test " +
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

// session runs the load on an engine, and leaves nothing of its data behind.
func (c *compareRun) session(ctx context.Context, progress *output.Progress, engine string, number int) (one compare.Session, err error) {
	data, err := os.MkdirTemp(c.scratch, "evtui-compare-")
	if err != nil {
		return one, fmt.Errorf("make a directory for the data: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	dir := host.Place(filepath.Join(data, "data"))
	server, err := measure.StartServer(ctx, c.program, string(dir), "--db-url", dir.URL(host.Backend(engine)), "--durability", c.commit.String())
	if err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	s := &run{load: c.load, into: c.dir, name: engine}
	if c.runs > 1 {
		s.name = fmt.Sprintf("%s-%d", engine, number)
	}
	s.URL, s.Token, s.process = server.URL(), server.Token, server.Process
	if s.session, err = s.Attach(ctx, s.URL, s.Token); err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, s.session.Close()) }()
	if err := s.measure(ctx, progress); err != nil {
		return one, err
	}
	if s.engine != engine {
		return one, fmt.Errorf("the server says that it runs on %s", s.engine)
	}
	return s.compared()
}

// compared is what the comparison takes of the session.
func (p *run) compared() (compare.Session, error) {
	t := p.taken
	one := compare.Session{
		Engine: p.engine, Dir: p.name, Load: t.Load, CPU: t.CPU, PeakMemory: t.PeakMemory, DiskLeft: t.Disk.Test.Total,
	}
	for _, f := range t.Packed.Families { // neither engine has its log among them
		one.DiskPacked += f.Bytes
	}
	if t.After != nil {
		one.HeapBytes = int64(t.After.HeapBytes)
	}
	for i := range t.Disk.Namespaces {
		if n := &t.Disk.Namespaces[i]; n.ID == t.Disk.TestID {
			one.SyncP50, one.SyncP99 = n.FsyncP50, n.FsyncP99
		}
	}
	err := errors.Join(p.allocations(&one), p.processor(&one))
	return one, err
}

// allocations counts what the server allocated during the load, from its
// profiles, which sample.
func (p *run) allocations(one *compare.Session) error {
	for value, into := range map[string]*int64{"alloc_space": &one.AllocBytes, "alloc_objects": &one.Allocs} {
		v, err := p.gained(measure.AllocsBefore, measure.AllocsAfter, value)
		if err != nil {
			return err
		}
		*into = v.Total()
	}
	return nil
}

// functionsKept is how many functions of each session the comparison keeps.
const functionsKept = 25

// processor says where the server's processor time went.
func (p *run) processor(one *compare.Session) error {
	cpu := p.taken.Profiles[measure.CPUProfile]
	whole, err := viewKind(cpu, "")
	if err != nil || whole.Total() == 0 {
		return err
	}
	total := float64(whole.Total())
	for _, row := range whole.Top(profiler.TopOptions{Count: functionsKept, All: true}).Rows {
		one.Top = append(one.Top, compare.Function{Name: row.Name, Share: float64(row.Flat) / total})
	}
	for _, kind := range costKinds() {
		v, err := viewKind(cpu, kind[1])
		if err != nil {
			return err
		}
		one.Kinds = append(one.Kinds, compare.Kind{Name: kind[0], Share: float64(v.Total()) / total, Layer: strings.HasPrefix(kind[0], "evtui's ")})
	}
	return nil
}
