package groups

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// someParked makes up what two consumers have parked.
func someParked(now time.Time) []parkedRow {
	one := func(who, stream string, position, global, head int64, why string) parkedRow {
		return parkedRow{category: "order", consumer: who, Waiting: consumer.Waiting{
			Parked: consumer.Parked{Stream: stream, Type: "Placed", Position: position, GlobalPosition: global, Error: why, Behind: head != global, Retry: -1},
			Since:  now.Add(-90 * time.Second), GivenUp: 1, Head: head,
		}}
	}
	first, asked := one("reports", "order-1", 3, 41, 41, "card \u202edeclined"), one("mail", "order-7", 0, 77, 77, "no address")
	first.Queued, asked.Asked = 2, now.Add(-4*time.Second)
	return []parkedRow{first, one("reports", "order-1", 4, 55, 41, "behind message 41, which is parked"), one("reports", "order-1", 5, 56, 41, "behind message 41, which is parked"), asked}
}

func parkedOf(t *testing.T, look page.Look) *pagetest.Pane {
	p, s := pagetest.New(newGroups(), look), newGroupsServer()
	s.consumers, s.parked = someConsumers, someParked(p.Env.Now)
	s.settle(t, p)
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	s.settle(t, p)
	return p
}

func TestParkedGolden(t *testing.T) {
	for _, size := range [][2]int{{78, 19}, {138, 35}, {38, 7}} {
		t.Run(fmt.Sprintf("%dx%d", size[0]+2, size[1]+5), func(t *testing.T) {
			golden.RequireEqual(t, pagetest.Colourless(t, func(look page.Look) string { return parkedOf(t, look).View(t, size[0], size[1]) }))
		})
	}
}

// TestRetryAsksFirst: it says what it would do, no key that one presses by reflex does
// it, and whoever only reads does not do it.
func TestRetryAsksFirst(t *testing.T) {
	p := parkedOf(t, page.LookFull)
	g := p.Pane.(*groups)
	if got := ansi.Strip(p.View(t, 138, 35)); strings.Contains(got, "\u202e") || !strings.Contains(got, "2 messages parked, 2 behind them by 2 consumers") || !strings.Contains(got, "retry asked 6s ago") {
		t.Errorf("what is parked:\n%s", got)
	}
	p.Env.ReadOnly = true
	p.Send(page.ActionMsg{Action: page.ActRetry})
	if w := p.Last.Wishes(); w.Prompt != nil || len(w.Toasts) != 1 || !strings.Contains(w.Toasts[0].Text, "read-only") || g.parked.plan != nil {
		t.Errorf("read-only: %+v", w)
	}
	p.Env.ReadOnly = false
	p.Send(page.ActionMsg{Action: page.ActDown}) // one that is behind: its head is retried
	p.Send(page.ActionMsg{Action: page.ActRetry})
	if w := p.Last.Wishes(); w.Prompt == nil || !w.Prompt.One || w.Prompt.Label != "retry 1 message, and 2 behind?" || len(w.Asks) != 0 {
		t.Fatalf("it asks %+v", w)
	}
	if got := ansi.Strip(p.View(t, 138, 35)); !strings.Contains(got, "reports ▸ order-1 #3 +2 behind: card") || !strings.Contains(got, "Only CATEGORY:retry-NAME is written to") {
		t.Errorf("the preview:\n%s", got)
	}
	for _, answer := range []page.PromptMsg{
		{State: page.PromptDone}, {State: page.PromptDone, Text: "R"}, {State: page.PromptDone, Text: "n"}, {State: page.PromptCancelled, Text: "y"},
	} {
		answer.ID = retryPrompt
		if asks := p.Send(answer); len(asks) != 0 || g.parked.plan != nil {
			t.Errorf("%+v retries", answer)
		}
		p.Send(page.ActionMsg{Action: page.ActRetry})
	}
	if asks := p.Send(page.PromptMsg{ID: retryPrompt, State: page.PromptDone, Text: "y"}); len(asks) != 1 || g.parked.tried != asks[0].Gen {
		t.Fatalf("y asks for %d things", len(asks))
	}
	p.Send(page.Reply{Gen: g.parked.tried, Value: retriedReply{1}, Err: errors.New("boom")})
	if w := p.Last.Wishes(); len(w.Toasts) != 1 || !strings.Contains(w.Toasts[0].Text, "asked for 1 message, then: boom") {
		t.Errorf("half of it failed: %+v", w.Toasts)
	}
}

