package tui

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// mustServer starts another server in memory and returns a client of it.
func mustServer(t *testing.T, messages []store.ImportMessage, options ...client.Option) *client.Client {
	t.Helper()
	model := storetest.NewModel()
	c := pagetest.Serve(t, model, options...)
	if err := model.Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	return c
}

// twoContexts is a UI on one server that knows another, read-only one.
func twoContexts(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, 120, 40, pagetest.Shop())
	here := Context{Name: "here", Unnamed: true}
	prod := Context{Name: "prod", Colour: "red"}
	first := Connection{Context: here, Client: s.app.cfg.Client, Admin: true, Load: s.app.cfg.Load}
	second := Connection{
		Context: prod, Client: mustServer(t, pagetest.Shop()[:1], client.WithReadOnly()), Admin: true, ReadOnly: true,
		Address: "http://events.example.com", Load: &fakeLoad{},
	}
	s.app.cfg.Context, s.app.cfg.Contexts = here, []Context{prod, {Name: "broken"}, here}
	s.app.cfg.Connect = func(_ context.Context, name string) (Connection, error) {
		switch name {
		case "prod":
			return second, nil
		case "here":
			return first, nil
		}
		return Connection{}, errors.New("no event store answers at http://broken")
	}
	return s
}

func TestContextsSwitch(t *testing.T) {
	s := twoContexts(t)
	s.frames(3)
	s.see("order")
	s.miss("prod", "read-only")
	s.press(":ctx prod", "enter")
	s.frames(3)
	s.see(" prod ", "read-only", "events.example.com", "account", "this is prod")
	s.miss("order")
	if s.app.page != page.Streams {
		t.Errorf("the page changed to %s", s.app.page)
	}
	s.press(":load 3", "enter")
	s.see("read-only: load is disabled")
	s.press(":ctx here", "enter")
	s.frames(3)
	s.see("order")
	s.miss(" prod ", "read-only ")
}

func TestContextsThatCannotBeGoneTo(t *testing.T) {
	s := twoContexts(t)
	s.frames(3)
	for line, want := range map[string]string{
		":ctx broken": "no event store answers at http://broken",
		":ctx prd":    `no context "prd"; the contexts are prod, broken, here`,
		":ctx":        "contexts: prod, broken, here; this is here",
		":ctx here":   "this is here",
	} {
		s.press(line, "enter")
		s.see(want)
		s.frames(2)
		s.see("order") // and here we stay
	}
	s.press(":load 2", "enter")
	s.press(":ctx prod", "enter")
	s.see("a load is running here; stop it with :load stop")
	s.app.cfg.Connect = nil
	s.press(":ctx prod", "enter")
	s.see("no contexts")
}

func TestContextNamesAreCompleted(t *testing.T) {
	s := twoContexts(t)
	s.press(":ctx p")
	s.see("ctx prod")
	s.press("tab", "enter")
	s.frames(2)
	s.see(" prod ")
}

// TestLateAnswersOfTheOldServer holds back what the first server answers until
// the UI is on the second.
func TestLateAnswersOfTheOldServer(t *testing.T) {
	s := twoContexts(t)
	s.hold = true
	s.frames(2)
	s.hold = false
	old := s.held
	s.held = nil
	s.press(":ctx prod", "enter")
	s.frames(3)
	for _, msg := range old {
		s.send(msg)
	}
	s.frames(1)
	s.see("account")
	s.miss("order")
}

// TestLateLooksAtTheOldServer has a look at the first server, and the question
// for one of its namespaces, answered when the UI is on the second.
func TestLateLooksAtTheOldServer(t *testing.T) {
	s := twoContexts(t)
	s.frames(3)
	if _, err := s.store.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "shop", TokenHash: [32]byte{1}}); err != nil {
		t.Fatal(err)
	}
	s.app.link.next = s.now
	look, enter := s.app.link.look(s.app.reach, &s.app.env), s.app.reach.enter(page.Location{Namespace: "shop"}, nil)
	s.press(":ctx prod", "enter")
	s.frames(2)
	before := s.app.env.Live.Sample
	s.app.env.Live.Sample.Appends = -1 // to be seen if it is written over
	late := look().(linkMsg)
	late.sample.Appends = 77
	_, cmd := s.app.Update(late)
	s.run(cmd)
	if got := s.app.env.Live.Sample.Appends; got != -1 {
		t.Errorf("the old server's figures are shown: %v", got)
	}
	s.app.env.Live.Sample = before
	s.run(enter)
	s.see("ns default")
	if s.app.reach.client.Namespace() != "default" {
		t.Errorf("calls act on %q", s.app.reach.client.Namespace())
	}
}

// memoryKeeper keeps states in a map.
type memoryKeeper map[string]json.RawMessage

func (k memoryKeeper) Load(key string) (json.RawMessage, error) {
	if string(k[key]) == "broken" {
		return nil, errors.New("state.json: unexpected end")
	}
	return k[key], nil
}

func (k memoryKeeper) Save(key string, state json.RawMessage) error {
	k[key] = state
	return nil
}

// reopened is a UI on the same server that begins where s is left.
func reopened(s *stage, keeper memoryKeeper, namespace string) *app {
	s.Helper()
	cfg := s.app.cfg
	cfg.State, cfg.Page, cfg.Namespace = keeper, "", namespace
	if err := keepState(keeper, s.app.cfg.stateKey(), s.app.leave()); err != nil {
		s.Fatal(err)
	}
	return begun(s, cfg)
}

