package target

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
)

// programPatience is how long a Go program may take to say what it offers.
const programPatience = 3 * time.Second

// AttachAny attaches to an event store, or to a Go program that is none where
// Programs says that it will do.
func (t *Target) AttachAny(ctx context.Context, url, token string, options ...client.Option) (*Session, error) {
	t, url, token = t.found(ctx, url, token)
	s, err := t.Attach(ctx, url, token, options...)
	if !t.Programs {
		return s, err
	}
	program, wrong := t.programAt(ctx, url, err)
	switch {
	case wrong == nil && program == nil:
		return s, err
	case s != nil:
		s.Client.Close()
	}
	return program, wrong
}

// programAt returns a session on the Go program at an address that serves its
// profiles and is no event store. It returns nil when that is an event store,
// or when it serves no profiles either; failed is what attaching to it as to an
// event store came to, or nil. No token goes out: an event store's is not for it.
func (t *Target) programAt(ctx context.Context, url string, failed error) (*Session, error) {
	_, answered := errors.AsType[*client.Error](failed)
	if failed != nil && !answered && !strings.Contains(url, "/debug/pprof") {
		return nil, nil // nobody answers, or who does is not trusted
	}
	if failed == nil && t.speaks(ctx, url) {
		return nil, nil
	}
	web := source.Web{Patience: programPatience}
	if t.Trusted != "" {
		var err error
		if web.TLS, err = Authorities(t.Trusted); err != nil {
			return nil, err
		}
	}
	program, err := source.NewProgram(web, url, false)
	if err != nil {
		return nil, failed // which says so, too
	}
	if _, err := program.Offers(ctx); err != nil {
		slog.Debug("no Go program's profiles either", "url", url, "error", err)
		return nil, nil
	}
	options := []client.Option{client.WithRetries(client.Once()), client.WithReadOnly(), client.WithTransport(source.OnlyProfiles)}
	if web.TLS != nil {
		options = append(options, client.WithTLS(web.TLS))
	}
	c, err := client.New(program.URL(), options...)
	if err != nil {
		return nil, &command.UsageError{Command: "evtui", Reason: err.Error()}
	}
	return &Session{Client: c, Program: &Program{program, web}}, nil
}

// Program is what a session on a Go program has besides its client.
type Program struct {
	*source.Program
	Web source.Web
}

// Answers reports as nil that whatever the session is on is there.
func (s *Session) Answers(ctx context.Context) error {
	if s.Program == nil {
		return s.Ping(ctx)
	}
	_, err := s.Program.Offers(ctx)
	return err
}

// speaks reports whether an event store answers, whatever it says to somebody
// without a token.
func (t *Target) speaks(ctx context.Context, url string) bool {
	trust, err := t.trust()
	if err != nil {
		return false
	}
	c, err := client.New(url, append(trust, client.WithRetries(client.Once()), client.WithTimeout(programPatience))...)
	if err != nil {
		return false
	}
	defer c.Close()
	_, err = c.Health(ctx)
	answer, refused := errors.AsType[*client.Error](err)
	return err == nil || refused && answer.Code != ""
}
