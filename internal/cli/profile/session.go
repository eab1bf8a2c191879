package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
)

// run is `evtui profile`: captures around a load, kept with what they mean.
type run struct {
	target.Target
	load    load.Config
	into    string           // the directory in which each session makes its own
	name    string           // of its own one; "": TIME-ENGINE
	where   string           // a server of its own has its data: "in memory", "on a fresh directory"
	process *measure.Process // of a server that was started to be measured; nil: of another

	session *target.Session
	engine  string // the server's: "pebble", "sqlite", …
	dir     string // of this session's files
	began   time.Time
	taken   *measure.Taken
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
	return command.Check(cmd,
		command.When(p.load.Duration < time.Second, "--duration must be at least 1s"),
		command.When(p.load.Workers < 1 || p.load.Batch < 1, "--workers and --batch must be at least 1"))
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
	err = p.measure(ctx, output.NewProgress(cmd, false))
	if ctx.Err() != nil {
		return command.ErrInterrupted
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s\n", filepath.Join(p.dir, "README.md"))
	if r := p.taken.Load; r.Errors > 0 {
		return fmt.Errorf("%s calls of the load failed, the first with: %s", text.Count(r.Errors), r.FirstError)
	}
	return nil
}

// measure runs the session, and writes its files.
func (p *run) measure(ctx context.Context, progress *output.Progress) error {
	driver, err := p.session.Driver()
	if err != nil {
		return err
	}
	defer driver.Close()
	if err := p.nameDir(ctx); err != nil {
		return err
	}
	s := measure.Session{
		Admin: p.session.Client, Driver: driver, URL: p.session.URL(), Load: p.load, Dir: p.dir, Process: p.process, Pack: p.process != nil,
		Step: func(step string) { progress.Line("%s", step) },
		Progress: func(r load.Report) {
			progress.Line("%s %s  %s messages  %s written  %s errors", bar(r.Elapsed, p.load.Duration),
				text.Duration(r.Elapsed.Round(time.Second)), text.Count(r.Messages), text.Rate(r.WriteRate), text.Count(r.Errors))
		},
	}
	p.taken, err = s.Run(ctx)
	progress.Done()
	var busy *profiler.BusyError
	switch {
	case errors.As(err, &busy):
		return fmt.Errorf("%w: %w", command.ErrBusy, err)
	case err != nil:
		return err
	}
	return p.write()
}

// nameDir names the directory of the session after its time and engine.
func (p *run) nameDir(ctx context.Context) error {
	p.began, p.engine = time.Now(), string(host.DefaultBackend())
	switch info, err := p.session.Info(ctx); {
	case err == nil:
		p.engine = info.Backend
	case !client.NotOffered(err): // else it does not say
		return err
	}
	p.dir = filepath.Join(p.into, cmp.Or(p.name, p.began.Format(sessionTime)+"-"+p.engine))
	return nil
}

// sessionTime names directories, so that they sort by their time.
const sessionTime = "20060102-150405"

// bar is how much of the load is over.
func bar(elapsed, total time.Duration) string {
	const cells = 24
	share := min(1, float64(elapsed)/float64(total))
	full := int(share * cells)
	return fmt.Sprintf("%s%s %3.0f%%", strings.Repeat("█", full), strings.Repeat("░", cells-full), share*100)
}
