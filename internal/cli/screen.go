package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/profile"
	"github.com/evtui/evtui/internal/cli/record"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/story"
	"github.com/evtui/evtui/internal/cli/target"
	following "github.com/evtui/evtui/internal/follow"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/terminal"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

// screenFlags say how the terminal UI looks and behaves.
type screenFlags struct {
	readOnly   bool
	noMouse    bool
	ascii      bool
	symbols    string
	plain      bool
	theme      string
	triggers   []string
	noTriggers bool
	refresh    time.Duration
	openURL    string
	noRestore  bool
}

func (sf *screenFlags) flags(cmd *cobra.Command) {
	sf.lookFlags(cmd)
	cmd.Flags().BoolVar(&sf.readOnly, "read-only", false, "refuse every action that would change data")
	cmd.Flags().StringArrayVar(&sf.triggers, "trigger", profiler.DefaultRules(), "take a profile when this condition is true, such as 'p99(stream.write) > 5ms for 3s'; may be repeated")
	cmd.Flags().BoolVar(&sf.noTriggers, "no-triggers", false, "take no profiles automatically")
	cmd.Flags().BoolVar(&sf.noRestore, "no-restore", false, "do not restore or save the UI's state")
}

// lookFlags are those of a UI that only shows.
func (sf *screenFlags) lookFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&sf.noMouse, "no-mouse", false, "disable mouse support")
	sf.symbols = symbolsAuto
	cmd.Flags().Var(&output.OneOf{Value: &sf.symbols, Names: symbolNames()}, "symbols", "symbols, borders and charts: unicode, blocks (charts without braille), ascii, or auto, by locale and terminal")
	cmd.Flags().BoolVar(&sf.ascii, "ascii", false, "the same as --symbols ascii")
	cmd.Flags().BoolVar(&sf.plain, "plain", false, "for screen readers: print changes as lines of text instead of drawing (default with TERM=dumb)")
	cmd.Flags().StringVar(&sf.openURL, "open-url", "", "what O opens: a URL with places that the message fills, such as https://traces.example.com/{metadata.traceId}")
	cmd.Flags().Var(moment.Flag(&sf.refresh, 0), "refresh", "time between frames, from 100ms to 2s (default 200ms, over SSH 250ms)")
	cmd.Flags().Lookup("refresh").DefValue = ""
	sf.theme = "auto"
	cmd.Flags().Var(&output.OneOf{Value: &sf.theme, Names: []string{"auto", "dark", "light"}}, "theme", "colour theme: dark, light, or auto, which asks the terminal")
}

// needTerminal returns a usage error unless a person is at both ends.
func needTerminal(cmd *cobra.Command) error {
	if output.IsTerminal(cmd.InOrStdin()) && output.IsTerminal(cmd.OutOrStdout()) {
		return nil
	}
	return command.Usage(cmd, "the terminal UI needs a terminal; without one there are evtui serve, tail, append, load, export, …")
}

// uiName tells this UI from others that are attached to the same server.
var uiName = sync.OnceValue(func() string { return rand.Text()[:12] })

// options are those of the UI's clients.
func (sf *screenFlags) options() []client.Option {
	// What is drawn again in a second asks again then: tries that pile up would
	// only show the past.
	options := []client.Option{client.WithActor("ui " + uiName()), client.WithRetries(client.Once())}
	if sf.readOnly {
		options = append(options, client.WithReadOnly())
	}
	return options
}

// show runs the terminal UI on a session until the user quits or a signal
// comes, and closes the session.
func (sf *screenFlags) show(ctx context.Context, s *target.Session, namespace, dataDir string) (err error) {
	board := newSwitchboard(ctx, sf, s, dataDir)
	defer func() { err = errors.Join(err, board.close()) }()
	shown, err := sf.config(ctx, s, namespace, dataDir)
	if err != nil {
		return err
	}
	board.fill(&shown)
	return runScreen(ctx, shown)
}

// quiet keeps what is logged through the standard library off the terminal, on
// which a UI without an engine's log draws, until the function that it returns is
// called: net/http does so when a server sends what nobody asked for.
func quiet() (restore func()) {
	logger, out, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	return func() {
		slog.SetDefault(logger)
		log.SetOutput(out)
		log.SetFlags(flags)
	}
}

// runScreen runs the terminal UI until the user quits or a signal comes.
func runScreen(ctx context.Context, shown tui.Config) error {
	if state, err := term.GetState(int(os.Stdin.Fd())); err == nil {
		defer command.BeforeExit(ctx, func() { giveBack(state) })()
	}
	err := tui.Run(ctx, shown)
	var signal *command.Signalled
	if !errors.As(context.Cause(ctx), &signal) {
		return err
	}
	slog.Info("stopping", "reason", signal.Error())
	if signal.Signal == os.Interrupt {
		return command.ErrInterrupted
	}
	// A terminal that has gone cannot be restored; that is no failure.
	return nil
}

// config says how the UI looks, and what it looks into at first.
func (sf *screenFlags) config(ctx context.Context, s *target.Session, namespace, dataDir string) (tui.Config, error) {
	c, err := sf.looks(ctx)
	if err != nil {
		return c, err
	}
	set := settings.Of(ctx)
	if s.Program != nil && set.Origins["ns"] == "flag" {
		return c, &command.UsageError{Command: "evtui attach", Reason: fmt.Sprintf("%s is a Go program and no event store: it has no namespaces; leave --ns out", s.URL())}
	}
	to, err := sf.connection(ctx, s, dataDir, set.Origins["trigger"] == "flag")
	if err != nil {
		return c, err
	}
	c.Connection = to
	c.Version = command.Version
	if s.Program != nil {
		c.Page = page.Profile
		return c, nil
	}
	if set.Asked("ns") {
		c.Namespace = namespace // anything else yields to where the UI was left
	}
	if s.Host == nil {
		c.OwnCPU = server.ProcessCPU
	}
	return c, nil
}

