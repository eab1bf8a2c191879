package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/door"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/terminal"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
)

// peerFlags are those under which EventoDB's server knows what is served.
type peerFlags struct {
	port     int
	testMode bool
}

func (p *peerFlags) flags(cmd *cobra.Command) {
	cmd.Flags().IntVar(&p.port, "port", 0, "port to serve on, on every interface, instead of --listen")
	cmd.Flags().BoolVar(&p.testMode, "test-mode", false, "keep data in memory, need no token and create namespaces on first use")
}

// serveFlags are what serve knows.
type serveFlags struct {
	target.Target
	engineFlags
	logFlags
	peerFlags
	door door.Flags
}

// apply has the engine listen where --port says, and checks what contradicts.
func (f *serveFlags) apply(cmd *cobra.Command) error {
	ported := cmd.Flags().Changed("port")
	if ported {
		f.listen = ":" + strconv.Itoa(f.port)
	}
	return cmp.Or(
		command.Check(cmd,
			command.When(ported && cmd.Flags().Changed("listen"), "--listen and --port name different addresses: give one of them"),
			command.When(f.port < 0 || f.port > 65535, "--port must be from 0 to 65535, not %d", f.port),
			command.When(f.testMode && (f.Data != "" || f.DB.Dir != "" || f.DB.Server != nil), "--test-mode keeps everything in memory: leave --data and --db-url out")),
		f.check(cmd))
}

// place returns the directory to serve, "" for memory.
func (f *serveFlags) place() (host.Place, error) {
	if f.testMode {
		return "", nil
	}
	return f.Where()
}

// host says how the engine and its server work.
func (f *serveFlags) host(dir host.Place, logger *slog.Logger, ring *server.LogRing) (host.Config, error) {
	cfg, err := f.Engine(dir)
	cfg.Notes, cfg.Listen, cfg.Network, cfg.Token, cfg.TestMode = target.Notes(), f.listen, f.Network, f.Token, f.testMode
	cfg.MaxOpen, cfg.Interval, cfg.Memory, cfg.Idle = f.maxOpen, f.durable.Interval, int64(f.memory), f.idleClose()
	cfg.Logger, cfg.Log = logger, ring
	return cfg, err
}

func serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server without the terminal UI",
		Long: "Run the server until SIGTERM or ctrl-c, then let running calls finish and exit with 0. Logs go to " +
			"standard error. evtui --data on the same directory attaches to it.",
		Example: "  evtui serve --data /var/lib/evtui --log-format json\n" +
			"  evtui serve --test-mode --port 8080\n" +
			"  evtui serve --db-url pebble:///var/lib/evtui --listen 0.0.0.0:8080\n" +
			"  evtui serve --db-url sqlite:///var/lib/evtui-lite/meta.db\n" +
			"  evtui serve --data /var/lib/evtui --db-url nats://evtui@n1,n2,n3 --db-password-file nats.pw\n" +
			"  evtui serve --data /var/lib/evtui --ssh :2222 --ssh-authorized-keys ~/.ssh/authorized_keys",
	}
	f.DataFlag(cmd)
	f.engineFlags.flags(cmd)
	cmd.Flags().StringVar(&f.Token, "token", "", "admin token (default: the one in the data directory, generated at the first start); visible in ps, so prefer --token-file")
	target.TokenFileFlag(cmd)
	f.peerFlags.flags(cmd)
	f.logFlags.flags(cmd)
	f.door.Add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return f.run(cmd, cmd.ErrOrStderr())
	}
	return cmd
}

// run serves until the process is asked to stop, and logs to w.
func (f *serveFlags) run(cmd *cobra.Command, w io.Writer) error {
	if err := cmp.Or(f.apply(cmd), f.door.Check(cmd)); err != nil {
		return err
	}
	if f.listen == host.NoNetwork {
		return command.Usage(cmd, "nobody could reach a server without a network: give --listen HOST:PORT")
	}
	dir, err := f.place()
	if err != nil {
		return err
	}
	return f.serve(cmd.Context(), cmd, dir, w)
}

func (f *serveFlags) serve(ctx context.Context, cmd *cobra.Command, dir host.Place, w io.Writer) error {
	f.limitMemory()
	logger, ring := host.NewLogger(f.level, f.format, w)
	slog.SetDefault(logger)
	cfg, err := f.host(dir, logger, ring)
	if err != nil {
		return err
	}
	h, err := host.Open(ctx, cfg)
	if host.Locked(err) {
		return fmt.Errorf("%w; %s", err, whoServes(dir))
	}
	if err != nil {
		return err
	}
	entrance, err := f.openDoor(ctx, logger, h)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	f.greet(cmd, logger, h)
	var failed error
	select {
	case <-ctx.Done():
		logger.Info("stopping", "reason", context.Cause(ctx).Error())
	case failed = <-h.Failed():
	case failed = <-entrance.Failed():
	}
	if err := errors.Join(entrance.Close(), h.Close()); err != nil || failed != nil {
		return errors.Join(failed, err)
	}
	logger.Info("stopped")
	return nil
}

// openDoor shows the UI over SSH where that is asked for; else it returns a door
// that is shut.
func (f *serveFlags) openDoor(ctx context.Context, logger *slog.Logger, h *host.Host) (*door.Door, error) {
	if f.door.Listen == "" {
		return nil, nil
	}
	if f.door.HostKey == "" && h.Dir != "" {
		f.door.HostKey = h.Dir.HostKeyFile()
	}
	d, err := f.door.Open(ctx, logger, func(ctx context.Context, r tui.Remote) error { return showRemote(ctx, h, r) })
	if err == nil {
		logger.Info("the terminal UI is shown over SSH, read-only", "address", d.Addr().String(), "fingerprint", d.Fingerprint())
	}
	return d, err
}

// showRemote runs the UI on somebody else's terminal, on a client of its own.
func showRemote(ctx context.Context, h *host.Host, r tui.Remote) error {
	s, err := (&target.Target{}).Embed(h, client.WithActor("ui"), client.WithRetries(client.Once()), client.WithReadOnly())
	if err != nil {
		return err
	}
	defer s.Client.Close()
	t := door.Terminal(r.Environ)
	c := tui.Config{Connection: tui.Connection{Client: s.Client, Admin: true, Address: h.URL()}, Version: command.Version, Light: t.Background == terminal.Light}
	(&screenFlags{symbols: symbolsAuto}).sign(&c, t)
	return tui.RunRemote(ctx, c, r)
}

func (f *serveFlags) greet(cmd *cobra.Command, logger *slog.Logger, h *host.Host) {
	describe := h.Store.Describe()
	logger.Info("serving", "url", h.URL(), "version", command.Version, "data", string(h.Dir),
		"backend", describe.Backend, "durability", describe.Durability, "testMode", f.testMode)
	switch {
	case f.testMode:
	case h.Token == "": // not known, and the log says so
	case h.Dir != "":
		logger.Info("the admin token is kept in a file", "file", h.Dir.TokenFile())
	case f.Token == "":
		// In memory, so that it stands nowhere else.
		fmt.Fprintln(cmd.ErrOrStderr(), "admin token:", h.Token)
	}
}

// whoServes says where the server on a directory is, as far as is known.
func whoServes(dir host.Place) string {
	if url, _, err := dir.Endpoint(); err == nil && url != "" && url != host.NoNetwork {
		return "an evtui serves it at " + url
	}
	return "it must end first"
}
