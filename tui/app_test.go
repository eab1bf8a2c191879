package tui

import (
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

func TestPagesByDigitTabAndPalette(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	for _, p := range pages() {
		s.press(digitOf(p))
		if s.app.page != p {
			t.Fatalf("%s leads to page %s", p, s.app.page)
		}
		s.frames(2)
		s.raw()
	}
	s.press("-")
	if before := pages()[len(pages())-2]; s.app.page != before {
		t.Fatalf("- leads to page %s, not back to %s", s.app.page, before)
	}
	for _, tab := range newHeader(s.app).tabs(120) {
		s.send(tea.MouseClickMsg{X: tab.x + 1, Y: tabsRow, Button: tea.MouseLeft})
		if s.app.page != tab.page {
			t.Fatalf("a click on tab %s leads to page %s", tab.page, s.app.page)
		}
	}
	s.press(":groups", "enter")
	if s.app.page != page.Groups {
		t.Fatal(":groups does not lead there")
	}
	s.press(":nonsense", "enter")
	s.see(`no command "nonsense"`)
}

func TestPaletteCompletes(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.press(":", "category ord", "tab")
	s.see(":category order")
	s.press("enter")
	s.frames(2)
	s.see("default › order ")
	s.press(":", "stream account-1", "tab", "tab")
	s.see(":stream account-1+retry")
	s.press("esc", ":", "up")
	s.see(":category order")
	s.press("esc")
	s.miss(":category")
}

func TestPromptKeepsKeysToItself(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.press("\\", "q37")
	if s.app.page != page.Streams || s.quit {
		t.Fatal("keys typed into a prompt acted")
	}
	s.send(tea.PasteMsg{Content: "x\ny\x1b[31m"})
	s.press("esc")
	s.send(tea.PasteMsg{Content: "q"})
	if s.quit {
		t.Fatal("a paste acted as keys")
	}
}

func TestQuit(t *testing.T) {
	s := newStage(t, 120, 40, nil)
	s.press("q")
	if !s.quit {
		t.Fatal("q does not quit")
	}
	s = newStage(t, 120, 40, nil)
	s.press(":load 10", "enter")
	s.frames(1)
	s.see("load 10")
	s.press("q")
	s.see("a load is running; stop it and quit?")
	s.press("q") // the key that asked never confirms
	if s.quit {
		t.Fatal("q confirmed its own question")
	}
	s.press("q", "y")
	if !s.quit {
		t.Fatal("y does not quit")
	}
	s = newStage(t, 120, 40, nil)
	s.press("ctrl+c")
	s.see("press ctrl-c again to quit")
	s.frames(20)
	s.press("ctrl+c")
	if s.quit {
		t.Fatal("a late ctrl-c quits")
	}
	s.press("ctrl+c")
	if !s.quit {
		t.Fatal("ctrl-c twice does not quit")
	}
}

func TestLoad(t *testing.T) {
	s := newStage(t, 120, 40, nil)
	s.press(":load nine", "enter")
	s.see("needs a number of workers")
	s.press(":load 7", "enter")
	s.frames(1)
	s.see("load 7 ▸ 3 s")
	s.press(":load stop", "enter")
	s.frames(1)
	s.miss("load 7")
	s.app.env.ReadOnly = true
	s.press(":load 7", "enter")
	s.see("read-only: load is disabled", " read-only ")
}

// TestReconnect takes the server away: the screen stays, greyed, and comes
// back by itself.
func TestReconnect(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.open()
	s.see("account-1", "1–22 of 22")
	s.gone.Store(true)
	s.frames(10)
	s.see("○ reconnecting…", "account-1", "OrderPlaced")
	asked := s.app.link.tries
	s.frames(100)
	if more := s.app.link.tries - asked; more < 2 || more > 20 {
		t.Fatalf("asked %d times in 20 s", more)
	}
	s.press("7")
	s.see("server unreachable")
	s.press("2")
	s.gone.Store(false)
	s.write("account-1", 2)
	s.frames(10) // at once: two seconds
	s.see("● 127.0.0.1:8080", "reconnected", "1–24 of 24")
	s.miss("reconnecting")
}

func TestHelpScrolls(t *testing.T) {
	s := newStage(t, 80, 24, pagetest.Shop())
	s.press("?")
	s.see("Keys", "open the row under the cursor")
	s.press("G")
	s.see(":load N", "run the built-in load")
	s.press("gg"[:1])
	s.see("open the row under the cursor")
	s.press("?")
	s.miss("─ Keys ─")
}

func TestTwoStrokeKeysShowWhatFollows(t *testing.T) {
	s := newStage(t, 160, 40, pagetest.Shop())
	s.open()
	s.press("g")
	s.see("go to a position", "go to a time", "to the first")
	s.press("esc")
	s.miss("go to a position")
	s.press("g", "x", "j")
	s.press("enter")         // opens what the cursor is on
	s.see("account-1 › #20") // the second one
}

func TestMouse(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.send(tea.MouseClickMsg{X: 5, Y: bodyRow + 3, Button: tea.MouseLeft})
	s.see("▌ account")
	s.frames(2)
	s.send(tea.MouseClickMsg{X: 5, Y: bodyRow + 3, Button: tea.MouseLeft})
	s.frames(2)
	s.see("default › account ")
	s.send(tea.MouseClickMsg{X: 80, Y: bodyRow + 3, Button: tea.MouseLeft}) // into the preview
	s.frames(2)
	s.see("account › account-1 ")
	s.send(tea.MouseWheelMsg{X: 5, Y: 10, Button: tea.MouseWheelDown})
	s.raw()
}

// TestResizeStorm plays keys at random while the terminal takes any size: the
// screen always has exactly its cells, and nothing panics.
func TestResizeStorm(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	keys := strings.Fields("1 2 3 4 5 6 7 j k h l enter esc tab ? / n N \\ f o m t gg G J w z Z , . yi yv gp : - < > r + _ [ ] pgdown pgup backspace ctrl+d ctrl+u ctrl+l 0 c")
	s := newStage(t, 120, 40, pagetest.Shop())
	for i := range 1500 {
		switch r.IntN(6) {
		case 0:
			s.send(tea.WindowSizeMsg{Width: r.IntN(200), Height: r.IntN(60)})
		case 1:
			s.send(tea.WindowSizeMsg{Width: r.IntN(24), Height: r.IntN(8)})
		case 2:
			s.frames(1)
		case 3:
			s.send(tea.MouseClickMsg{X: r.IntN(200), Y: r.IntN(60), Button: tea.MouseLeft})
		case 4:
			s.send(tea.MouseWheelMsg{X: r.IntN(200), Y: r.IntN(60), Button: tea.MouseWheelDown})
		default:
			s.press(keys[r.IntN(len(keys))])
		}
		if i%100 == 0 {
			s.write("order-7", 1+r.IntN(30))
		}
		s.raw()
	}
}

// TestEverySizeHoldsItsCells draws each page at each small size.
func TestEverySizeHoldsItsCells(t *testing.T) {
	for _, p := range pages() {
		s := newStage(t, 120, 40, pagetest.Shop())
		s.press(digitOf(p))
		s.frames(3)
		for _, w := range []int{1, 2, 5, 20, 59, 60, 61, 79, 80, 81, 99, 100, 139, 140, 250} {
			for _, h := range []int{1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 24, 70} {
				s.send(tea.WindowSizeMsg{Width: w, Height: h})
				s.raw()
			}
		}
	}
}

// TestIdleDrawsNothing lets time pass over an untouched store: after the clock,
// the screen is the same string, and the frames slow down.
func TestIdleDrawsNothing(t *testing.T) {
	for _, p := range []page.Name{page.Tail, page.Log, page.Groups} {
		s := newStage(t, 120, 40, pagetest.Shop())
		s.press(digitOf(p))
		s.frames(30)
		before := s.app.screen.body
		s.frames(30)
		if s.app.screen.body != before {
			t.Fatalf("page %s drew anew while nothing happened:\n%s\n%s", p, ansi.Strip(before), ansi.Strip(s.app.screen.body))
		}
		var asked time.Duration
		s.app.clock.after = func(d time.Duration, _ func(time.Time) tea.Msg) tea.Cmd { asked = d; return nil }
		s.frames(1)
		if asked != restFrame {
			t.Fatalf("page %s: the next frame comes in %v", p, asked)
		}
		s.press("j")
		s.frames(1)
		if asked >= restFrame {
			t.Fatalf("page %s: a key does not wake the clock: %v", p, asked)
		}
	}
}

func TestPace(t *testing.T) {
	s := newStage(t, 120, 40, nil)
	s.press(">")
	s.see("refresh every 100ms")
	s.press("<", "<", "<")
	s.see("refresh every 500ms")
	if s.app.env.Frame != 500*time.Millisecond {
		t.Fatalf("a frame is %v", s.app.env.Frame)
	}
	// Ticks of the old pace do not double the new one.
	frames := s.app.clock.frames
	s.send(frameMsg{pace: 0})
	if s.app.clock.frames != frames {
		t.Fatal("a frame of an older pace counted")
	}
}

// TestRunEndsWithItsContext runs the real program without a terminal.
func TestRunEndsWithItsContext(t *testing.T) {
	s := newStage(t, 80, 24, pagetest.Shop())
	ctx, cancel := context.WithCancel(t.Context())
	a := newApp(ctx, Config{Connection: Connection{Client: s.app.cfg.Client}, Page: page.Streams})
	p := tea.NewProgram(a, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithWindowSize(80, 24), tea.WithoutSignalHandler())
	done := make(chan error, 1)
	go func() { done <- runProgram(ctx, p) }()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestPlainServer(t *testing.T) {
	s := newStage(t, 120, 40, nil)
	s.send(linkMsg{look: s.app.link.sent + 1, asked: s.now, reason: "metrics are not offered by this server"})
	s.app.env.Live.HasSample = false
	s.app.screen.touch()
	s.see("metrics are not offered by this server")
	s.send(replyMsg{page: page.Log, epoch: s.app.reach.epoch, reply: page.Reply{Value: []wire.LogLine{{Seq: 1, Text: "hi\x1b[2J", Level: "WARN"}}}})
	s.press("7")
	s.see("hi␛[2J")
}

// TestTicksAreReal checks that the clock of the program is Bubble Tea's.
func TestTicksAreReal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock(0)
		begun := time.Now()
		if _, ok := c.tick(time.Time{})().(frameMsg); !ok || time.Since(begun) != paces()[4] {
			t.Fatalf("a frame came after %v", time.Since(begun))
		}
	})
}