func begun(s *stage, cfg Config) *app {
	a := newApp(s.Context(), cfg)
	s.byHand(a)
	a.env.Now = a.now()
	a.opening = a.restore(readState(s.Context(), cfg.State, a.cfg.stateKey(), cfg.Client, cfg.Namespace))
	return a
}

// leftLog is how the Log page would be left.
func leftLog(a *app) string { return string(a.panes[page.Log].(page.Stateful).Save()) }

func TestStateComesBack(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	if _, err := s.store.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "shop", TokenHash: [32]byte{1}}); err != nil {
		t.Fatal(err)
	}
	s.press(":ns shop", "enter", "7", "\\warn", "enter", ":log", "enter")
	s.frames(1)
	keeper := memoryKeeper{}
	a := reopened(s, keeper, "")
	if a.page != page.Log || a.env.Namespace != "shop" || a.reach.client.Namespace() != "shop" {
		t.Errorf("page %v, namespace %q, client on %q", a.page, a.env.Namespace, a.reach.client.Namespace())
	}
	if got := leftLog(a); got != `{"filter":"warn"}` {
		t.Errorf("the log is left as %s", got)
	}
	if n := len(a.palette.history); n != 2 || a.palette.history[1] != "log" {
		t.Errorf("the palette remembers %q", a.palette.history)
	}
	// Who asks for another namespace gets it, and fresh pages.
	a = reopened(s, keeper, "default")
	if a.page != page.Log || a.env.Namespace != "default" || leftLog(a) != "" {
		t.Errorf("page %v, namespace %q, the log is left as %s", a.page, a.env.Namespace, leftLog(a))
	}
}

func TestStateThatCannotBeUsed(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	key := s.app.cfg.stateKey()
	gone, _ := json.Marshal(keptState{Version: stateVersion, Page: "Tail", Namespace: "gone", Pages: map[string]json.RawMessage{"Log": []byte(`{"filter":"x"}`)}})
	odd, _ := json.Marshal(keptState{Version: stateVersion, Page: "Nowhere", Namespace: "default", Pages: map[string]json.RawMessage{"Log": []byte(`[3]`)}})
	for name, test := range map[string]struct {
		state string
		page  page.Name
		log   string
	}{
		"damaged":     {`{"version":1,`, page.Overview, "cannot be read and is ignored"},
		"unreadable":  {"broken", page.Overview, "state.json: unexpected end"},
		"other kind":  {`[1]`, page.Overview, "cannot be read and is ignored"},
		"newer":       {`{"version":99,"page":"Log"}`, page.Overview, ""},
		"gone":        {string(gone), page.Tail, "cannot restore namespace gone"},
		"page is odd": {string(odd), page.Overview, "this page's saved state cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := s.app.cfg
			cfg.State, cfg.Page = memoryKeeper{key: json.RawMessage(test.state)}, ""
			a := begun(s, cfg)
			if a.page != test.page || a.env.Namespace != "default" {
				t.Errorf("page %v, namespace %q", a.page, a.env.Namespace)
			}
			log := ansi.Strip(a.panes[page.Log].View(a.env, 400, 20))
			if test.log != "" && !strings.Contains(log, test.log) || test.log == "" && strings.Contains(log, "evtui") {
				t.Errorf("the log says %s, want %q", log, test.log)
			}
			if state := leftLog(a); state != "" {
				t.Errorf("the log is left as %s", state)
			}
		})
	}
}

// TestStatefulPanes takes every page that keeps state through leaving and
// coming back, and feeds it state that it did not write.
func TestStatefulPanes(t *testing.T) {
	for _, name := range pages() {
		t.Run(string(name), func(t *testing.T) {
			s := newStage(t, 120, 40, pagetest.Shop())
			s.press(digitOf(name))
			s.frames(4)
			pane, ok := s.app.panes[name].(page.Stateful)
			if !ok {
				t.Skip("keeps no state")
			}
			for _, state := range []string{`null`, `{}`, `[]`, `3`, `{"filter":3}`, `{"filter":"((("}`, `{"columns":{"a":1}}`} {
				s.run(s.app.deliver(name, page.RestoreMsg{State: json.RawMessage(state)}))
				s.frames(2)
				s.text()
			}
			if raw := pane.Save(); raw != nil {
				if !json.Valid(raw) {
					t.Fatalf("saves %s", raw)
				}
				s.run(s.app.deliver(name, page.RestoreMsg{State: raw}))
				s.frames(2)
				if again := pane.Save(); string(again) != string(raw) {
					t.Errorf("saved\n%s, restored and saved again\n%s", raw, again)
				}
			}
		})
	}
}

// TestQuittingElsewhereAsksForTheServerInside leaves the server inside for
// another one: quitting ends it all the same.
func TestQuittingElsewhereAsksForTheServerInside(t *testing.T) {
	s := twoContexts(t)
	s.app.home, s.app.cfg.DataDir = "/var/lib/evtui", "/var/lib/evtui"
	s.press(":ctx prod", "enter")
	s.frames(2)
	s.press("q")
	s.see("programs may be using this embedded server on /var/lib/evtui; stop it and quit?")
	s.press("n")
	if s.quit {
		t.Fatal("quit without a yes")
	}
	s.press("q", "y")
	if !s.quit {
		t.Error("does not quit")
	}
}
