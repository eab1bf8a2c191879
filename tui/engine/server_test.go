package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/pebblestore/failing"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// engineClient is a client of a server over the real engine, in memory, that
// holds some messages.
func engineClient(t *testing.T) *client.Client {
	t.Helper()
	st, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return clientOf(t, st)
}

// clientOf is a client of a server over a store, which it fills.
func clientOf(t *testing.T, st store.Store) *client.Client {
	t.Helper()
	c := pagetest.Serve(t, st)
	for i := range 50 {
		e := client.Event{Type: "Placed", Data: fmt.Appendf(nil, `{"n":%d}`, i)}
		if _, err := c.Write(t.Context(), fmt.Sprintf("order-%d", i%7), e, client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// TestEngineOfAServer walks the page over the real engine: what it says must be
// what was done.
func TestEngineOfAServer(t *testing.T) {
	c := engineClient(t)
	sub, err := c.Subscribe(t.Context(), client.SubscribeQuery{Category: "order"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Close() }()
	pane := newEnginePage()
	p := pagetest.New(pane, page.LookFull)
	p.Send(page.ShowMsg{})
	answered(t, p, c)
	see := func(what ...string) {
		t.Helper()
		got := ansi.Strip(p.View(t, 118, 35))
		for _, w := range what {
			if !strings.Contains(got, w) {
				t.Fatalf("%q is missing:\n%s", w, got)
			}
		}
	}
	see("1 of 1 namespaces open", "default", "0 of 20", "L6", "created", "opened")

	p.Send(engineActMsg{commandFlush, "default"})
	p.Send(page.PromptMsg{ID: actPrompt, State: page.PromptDone, Text: "default"})
	answered(t, p, c)
	p.Send(page.ActionMsg{Action: page.ActRefresh})
	answered(t, p, c)
	see("1 flush,", "▾ flush")
	if n := pane.sight.chosen(); n.Flushes == 0 || n.Levels[0].Tables == 0 {
		t.Errorf("after a flush: %d flushes, %d tables in L0", n.Flushes, n.Levels[0].Tables)
	}

	p.Send(engineActMsg{commandCompact, "default"})
	p.Send(page.PromptMsg{ID: actPrompt, State: page.PromptDone, Text: "default"})
	answered(t, p, c)
	p.Send(page.ActionMsg{Action: page.ActRefresh})
	answered(t, p, c)
	see("◆ compaction")
	if n := pane.sight.chosen(); n.Levels[0].Tables != 0 || n.Levels[6].Tables == 0 {
		t.Errorf("after a compaction L0 has %d tables, L6 %d", n.Levels[0].Tables, n.Levels[6].Tables)
	}

	pane.tabs.on = tabSubscriptions
	p.Send(page.FrameMsg{})
	answered(t, p, c)
	see("order", "this UI")

	pane.tabs.on, pane.open = tabStorage, true
	p.Send(page.ActionMsg{Action: page.ActOpen})
	answered(t, p, c)
	see("messages", "global index", "on disk")
	if s := pane.storage.found; s.Messages != 50 || s.Families[0].Bytes == 0 {
		t.Errorf("storage %+v", s)
	}
}

// TestPoisonedIsShown breaks the disk under a namespace: the page says why, and
// what to do, and that done the namespace is well again.
func TestPoisonedIsShown(t *testing.T) {
	disk := failing.New()
	st, err := pebblestore.Open("data", pebblestore.Options{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, st)
	disk.Break("/default")
	if _, err := c.Write(t.Context(), "order-1", client.Event{Type: "Placed", Data: []byte(`{}`)}, client.AnyVersion()); err == nil {
		t.Fatal("a write was acknowledged whose sync failed")
	}
	p := pagetest.New(newEnginePage(), page.LookFull)
	p.Send(page.ShowMsg{})
	answered(t, p, c)
	got := ansi.Strip(p.View(t, 118, 35))
	for _, want := range []string{"✗ WAL failed", "poisoned: sync failed; :reopen default"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	disk.Mend()
	p.Send(engineActMsg{commandReopen, "default"})
	p.Send(page.PromptMsg{ID: actPrompt, State: page.PromptDone, Text: "default"})
	answered(t, p, c)
	p.Send(page.ActionMsg{Action: page.ActRefresh})
	answered(t, p, c)
	if got := ansi.Strip(p.View(t, 118, 35)); strings.Contains(got, "WAL failed") || !strings.Contains(got, "healthy") {
		t.Errorf("after reopening:\n%s", got)
	}
}

// answered runs what the last message asked for on a real server, and what the
// answers ask for.
func answered(t *testing.T, p *pagetest.Pane, c *client.Client) {
	t.Helper()
	asks := p.Last.Wishes().Asks
	for len(asks) > 0 {
		value, err := asks[0].Call(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		asks = append(asks[1:], p.Send(page.Reply{Gen: asks[0].Gen, Value: value})...)
	}
}
