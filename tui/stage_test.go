package tui

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// stage is the whole UI on a real server over a model of a store, without a
// terminal: commands run at once, in order, and the clock moves when told.
type stage struct {
	testing.TB
	app   *app
	store store.Store
	now   time.Time
	gone  atomic.Bool // the server cannot be reached
	held  []tea.Msg   // replies kept back while holding
	hold  bool
	quit  bool
	asIs  bool // the engine's figures are the server's own
	seeds int64
}

// newStage opens the UI at a size on a store that holds messages.
func newStage(t testing.TB, w, h int, messages []store.ImportMessage) *stage {
	t.Helper()
	return newStageOn(t, w, h, storetest.NewModel(), messages)
}

// newStageOn opens it on the given store, which is empty so far.
func newStageOn(t testing.TB, w, h int, on store.Store, messages []store.ImportMessage) *stage {
	t.Helper()
	s := &stage{TB: t, store: on, now: pagetest.Noon}
	srv := servertest.New(t, server.Config{Store: s.store, Version: "0.0.1", Log: server.NewLogRing(100, nil, nil)})
	if err := s.store.(store.Importer).Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	c, err := client.New("http://127.0.0.1:8080", client.WithToken(srv.Token), client.WithActor("ui"),
		client.WithDialer(s.dialer(srv.Dial)))
	if err != nil {
		t.Fatal(err)
	}
	s.app = newApp(t.Context(), Config{Connection: Connection{Client: c, Admin: true, Load: &fakeLoad{}}, Page: page.Streams})
	s.byHand(s.app)
	s.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.send(tea.WindowSizeMsg{Width: w, Height: h})
	s.run(s.app.Init())
	return s
}

// byHand gives a model the stage's clock: it ticks when told, and no command
// waits for it.
func (s *stage) byHand(a *app) {
	a.now = func() time.Time { return s.now }
	a.clock.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	a.reach.waits, a.env.Waits = false, false
}

// restyle makes the theme anew, after the configuration has changed.
func (s *stage) restyle() {
	s.app.display.style(&s.app.cfg, &s.app.env)
	s.app.screen.touch()
}

// dialer makes the server unreachable while gone is set: open connections
// break as well.
func (s *stage) dialer(dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		if s.gone.Load() {
			return nil, errors.New("connection refused")
		}
		conn, err := dial(ctx)
		return &breakable{conn, &s.gone}, err
	}
}

type breakable struct {
	net.Conn
	gone *atomic.Bool
}

func (c *breakable) Write(p []byte) (int, error) {
	if c.gone.Load() {
		_ = c.Conn.Close()
		return 0, errors.New("broken pipe")
	}
	return c.Conn.Write(p)
}

// fakeLoad is a load that only says that it runs.
type fakeLoad struct{ report page.LoadReport }

func (l *fakeLoad) Start(workers int) error {
	l.report = page.LoadReport{Running: true, Workers: workers, Elapsed: 3 * time.Second}
	return nil
}
func (l *fakeLoad) Stop()                   { l.report = page.LoadReport{} }
func (l *fakeLoad) Report() page.LoadReport { return l.report }

// send gives the model a message and runs what it asks for.
func (s *stage) send(msg tea.Msg) {
	s.Helper()
	switch m := msg.(type) {
	case nil:
		return
	case tea.QuitMsg:
		s.quit = true
		return
	case tea.BatchMsg:
		for _, cmd := range m {
			s.run(cmd)
		}
		return
	case replyMsg:
		if s.hold {
			s.held = append(s.held, msg)
			return
		}
	case linkMsg:
		// The engine's figures are of this moment: a test needs its own.
		if m.figures && !s.asIs {
			m.info = wire.Info{Version: "0.0.1", Backend: "model", Durability: "sync"}
			m.sample = wire.Sample{
				Time: s.now, Appends: 12431, Reads: 3020, CPU: 0.41, UICPU: 0.01, HeapBytes: 52e6,
				Methods: map[string]wire.Method{"stream.write": {Calls: 12431, P50: 4e5, P99: 18e5, Max: 9e6}},
			}
			msg = m
		}
	}
	_, cmd := s.app.Update(msg)
	s.app.View() // after each message, as Bubble Tea does
	s.run(cmd)
}

func (s *stage) run(cmd tea.Cmd) {
	s.Helper()
	if cmd != nil {
		s.send(cmd())
	}
}

// release delivers what was held back.
func (s *stage) release() {
	s.Helper()
	s.hold = false
	held := s.held
	s.held = nil
	for _, msg := range held {
		s.send(msg)
	}
}

// frames lets n frames pass.
func (s *stage) frames(n int) {
	s.Helper()
	for range n {
		s.now = s.now.Add(200 * time.Millisecond)
		s.send(frameMsg{s.app.clock.pace})
	}
}

// press types keys by their names; several characters that are no name are
// typed one by one.
func (s *stage) press(keys ...string) {
	s.Helper()
	named := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "backspace": tea.KeyBackspace, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp,
	}
	for _, k := range keys {
		if code, ok := named[k]; ok {
			s.send(tea.KeyPressMsg{Code: code})
			continue
		}
		if rest, ok := strings.CutPrefix(k, "ctrl+"); ok && rest != "" {
			s.send(tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl})
			continue
		}
		for _, r := range k {
			s.send(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
	}
}

// raw returns the screen with its escape sequences, after checking that it has
// exactly the cells of the terminal.
func (s *stage) raw() string {
	s.Helper()
	content := s.app.View().Content
	w, h := s.app.display.width, s.app.display.height
	if w == 0 || h == 0 {
		return content
	}
	lines := strings.Split(content, "\n")
	if len(lines) != h {
		s.Fatalf("%d lines on a screen of %d×%d:\n%s", len(lines), w, h, ansi.Strip(content))
	}
	for i, line := range lines {
		if n := text.Width(line); n != w {
			s.Fatalf("line %d has %d cells on a screen of %d×%d: %q\n%s", i, n, w, h, ansi.Strip(line), ansi.Strip(content))
		}
	}
	return content
}

// text returns the screen as text.
func (s *stage) text() string {
	s.Helper()
	return ansi.Strip(s.raw())
}

// see fails unless the screen shows all of what.
func (s *stage) see(what ...string) {
	s.Helper()
	screen := s.text()
	for _, w := range what {
		if !strings.Contains(screen, w) {
			s.Fatalf("the screen does not show %q:\n%s", w, screen)
		}
	}
}

// miss fails if the screen shows any of what.
func (s *stage) miss(what ...string) {
	s.Helper()
	screen := s.text()
	for _, w := range what {
		if strings.Contains(screen, w) {
			s.Fatalf("the screen shows %q:\n%s", w, screen)
		}
	}
}

// write stores n messages in a stream, at the test's own time.
func (s *stage) write(stream string, n int) {
	s.Helper()
	if err := pagetest.Write(s.Context(), s.store, s.now, stream, n, &s.seeds); err != nil {
		s.Fatal(err)
	}
}

// open walks into the messages of account-1.
func (s *stage) open() {
	s.Helper()
	s.frames(2)
	s.press("j", "enter")
	s.frames(2)
	s.press("enter")
	s.frames(2)
}

// pages lists all pages.
func pages() []page.Name {
	var names []page.Name
	for _, s := range registry() {
		names = append(names, s.Name)
	}
	return names
}

// digitOf is the key that opens a page.
func digitOf(name page.Name) string {
	return registry().digit(slices.Index(pages(), name))
}

// show opens a page by its digit.
func (s *stage) show(p page.Name) {
	s.Helper()
	s.press(digitOf(p))
}
