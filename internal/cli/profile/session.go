package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	f.StringVar(&p.URL, "url", "", "server's URL (default: start one on a fresh directory and delete it at the end)")
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

// openServer connects to the server that was named, or brings up one of its
// own. What closes it takes away the directory that was made for it.
func (p *run) openServer(ctx context.Context, cmd *cobra.Command) (closeServer func() error, err error) {
	made, err := p.makeHome()
	if err != nil {
		return nil, fmt.Errorf("make a directory for the data: %w", err)
	}
	if p.session, err = p.connect(ctx, cmd); err != nil {
		return nil, errors.Join(err, removeHome(made))
	}
	if p.session.Host == nil {
		p.URL = p.session.URL()
		made = "" // its holder came first, and has it still
	}
	return func() error { return errors.Join(p.session.Close(), removeHome(made)) }, nil
}

// makeHome makes the directory for a server of its own; "" for one that was
// there already, or that needs none.
func (p *run) makeHome() (made string, err error) {
	p.where = "on a fresh directory"
	switch {
	case !p.Named():
		p.Data, err = os.MkdirTemp("", "evtui-profile-")
		return p.Data, err
	case !p.DB.Given():
		return "", nil
	case p.DB.Server != nil:
		p.where = "on " + p.DB.String()
		return "", nil
	case p.DB.Dir == "":
		p.where = "in memory"
		return "", nil
	}
	if err := os.MkdirAll(filepath.Dir(p.DB.Dir), 0o755); err != nil {
		return "", err
	}
	if err = os.Mkdir(p.DB.Dir, 0o700); errors.Is(err, fs.ErrExist) {
		p.where = "on " + p.DB.Dir
		return "", nil
	}
	return p.DB.Dir, err
}

func removeHome(made string) error {
	if made == "" {
		return nil
	}
	return os.RemoveAll(made)
}

// connect opens the session. An engine in memory, which other commands have no
// use for, is as good as another here.
func (p *run) connect(ctx context.Context, cmd *cobra.Command) (*target.Session, error) {
	if !p.DB.Given() || p.DB.Dir != "" || p.DB.Server != nil {
		return p.Open(ctx, cmd, target.ToMake)
	}
	cfg, err := p.Engine("")
	if err != nil {
		return nil, err
	}
	cfg.Listen, cfg.Token = host.NoNetwork, target.AdminToken(p.Token)
	h, err := host.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s, err := p.Embed(h)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return s, nil
}
