package profile

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// run is `evtui profile`: captures around a load, kept with what they
// tell.
type run struct {
	target.Target
	load  load.Config
	into  string // the directory in which each session makes its own
	name  string // of its own one; "": TIME-ENGINE
	hooks sessionHooks
	where string // a server of its own has its data: "in memory", "on a fresh directory"

	session *target.Session
	engine  string // the server's: "pebble", "sqlite", …
	dir     string // of this session's files
	began   time.Time
	taken   map[string]*profiler.Profile // by file name
	before  *wire.Sample                 // nil: the server has no figures
	after   *wire.Sample
	report  load.Report
	disk    diskUsage
}

// sessionHooks measure more in a session. Those that are nil are left out.
type sessionHooks struct {
	begins func(context.Context) error // right before the load
	ends   func(context.Context) error // right after it
	last   func(context.Context) error // at the end, while the data is still there
}

func call(ctx context.Context, hook func(context.Context) error) error {
	if hook == nil {
		return nil
	}
	return hook(ctx)
}

func (p *run) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.URL, "url", "", "URL of a running server (default: start one on a fresh directory and delete it at the end)")
	f.Var(&p.DB, "db-url", "engine and place of the server to start: sqlite:///DIR/meta.db, pebble:///DIR, sqlite://memory or pebble://memory")
	p.ContextFlag(cmd)
	f.StringVar(&p.Token, "token", "", "the server's admin token; visible in ps, so prefer --token-file")
	target.TokenFileFlag(cmd)
	p.TrustFlag(cmd)
	f.Var(moment.Flag(&p.load.Duration, 30*time.Second), "duration", "how long the load runs")
	f.IntVarP(&p.load.Workers, "workers", "w", load.DefaultWorkers, "concurrent calls")
	f.IntVar(&p.load.Batch, "batch", 1, "events per append")
	f.StringVar(&p.into, "into", "profiles", "directory for TIME-ENGINE/")
	f.Var(&p.Durability, "durability", "durability, as in evtui serve, without --url")
}

func (p *run) check(cmd *cobra.Command) error {
	switch {
	case p.load.Duration < time.Second:
		return command.Usage(cmd, "--duration must be at least 1s")
	case p.load.Workers < 1 || p.load.Batch < 1:
		return command.Usage(cmd, "--workers and --batch must be at least 1")
	}
	return nil
}

// run opens or makes the server, and leaves nothing of it behind.
func (p *run) run(ctx context.Context, cmd *cobra.Command) (err error) {
	if err := p.CheckOne(cmd); err != nil {
		return err
	}
	closeServer, err := p.openServer(ctx, cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeServer()) }()
	err = p.inNamespace(ctx, output.NewProgress(cmd, false))
	if ctx.Err() != nil {
		return command.ErrInterrupted
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s\n", filepath.Join(p.dir, "README.md"))
	if p.report.Errors > 0 {
		return fmt.Errorf("%s calls of the load failed, the first with: %s", text.Count(p.report.Errors), p.report.FirstError)
	}
	return nil
}

// cleanTime is how long taking the test data away may take, also after ctrl-c.
const cleanTime = time.Minute

// inNamespace does all that there is to do in a namespace of its own, and
// deletes it.
func (p *run) inNamespace(ctx context.Context, progress *output.Progress) (err error) {
	var salt [4]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	name := "profile-" + hex.EncodeToString(salt[:])
	if _, err := p.session.CreateNamespace(ctx, name, client.NamespaceOptions{Description: "test data of evtui profile"}); err != nil {
		return fmt.Errorf("make a namespace for the load: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer cancel()
		if _, e := p.session.DeleteNamespace(ctx, name); e != nil {
			err = errors.Join(err, fmt.Errorf("delete the test data in namespace %q: %w", name, e))
		}
	}()
	driver, err := p.session.Driver()
	if err != nil {
		return err
	}
	defer driver.Close()
	p.load.Client = driver.In(name)
	if err := p.makeDir(ctx); err != nil {
		return err
	}
	err = p.capture(ctx, progress)
	progress.Done()
	if err != nil {
		return err
	}
	if err := p.write(); err != nil {
		return err
	}
	return call(ctx, p.hooks.last)
}

func (p *run) makeDir(ctx context.Context) error {
	p.began, p.taken, p.engine = time.Now(), map[string]*profiler.Profile{}, string(host.DefaultBackend())
	switch info, err := p.session.Info(ctx); {
	case err == nil:
		p.engine = info.Backend
	case !client.NotOffered(err): // else it does not say
		return err
	}
	p.dir = filepath.Join(p.into, cmp.Or(p.name, p.began.Format(sessionTime)+"-"+p.engine))
	if err := os.MkdirAll(p.into, 0o755); err != nil {
		return fmt.Errorf("keep the profiles: %w", err)
	}
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		return fmt.Errorf("keep the profiles: %w", err)
	}
	return nil
}

