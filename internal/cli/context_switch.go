package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/tui"
)

// switchboard is how the terminal UI goes from one server to another while it
// runs. It keeps the sessions that were opened, and closes them all at the end.
type switchboard struct {
	sf       *screenFlags
	settings *settings.Settings
	home     tui.Context // what evtui was started on
	dataDir  string      // of home
	lookout  lookout
	sessions *sessions
}

// hereContext is the name of what evtui was started on, when it was no context.
const hereContext = "here"

func newSwitchboard(ctx context.Context, sf *screenFlags, s *target.Session, dataDir string) *switchboard {
	b := &switchboard{sf: sf, settings: settings.Of(ctx), dataDir: dataDir, home: tui.Context{Name: hereContext, Unnamed: true}}
	if c, known := b.settings.File.Context(s.ContextName); known {
		b.home = contextOf(c)
	}
	b.sessions, b.lookout = newSessions(b.settings, sf.options()...), newLookout(b.settings)
	b.sessions.open[b.home.Name] = s
	return b
}

func contextOf(c config.Context) tui.Context {
	return tui.Context{Name: c.Name, Colour: c.Colour, URL: c.URL}
}

// fill gives the UI its contexts and where it keeps how it was left.
func (b *switchboard) fill(c *tui.Config) {
	c.Context = b.home
	for _, known := range b.settings.File.Contexts {
		c.Contexts = append(c.Contexts, contextOf(known))
	}
	if b.home.Unnamed && len(c.Contexts) > 0 {
		c.Contexts = append(c.Contexts, b.home)
	}
	c.Connect, c.Look = b.connect, b.lookout.look
	if dir, err := config.StateDir(); err == nil && !b.sf.noRestore {
		c.State = config.NewStates(dir)
	}
}

// stateKey names a server for what is kept of it: by its data directory where
// that is known, since an address can lead to another one tomorrow.
func stateKey(dataDir, url string) string {
	if dataDir != "" {
		return "data " + dataDir
	}
	return url
}

// connect opens a context for the UI, or returns to one that is open. The triggers that were
// asked for are of the server that evtui was started on.
func (b *switchboard) connect(ctx context.Context, name string) (tui.Connection, error) {
	shown, dir := b.home, b.dataDir
	c, known := b.settings.File.Context(name)
	switch {
	case name == b.home.Name:
	case !known:
		return tui.Connection{}, b.settings.File.Unknown(name)
	default:
		shown, dir = contextOf(c), ""
	}
	s, before, err := b.sessions.of(ctx, name, c)
	if err != nil {
		return tui.Connection{}, fmt.Errorf("context %q: %w", name, err)
	}
	if before {
		if err := s.Answers(ctx); err != nil {
			return tui.Connection{}, err
		}
	}
	to, err := b.sf.connection(ctx, s, dir, false)
	to.Context = shown
	return to, err
}

// close ends all sessions.
func (b *switchboard) close() error { return errors.Join(b.sessions.close(), b.lookout.close()) }
