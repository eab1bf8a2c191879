package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/evtui/evtui/internal/cli/profile"
	"github.com/evtui/evtui/internal/cli/record"
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
	lookout  *lookout

	mu       sync.Mutex
	sessions map[string]*target.Session // by context
}

// hereContext is the name of what evtui was started on, when it was no context.
const hereContext = "here"

func newSwitchboard(ctx context.Context, sf *screenFlags, s *target.Session, dataDir string) *switchboard {
	b := &switchboard{sf: sf, settings: settings.Of(ctx), dataDir: dataDir, home: tui.Context{Name: hereContext, Unnamed: true}}
	if c, known := b.settings.File.Context(s.ContextName); known {
		b.home = contextOf(c)
	}
	b.sessions = map[string]*target.Session{b.home.Name: s}
	b.lookout = newLookout(b.settings)
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
	c.StateKey = stateKey(c.DataDir, c.Client.URL())
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

// connect opens a context for the UI, or returns to one that is open.
func (b *switchboard) connect(ctx context.Context, name string) (tui.Connection, error) {
	s, err := b.open(ctx, name)
	if err != nil {
		return tui.Connection{}, err
	}
	if s.Program != nil {
		return b.toProgram(ctx, name, s)
	}
	admin, err := b.sf.check(ctx, s)
	if err != nil {
		return tui.Connection{}, err
	}
	rules, err := b.sf.rules()
	if err != nil {
		return tui.Connection{}, err
	}
	dir := ""
	if name == b.home.Name {
		dir = b.dataDir
	}
	shown := b.home
	if name != b.home.Name {
		known, _ := b.settings.File.Context(name)
		shown = contextOf(known)
	}
	return tui.Connection{
		Context: shown, Client: s.Client, Admin: admin, ReadOnly: s.ReadOnly(), Address: address(s),
		DataDir: dir, ProfileDir: profile.SessionDir(s, dir), Load: newLoader(s), Triggers: rules,
		Recorder: &record.UI{Session: s, Profiles: profile.SessionDir(s, dir)}, StateKey: stateKey(dir, s.URL()), WriteToken: s.WriteToken,
	}, nil
}

// toProgram is the connection to a context that is a Go program: all that evtui
// attach shows of one, with its triggers.
func (b *switchboard) toProgram(ctx context.Context, name string, s *target.Session) (tui.Connection, error) {
	rules, err := b.sf.rules()
	if err != nil {
		return tui.Connection{}, err
	}
	rules, _ = programRules(rules, false) // those that were asked for are of the server that evtui was started on
	c, err := programConfig(s, tui.Config{Connection: tui.Connection{Triggers: rules}}, b.sf.readOnly)
	if err != nil {
		return tui.Connection{}, err
	}
	shown := b.home
	if name != b.home.Name {
		known, _ := b.settings.File.Context(name)
		shown = contextOf(known)
	}
	c.Context, c.StateKey = shown, stateKey("", s.URL())
	return c.Connection, nil
}

// open returns the session of a context. The token of the command line is the
// one for what evtui was started on: no other server is sent it.
func (b *switchboard) open(ctx context.Context, name string) (*target.Session, error) {
	b.mu.Lock()
	s := b.sessions[name]
	b.mu.Unlock()
	if s != nil {
		if err := s.Answers(ctx); err != nil {
			return nil, err
		}
		return s, nil
	}
	c, known := b.settings.File.Context(name)
	if !known {
		return nil, b.settings.File.Unknown(name)
	}
	s, err := (&target.Target{Namespace: c.Namespace, Trusted: b.settings.Authorities(), Programs: true}).DialContext(ctx, c, b.sf.options()...)
	if err != nil {
		return nil, fmt.Errorf("context %q: %w", name, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if other := b.sessions[name]; other != nil { // opened twice at once
		s.Client.Close()
		return other, nil
	}
	b.sessions[name] = s
	return s, nil
}

// close ends all sessions.
func (b *switchboard) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, s := range b.sessions {
		errs = append(errs, s.Close())
	}
	b.lookout.close()
	return errors.Join(errs...)
}
