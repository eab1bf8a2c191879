package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
)

// rootFlags are what evtui without a command knows.
type rootFlags struct {
	serveFlags
	screenFlags
	logName string
}

func rootCommand() *cobra.Command {
	var f rootFlags
	cmd := &cobra.Command{
		Use:   "evtui",
		Short: "Event store with a terminal UI",
		Long: "evtui opens a terminal UI on an event store in a data directory, and serves the store over HTTP at the same " +
			"time. If another evtui already serves the directory, evtui attaches to that one. If standard output is not " +
			"a terminal, evtui serves without the UI, as evtui serve does.\n\n" +
			"To fill an empty store, type :load 10 in the UI, or run evtui load in another terminal.\n\n" +
			"Environment variables set flags, too: EVTUI_DATA sets --data, and so on.",
		Example: "  evtui --data /tmp/evdb\n" +
			"  evtui --data /tmp/evdb --listen 127.0.0.1:9000\n" +
			"  evtui load --data /tmp/evdb --duration 30s",
		Args: rootArguments,
	}
	f.allFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.CheckOne(cmd); err != nil {
			return err
		}
		if !output.IsTerminal(cmd.OutOrStdout()) && f.Context == "" {
			return f.serveOnly(cmd)
		}
		if err := f.apply(cmd); err != nil {
			return err
		}
		if err := needTerminal(cmd); err != nil {
			return err
		}
		if f.Context != "" {
			s, err := f.UseContext(cmd.Context(), cmd, f.options()...)
			if err != nil {
				return err
			}
			return f.show(cmd.Context(), s, f.Namespace, "")
		}
		return f.run(cmd.Context(), cmd)
	}
	return cmd
}

// allFlags adds all that evtui without a command knows.
func (f *rootFlags) allFlags(cmd *cobra.Command) {
	f.DataFlag(cmd)
	f.ContextFlag(cmd)
	f.TokenFlags(cmd)
	f.engineFlags.flags(cmd)
	f.screenFlags.flags(cmd)
	f.logFlags.flags(cmd)
	f.peerFlags.flags(cmd)
	cmd.Flags().StringVar(&f.logName, "log-file", "", "write the log to this file, too; the Log page always shows it")
}

// checkFlag says what is wrong with the value of a flag that takes more than
// is right.
func (f *rootFlags) checkFlag(name string) error {
	switch name {
	case "refresh":
		return f.checkRefresh()
	case "open-url":
		_, err := f.template()
		return err
	case "memory":
		if f.memory < leastMemory {
			return fmt.Errorf("must be at least %s", new(leastMemory).String())
		}
	}
	return f.networkFlags.checkFlag(name)
}

// rootArguments guesses what someone meant who names something that is no command.
func rootArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if strings.Contains(args[0], "://") {
		return command.Usage(cmd, "to look into a running server: evtui attach %s", args[0])
	}
	if _, err := os.Stat(args[0]); err == nil {
		return command.Usage(cmd, "to open a data directory: evtui --data %s", args[0])
	}
	if close := cmd.SuggestionsFor(args[0]); len(close) > 0 {
		return command.Usage(cmd, "%q is not a command; did you mean %s?", args[0], strings.Join(close, " or "))
	}
	return command.Usage(cmd, "%q is not a command", args[0])
}

// serveOnly does as evtui serve, for whoever starts evtui as a service.
func (f *rootFlags) serveOnly(cmd *cobra.Command) error {
	file, err := logFile(f.logName)
	if err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	if file != nil {
		defer file.Close()
		w = io.MultiWriter(w, file)
	}
	return f.serveFlags.run(cmd, w)
}

func (f *rootFlags) run(ctx context.Context, cmd *cobra.Command) (err error) {
	file, err := logFile(f.logName)
	if err != nil {
		return err
	}
	var w io.Writer
	if file != nil {
		defer file.Close()
		w = file
	}
	logger, ring := host.NewLogger(f.level, f.format, w)
	// Whatever logs through the standard library must not print over the screen.
	slog.SetDefault(logger)
	f.limitMemory()
	dir, err := f.place()
	if err != nil {
		return err
	}
	cfg, err := f.host(dir, logger, ring)
	if err != nil {
		return err
	}
	cfg.Token = target.AdminToken(f.Token)
	h, err := host.Open(ctx, cfg)
	if host.Locked(err) {
		s, err := f.AttachDir(ctx, dir, f.options()...)
		if err != nil {
			return err
		}
		return f.show(ctx, s, f.Namespace, "") // another evtui's directory
	}
	if err != nil {
		return err
	}
	s, err := f.Embed(h, f.options()...)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	logger.Info("serving", "url", h.URL(), "data", string(dir), "durability", h.Store.Describe().Durability)
	return f.show(ctx, s, f.Namespace, string(dir))
}
