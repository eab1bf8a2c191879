package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/profile"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

// attachProgram has the UI look into a Go program, from its start.
func (sf *screenFlags) attachProgram(ctx context.Context, s *target.Session, c tui.Config) (tui.Config, error) {
	if settings.Of(ctx).Asked("ns") && settings.Of(ctx).Origins["ns"] == "flag" {
		return c, &command.UsageError{Command: "evtui attach", Reason: fmt.Sprintf("%s is a Go program and no event store: it has no namespaces; leave --ns out", s.URL())}
	}
	rules, err := programRules(c.Triggers, settings.Of(ctx).Origins["trigger"] == "flag")
	if err != nil {
		return c, err
	}
	c.Triggers = rules
	return programConfig(s, c, sf.readOnly)
}

// programConfig has the UI look into a Go program, with triggers that can be held
// against one.
func programConfig(s *target.Session, c tui.Config, readOnly bool) (tui.Config, error) {
	heap := false
	for _, r := range c.Triggers {
		heap = heap || r.Metric == profiler.MetricHeap
	}
	program, err := source.NewProgram(s.Program.Web, s.URL(), heap)
	if err != nil {
		return c, err
	}
	c.Program, c.Page = program, page.Profile
	c.Client, c.ReadOnly = s.Client, readOnly
	c.Address, c.Version = s.URL(), command.Version
	c.ProfileDir = profile.SessionDir(s, "")
	return c, nil
}

// programRules are those that can be held against a program, which reports its
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
		return nil, &command.UsageError{Command: "evtui attach", Reason: fmt.Sprintf("--trigger %s: a Go program that is no event store reports goroutines and heap alone, such as 'goroutines > 1000'", strings.Join(others, ", "))}
	}
	return kept, nil
}