// TestRetryIsCapped: of more than a hundred that are marked, a hundred are retried, and
// that is said.
func TestRetryIsCapped(t *testing.T) {
	p := pagetest.New(newGroups(), page.LookFull)
	g := p.Pane.(*groups)
	g.tab, g.parked.gen = tabParked, 1
	var rows []parkedRow
	for n := range int64(130) {
		rows = append(rows, parkedRow{category: "order", consumer: "reports", Waiting: consumer.Waiting{
			Parked: consumer.Parked{Stream: fmt.Sprintf("order-%d", n), GlobalPosition: n + 1}, Head: n + 1,
		}})
	}
	p.Send(page.Reply{Gen: 1, Value: parkedReply{rows: rows}})
	for range rows {
		p.Send(page.ActionMsg{Action: page.ActMark})
	}
	p.Send(page.ActionMsg{Action: page.ActMark}) // the last one again: unmarked
	p.Send(page.ActionMsg{Action: page.ActRetry})
	if plan := g.parked.plan; plan == nil || len(plan.rows) != consumer.MaxRetry || plan.beyond != 29 {
		t.Fatalf("the plan is %+v", plan)
	}
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "At most 100 at once: 29 more stay marked.") || !strings.Contains(got, "more") {
		t.Errorf("the preview:\n%s", got)
	}
}

// TestParkedIsRetriedByItsConsumerAlone runs two consumers: one parks, the page shows it
// with what is behind it and leads to it, R and y hand it to that one, and it leaves the
// list. Nothing is written to its stream.
func TestParkedIsRetriedByItsConsumerAlone(t *testing.T) {
	messages := pagetest.Shop()
	s := pagetest.NewStage(t, 140, 40, Spec(), page.Setup{}, messages)
	const poison = "order-7"
	orders := int64(0)
	for _, m := range messages {
		if store.Category(m.Stream) == "order" {
			orders++
		}
	}
	var broken atomic.Bool
	broken.Store(true)
	var others atomic.Int64
	start := func(name string, handle func(client.Message) error) {
		c, err := consumer.New(consumer.Config{
			Client: s.Program, Category: "order", Name: name, Attempts: 1, Backoff: time.Millisecond,
			Handle: func(_ context.Context, m client.Message) error { return handle(m) },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
	}
	version, err := s.Client.Version(t.Context(), poison)
	if err != nil {
		t.Fatal(err)
	}
	start("reports", func(m client.Message) error {
		if broken.Load() && m.Stream == poison {
			return errors.New("card declined")
		}
		return nil
	})
	start("mail", func(client.Message) error { others.Add(1); return nil })
	s.Press("]")
	wait := func(what string, holds func(screen string) bool) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for {
			s.Env.Now = s.Env.Now.Add(parkedEvery)
			s.Send(page.FrameMsg{})
			screen := ansi.Strip(s.Raw())
			if holds(screen) {
				return
			}
			select {
			case <-deadline:
				t.Fatalf("%s:\n%s", what, screen)
			default:
			}
		}
	}
	wait("it is parked, with what is behind it", func(screen string) bool {
		return strings.Contains(screen, fmt.Sprintf("1 message parked, %d behind them by 1 consumer", version)) && strings.Contains(screen, "card declined")
	})
	s.Press("enter")
	if l := s.Last.Wishes().GoTo; l == nil || l.Stream != poison || l.Position != 0 || !l.HasPosition {
		t.Errorf("enter leads to %+v", l)
	}
	broken.Store(false)
	wait("the other consumer is done", func(string) bool { return others.Load() == orders })
	s.Press("R")
	s.Press("y")
	wait("it leaves the list", func(screen string) bool { return strings.Contains(screen, "no messages parked") })
	if now, err := s.Client.Version(t.Context(), poison); err != nil || now != version {
		t.Errorf("%s ends at %d (%v), before at %d", poison, now, err, version)
	}
	if n := others.Load(); n != orders {
		t.Errorf("another consumer handled %d messages of %d", n, orders)
	}
}
