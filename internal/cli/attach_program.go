package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

// programPatience is how long a Go program may take to say what it offers.
const programPatience = 3 * time.Second

// programAt returns a session on the Go program at an address that serves its
// profiles and is no event store. It returns nil when that is an event store,
// or when it serves no profiles either; failed is what attaching to it as to an
// event store came to, or nil. No token goes out: an event store's is not for it.
func (t *target) programAt(ctx context.Context, url string, failed error) (*session, error) {
	_, answered := errors.AsType[*client.Error](failed)
	if failed != nil && !answered && !strings.Contains(url, "/debug/pprof") {
		return nil, nil // nobody answers, or who does is not trusted
	}
	if failed == nil && t.speaks(ctx, url) {
		return nil, nil
	}
	web := source.Web{Patience: programPatience}
	if t.trusted != "" {
		var err error
		if web.TLS, err = authorities(t.trusted); err != nil {
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
		return nil, &usageError{command: "evtui", reason: err.Error()}
	}
	return &session{Client: c, program: &programSession{program, web}}, nil
}

// programSession is what a session on a Go program has besides its client.
type programSession struct {
	*source.Program
	web source.Web
}

// answers reports as nil that whatever the session is on is there.
func (s *session) answers(ctx context.Context) error {
	if s.program == nil {
		return s.Ping(ctx)
	}
	_, err := s.program.Offers(ctx)
	return err
}

// speaks reports whether an event store answers, whatever it says to somebody
// without a token.
func (t *target) speaks(ctx context.Context, url string) bool {
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

// programConfig has the UI look into a Go program.
func (sf *screenFlags) programConfig(ctx context.Context, s *session, c tui.Config) (tui.Config, error) {
	if settingsOf(ctx).asked("ns") && settingsOf(ctx).origins["ns"] == "flag" {
		return c, &usageError{command: "evtui attach", reason: fmt.Sprintf("%s is a Go program and no event store: it has no namespaces; leave --ns out", s.URL())}
	}
	rules, err := programRules(c.Triggers, settingsOf(ctx).origins["trigger"] == "flag")
	if err != nil {
		return c, err
	}
	heap := false
	for _, r := range rules {
		heap = heap || r.Metric == profiler.MetricHeap
	}
	program, err := source.NewProgram(s.program.web, s.URL(), heap)
	if err != nil {
		return c, err
	}
	c.Program, c.Triggers, c.Page = program, rules, page.Profile
	c.Client, c.ReadOnly = s.Client, sf.readOnly
	c.Address, c.Version = s.URL(), version
	c.ProfileDir = profileDir("")
	return c, nil
}

// programRules are those that can be held against a program, which tells its
// goroutines and its heap alone. Others are refused when they were asked for,
// and left out when they are the default.
func programRules(rules []profiler.Rule, asked bool) ([]profiler.Rule, error) {
	var kept []profiler.Rule
	var others []string
	for _, r := range rules {
		if r.Metric == profiler.MetricGoroutines || r.Metric == profiler.MetricHeap {
			kept = append(kept, r)
		} else {
			others = append(others, r.String())
		}
	}
	if asked && len(others) > 0 {
		return nil, &usageError{command: "evtui attach", reason: fmt.Sprintf("--trigger %s: a Go program that is no event store tells goroutines and heap alone, such as 'goroutines > 1000'", strings.Join(others, ", "))}
	}
	return kept, nil
}