// connection is what the UI is to know of a session. asked says that the triggers were
// asked for.
func (sf *screenFlags) connection(ctx context.Context, s *target.Session, dataDir string, asked bool) (tui.Connection, error) {
	to := tui.Connection{
		Client: s.Client, Address: address(s), DataDir: dataDir, ProfileDir: profile.SessionDir(s, dataDir), StateKey: stateKey(dataDir, s.URL()),
	}
	var err error
	if to.Triggers, err = sf.rules(); err != nil {
		return to, &command.UsageError{Command: "evtui", Reason: err.Error()}
	}
	if s.Program != nil {
		return sf.toProgram(to, s, asked)
	}
	to.Admin, err = sf.check(ctx, s)
	to.ReadOnly, to.Load, to.WriteToken = s.ReadOnly(), newLoader(s), s.WriteToken
	to.Recorder = &record.UI{Session: s, Profiles: to.ProfileDir}
	return to, err
}

// looks is the part of the configuration that is the same on every server.
func (sf *screenFlags) looks(ctx context.Context) (tui.Config, error) {
	t := terminal.Read(os.Getenv)
	c := tui.Config{Keys: keymap(settings.Of(ctx)), NoMouse: sf.noMouse, Plain: sf.plain || t.Dumb, Frame: sf.refresh, Light: t.Background == terminal.Light}
	if sf.theme != "auto" {
		c.Theme = sf.theme
	}
	sf.sign(&c, t)
	var err error
	if c.OpenURL, err = sf.template(); err != nil {
		return c, &command.UsageError{Command: "evtui", Reason: "--open-url " + err.Error()}
	}
	if c.Links, err = story.LinksOf(settings.Of(ctx).File.Causes); err != nil {
		return c, &command.UsageError{Command: "evtui", Reason: "[causes] " + err.Error()}
	}
	c.Browse, c.Plugins = following.Browse, pluginsOf(settings.Of(ctx).File.Plugins)
	c.Reducers = page.Reducers{Runs: true, For: story.Configured(settings.Of(ctx)).For, File: story.ReducerFile}
	if err := sf.checkRefresh(); err != nil {
		return c, &command.UsageError{Command: "evtui", Reason: "--refresh " + err.Error()}
	}
	return c, nil
}

// The words of --symbols.
const (
	symbolsAuto    = "auto"
	symbolsUnicode = "unicode"
	symbolsBlocks  = "blocks"
	symbolsASCII   = "ascii"
)

func symbolNames() []string {
	return []string{symbolsAuto, symbolsUnicode, symbolsBlocks, symbolsASCII}
}

// sign chooses the symbols. Outside UTF-8 nothing beyond ASCII is sent, unless
// unicode is asked for: then the terminal is said to be better than its locale.
func (sf *screenFlags) sign(c *tui.Config, t terminal.Terminal) {
	asked := sf.symbols
	if sf.ascii {
		asked = symbolsASCII
	}
	c.ASCII = asked == symbolsASCII
	c.Blocks = asked == symbolsBlocks || asked == symbolsAuto && t.NoBraille
	c.Escape = !t.UTF8 && asked != symbolsUnicode
}

// template is what O opens; the zero template where nothing was set.
func (sf *screenFlags) template() (following.Template, error) {
	if sf.openURL == "" {
		return following.Template{}, nil
	}
	return following.Parse(sf.openURL)
}

// checkRefresh keeps to what the eye has any use of and a machine can bear.
func (sf *screenFlags) checkRefresh() error {
	if sf.refresh != 0 && (sf.refresh < 100*time.Millisecond || sf.refresh > 2*time.Second) {
		return fmt.Errorf("must be from 100ms to 2s, not %v", sf.refresh)
	}
	return nil
}

// rules reads the flags of the triggers; none with --no-triggers.
func (sf *screenFlags) rules() ([]profiler.Rule, error) {
	if sf.noTriggers {
		return nil, nil
	}
	rules := make([]profiler.Rule, len(sf.triggers))
	for i, text := range sf.triggers {
		var err error
		if rules[i], err = profiler.ParseRule(text); err != nil {
			return nil, fmt.Errorf("--trigger: %w", err)
		}
	}
	return rules, nil
}

// check makes sure, while errors can still be printed, that the token is good,
// and reports whether it is the admin's.
func (sf *screenFlags) check(ctx context.Context, s *target.Session) (admin bool, err error) {
	if _, err := s.Info(ctx); err == nil {
		return true, nil
	}
	if _, err := s.NamespaceInfo(ctx, s.Namespace()); err != nil {
		return false, fmt.Errorf("look at namespace %q: %w", s.Namespace(), err)
	}
	// A server without evtui's figures: who may list the namespaces is admin.
	_, err = s.Namespaces(ctx)
	if err != nil && !client.Unauthorized(err) {
		return false, err
	}
	return err == nil, nil
}

// address is what the header shows: where others reach the server.
func address(s *target.Session) string {
	if s.Host == nil {
		return s.URL()
	}
	if url := s.Host.URL(); url != host.NoNetwork {
		return url
	}
	return "no network"
}

// giveBack restores the terminal when there is no time to ask the UI for it.
func giveBack(state *term.State) {
	// Mouse, focus, paste and keyboard modes off, cursor on, main screen.
	_, _ = os.Stdout.WriteString("\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?25h\x1b[?1049l")
	_ = term.Restore(int(os.Stdin.Fd()), state)
}