// sessionTime names directories, so that they sort by their time.
const sessionTime = "20060102-150405"

// capture takes everything: before, during and after the load.
func (p *run) capture(ctx context.Context, progress *output.Progress) error {
	progress.Line("heap and allocations before the load")
	for _, kind := range []profiler.Kind{profiler.Heap, profiler.Allocs} {
		if err := p.take(ctx, kind, string(kind)+"-before.prof", 0); err != nil {
			return err
		}
	}
	var err error
	if p.before, err = p.sample(ctx); err != nil {
		return err
	}
	if err := p.underLoad(ctx, progress); err != nil {
		return err
	}
	progress.Line("heap, allocations and goroutines after the load")
	if p.after, err = p.sample(ctx); err != nil {
		return err
	}
	for _, kind := range []profiler.Kind{profiler.Heap, profiler.Allocs, profiler.Goroutine} {
		name := string(kind) + "-after.prof"
		if kind == profiler.Goroutine {
			name = "goroutine.prof"
		}
		if err := p.take(ctx, kind, name, 0); err != nil {
			return err
		}
	}
	p.disk, err = p.measureDisk(ctx)
	return err
}

// middle is when a capture in the middle of the load begins, and how many
// seconds it takes: ten, or half of a load shorter than twenty.
func middle(load time.Duration) (begin time.Duration, seconds int) {
	seconds = max(1, int(min(10*time.Second, load/2)/time.Second))
	return max(0, load-time.Duration(seconds)*time.Second) / 2, seconds
}

// underLoad runs the load, and takes the CPU profile in the middle of it.
func (p *run) underLoad(ctx context.Context, progress *output.Progress) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		capturing sync.WaitGroup
		failed    error
	)
	begin, seconds := middle(p.load.Duration)
	capturing.Go(func() {
		if failed = pause(ctx, begin); failed == nil {
			failed = p.take(ctx, profiler.CPU, "cpu.prof", seconds)
		}
		if failed != nil {
			cancel() // the load alone is of no use
		}
	})
	err := call(ctx, p.hooks.begins)
	if err == nil {
		p.report, err = p.runLoad(ctx, progress)
	}
	if err == nil {
		err = call(ctx, p.hooks.ends)
	}
	if err != nil {
		cancel()
	}
	capturing.Wait()
	if err != nil {
		return err // why there is no profile either
	}
	return failed
}

func (p *run) runLoad(ctx context.Context, progress *output.Progress) (load.Report, error) {
	return load.Run(ctx, p.load, func(r load.Report) {
		progress.Line("%s %s  %s messages  %s written  %s errors", bar(r.Elapsed, p.load.Duration),
			text.Duration(r.Elapsed.Round(time.Second)), text.Count(r.Messages), text.Rate(r.WriteRate), text.Count(r.Errors))
	})
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bar is how much of the load is over.
func bar(elapsed, total time.Duration) string {
	const cells = 24
	share := min(1, float64(elapsed)/float64(total))
	full := int(share * cells)
	return fmt.Sprintf("%s%s %3.0f%%", strings.Repeat("█", full), strings.Repeat("░", cells-full), share*100)
}

// take captures one profile into a file.
func (p *run) take(ctx context.Context, kind profiler.Kind, name string, seconds int) error {
	recorder := profiler.NewRecorder(profiler.NewRemote(p.session.URL(), p.session.Profile))
	request := profiler.Request{Kind: kind, Duration: time.Duration(seconds) * time.Second, By: "evtui profile"}
	taken, err := recorder.Record(ctx, request, nil)
	var busy *profiler.BusyError
	if errors.As(err, &busy) {
		return fmt.Errorf("%w: %w", command.ErrBusy, busy)
	}
	if err != nil {
		return err
	}
	p.taken[name], err = taken.Open(profiler.Limits{})
	if err != nil {
		return fmt.Errorf("read the %s profile: %w", kind, err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, name), taken.Data, 0o644); err != nil {
		return fmt.Errorf("keep the %s profile: %w", kind, err)
	}
	return nil
}

// sample returns the server's figures; nil where it has none.
func (p *run) sample(ctx context.Context) (*wire.Sample, error) {
	sample, err := p.session.Sample(ctx)
	if client.NotOffered(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &sample, nil
}
