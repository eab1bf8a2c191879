package cli

import (
	"context"
	"errors"
	"sync"

	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/server/client"
)

// sessions are those of contexts, each opened when it is first asked for. They are
// safe for concurrent use.
type sessions struct {
	settings *settings.Settings
	options  []client.Option

	mu   sync.Mutex                 // guards open
	open map[string]*target.Session // by context
}

func newSessions(s *settings.Settings, options ...client.Option) *sessions {
	return &sessions{settings: s, options: options, open: map[string]*target.Session{}}
}

// of returns the session of a context, and whether it was open before. The token of the
// command line is the one for what evtui was started on: no other server is sent it.
func (o *sessions) of(ctx context.Context, name string, c config.Context) (s *target.Session, before bool, err error) {
	o.mu.Lock()
	s = o.open[name]
	o.mu.Unlock()
	if s != nil {
		return s, true, nil
	}
	to := target.Target{Namespace: c.Namespace, Trusted: o.settings.Authorities(), Programs: true}
	if s, err = to.DialContext(ctx, c, o.options...); err != nil {
		return nil, false, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if other := o.open[name]; other != nil { // opened twice at once
		s.Client.Close()
		return other, false, nil
	}
	o.open[name] = s
	return s, false, nil
}

// close ends all sessions.
func (o *sessions) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for _, s := range o.open {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// lookActor marks the requests of whoever looks at a server without being on it:
// they stay out of its metrics, and are no attached UI.
const lookActor = "servers"

// lookout looks at the servers of the configuration without going there. It
// keeps a session for each, apart from those that the UI is on. It is safe for
// concurrent use.
type lookout struct{ *sessions }

func newLookout(s *settings.Settings) lookout {
	return lookout{newSessions(s, client.WithActor(lookActor), client.WithRetries(client.Once()), client.WithReadOnly())}
}

// look implements [page.Looker].
func (l lookout) look(ctx context.Context, name string, q fleet.Question) (fleet.Sight, error) {
	c, known := l.settings.File.Context(name)
	if !known {
		return fleet.Sight{}, l.settings.File.Unknown(name)
	}
	s, _, err := l.of(ctx, name, c)
	if err != nil {
		return fleet.Sight{}, err // who asks knows of which server
	}
	if s.Program != nil {
		_, err := s.Program.Offers(ctx)
		return fleet.Sight{Program: true}, err
	}
	return fleet.Look(ctx, s.Client, q)
}
