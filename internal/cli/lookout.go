package cli

import (
	"context"
	"sync"

	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/server/client"
)

// lookActor marks the requests of whoever looks at a server without being on it:
// they stay out of its metrics, and are no attached UI.
const lookActor = "servers"

// lookout looks at the servers of the configuration without going there. It
// keeps a session for each, apart from those that the UI is on. It is safe for
// concurrent use.
type lookout struct {
	settings *settings.Settings

	mu       sync.Mutex                 // guards sessions
	sessions map[string]*target.Session // by context
}

func newLookout(s *settings.Settings) *lookout {
	return &lookout{settings: s, sessions: map[string]*target.Session{}}
}

// look implements [page.Looker].
func (l *lookout) look(ctx context.Context, name string, q fleet.Question) (fleet.Sight, error) {
	s, err := l.session(ctx, name)
	if err != nil {
		return fleet.Sight{}, err
	}
	if s.Program != nil {
		_, err := s.Program.Offers(ctx)
		return fleet.Sight{Program: true}, err
	}
	return fleet.Look(ctx, s.Client, q)
}

// session connects to a context at the first look.
func (l *lookout) session(ctx context.Context, name string) (*target.Session, error) {
	l.mu.Lock()
	s := l.sessions[name]
	l.mu.Unlock()
	if s != nil {
		return s, nil
	}
	c, known := l.settings.File.Context(name)
	if !known {
		return nil, l.settings.File.Unknown(name)
	}
	to := target.Target{Namespace: c.Namespace, Trusted: l.settings.Authorities(), Programs: true}
	s, err := to.DialContext(ctx, c, client.WithActor(lookActor), client.WithRetries(client.Once()), client.WithReadOnly())
	if err != nil {
		return nil, err // who asks knows of which server
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if other := l.sessions[name]; other != nil { // opened twice at once
		s.Client.Close()
		return other, nil
	}
	l.sessions[name] = s
	return s, nil
}

// close lets the sessions go.
func (l *lookout) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.sessions {
		s.Client.Close()
	}
}
