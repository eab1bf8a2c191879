package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/vt"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// live is the real program, with Bubble Tea's own loop and clock, before a
// terminal that only the test looks at. It runs in a bubble of synctest: the time
// is the test's, and every goroutine must have ended when the test has.
type live struct {
	*stage
	program *tea.Program
	store   *askedStore
	counts  *countedApp
	mu      sync.Mutex // guards what follows
	screen  *vt.Emulator
	drawn   chan struct{} // closed and replaced at every write
}

// askedStore counts what the tail asks for, and answers late if told to.
type askedStore struct {
	*storetest.Model
	heads, categories, subscriptions atomic.Int64
	late                             atomic.Int64 // nanoseconds
	refuse, mute                     atomic.Bool  // subscriptions are refused; they tell nothing
}

func (s *askedStore) Head(ctx context.Context, namespace string) (int64, error) {
	s.heads.Add(1)
	time.Sleep(time.Duration(s.late.Load())) // the test's time: nobody waits
	return s.Model.Head(ctx, namespace)
}

func (s *askedStore) Categories(ctx context.Context, namespace string) ([]store.CategoryCount, error) {
	s.categories.Add(1)
	time.Sleep(time.Duration(s.late.Load()))
	return s.Model.Categories(ctx, namespace)
}

func (s *askedStore) Subscribe(ctx context.Context, namespace string, q store.SubscribeQuery) (store.Subscription, error) {
	s.subscriptions.Add(1)
	if s.refuse.Load() {
		return nil, errors.New("no")
	}
	sub, err := s.Model.Subscribe(ctx, namespace, q)
	if s.mute.Load() {
		sub = muteSubscription{sub}
	}
	return sub, err
}

// muteSubscription is one whose announcements do not come through.
type muteSubscription struct{ store.Subscription }

func (muteSubscription) Next(ctx context.Context, _ []store.Announcement) (int, error) {
	<-ctx.Done()
	return 0, context.Cause(ctx)
}

// questions is how often the tail has asked.
func (s *askedStore) questions() int64 { return s.heads.Load() + s.categories.Load() }

// countedApp is the model with the messages counted that reach it.
type countedApp struct {
	*app
	all, tail, frames atomic.Int64
}

func (c *countedApp) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	c.all.Add(1)
	switch msg := msg.(type) {
	case frameMsg:
		c.frames.Add(1)
	case replyMsg:
		if msg.page == page.Tail {
			c.tail.Add(1)
		}
	}
	_, cmd := c.app.Update(msg)
	return c, cmd
}

// Write implements io.Writer for the program's output.
func (l *live) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Without a terminal to ask, Bubble Tea takes it that a line feed returns.
	if _, err := l.screen.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	close(l.drawn)
	l.drawn = make(chan struct{})
	return len(p), nil
}

// look returns what stands on the terminal, and a channel that is closed once
// something else does.
func (l *live) look() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.screen.String(), l.drawn
}

// inTime runs a test on the live program, which shows the tail of a store with
// some messages, and has come to rest.
func inTime(t *testing.T, test func(l *live)) {
	counting := &askedStore{Model: storetest.NewModel()}
	inTimeOn(t, counting, func(t *testing.T) *stage { return newStageOn(t, 120, 30, counting, pagetest.Shop()) }, test)
}

// inTimeOn runs it on the server of a stage.
func inTimeOn(t *testing.T, counting *askedStore, open func(t *testing.T) *stage, test func(l *live)) {
	synctest.Test(t, func(t *testing.T) {
		l := &live{stage: open(t), store: counting, screen: vt.NewEmulator(120, 30), drawn: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		a := newApp(ctx, Config{Connection: Connection{Client: l.stage.app.cfg.Client}, Page: page.Tail})
		a.clock.after = tickUntil(ctx)
		l.counts = &countedApp{app: a}
		l.program = tea.NewProgram(l.counts, tea.WithInput(nil), tea.WithOutput(l), tea.WithWindowSize(120, 30),
			tea.WithoutSignalHandler(), tea.WithFPS(30), tea.WithColorProfile(colorprofile.ASCII), tea.WithEnvironment([]string{"TERM=xterm"}))
		ended, answered := make(chan error), make(chan struct{})
		go func() { ended <- runProgram(ctx, l.program) }()
		go func() { // the emulator's answers: it would wait for a reader
			defer close(answered)
			buf := make([]byte, 1024)
			for err := error(nil); err == nil; _, err = l.screen.Read(buf) {
			}
		}()
		defer func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			_ = l.screen.Close()
			<-answered
			l.stage.app.cfg.Client.Close()
		}()
		l.pass(10 * time.Second)
		test(l)
	})
}

// tickUntil is tea.Tick that ends with ctx, for the bubble waits for nothing.
func tickUntil(ctx context.Context) func(time.Duration, func(time.Time) tea.Msg) tea.Cmd {
	return func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd {
		return func() tea.Msg {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case now := <-timer.C:
				return msg(now)
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// pass lets time go by.
func (l *live) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// shows waits until the terminal shows all of what, and returns how long that
// took.
func (l *live) shows(within time.Duration, what ...string) time.Duration {
	l.Helper()
	begun := time.Now()
	synctest.Wait()
	late := time.After(within)
	for {
		screen, drawn := l.look()
		missing := ""
		for _, w := range what {
			if !strings.Contains(screen, w) {
				missing = w
			}
		}
		if missing == "" {
			return time.Since(begun)
		}
		select {
		case <-drawn:
		case <-late:
			l.Fatalf("after %v the terminal does not show %q:\n%s", within, missing, screen)
		}
	}
}

// press types keys.
func (l *live) press(keys ...string) {
	for _, k := range keys {
		switch k {
		case "enter":
			l.program.Send(tea.KeyPressMsg{Code: tea.KeyEnter})
		case "esc":
			l.program.Send(tea.KeyPressMsg{Code: tea.KeyEscape})
		case "space":
			l.program.Send(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "})
		default:
			for _, r := range k {
				l.program.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
		}
	}
}

// TestIdleTailLeavesTheLoopAlone counts what a minute of nothing costs: the tail
// has itself told of what comes, asks twice a second whether the server is there,
// and does not come to the event loop.
func TestIdleTailLeavesTheLoopAlone(t *testing.T) {
	inTime(t, func(l *live) {
		l.shows(0, "following", "behind 0.0 s")
		l.counts.all.Store(0)
		l.counts.tail.Store(0)
		l.counts.frames.Store(0)
		l.store.heads.Store(0)
		l.store.categories.Store(0)
		l.store.subscriptions.Store(0)
		const seconds = 60
		l.pass(seconds * time.Second)
		if n := l.counts.tail.Load(); n > seconds/10 {
			t.Errorf("the tail came to the loop %d times in %d s", n, seconds)
		}
		if n := l.counts.frames.Load(); n > 2*seconds+1 {
			t.Errorf("%d frames in %d s", n, seconds)
		}
		if n := l.counts.all.Load(); n > 5*seconds {
			t.Errorf("%d messages reached the loop in %d s", n, seconds)
		}
		if n := l.store.questions(); n < 2*seconds-2 || n > 2*seconds+2 {
			t.Errorf("the tail asked %d times in %d s", n, seconds)
		}
		if n := l.store.categories.Load() + l.store.subscriptions.Load(); n > 0 {
			t.Errorf("of that %d times for more than the head", n)
		}
		l.shows(0, "following", "behind 0.0 s")
		l.write("order-1", 1)
		l.shows(70*time.Millisecond, l.written())
	})
}

// TestAppendIsOnTheTerminalIn150ms writes at any moment, to a tail that is at
// rest and to one that moves, and waits for the row on the terminal. The time is
// the bubble's: all waiting counts, and no machine is too slow for it.
func TestAppendIsOnTheTerminalIn150ms(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	inTime(t, func(l *live) {
		var worst time.Duration
		for range 50 {
			l.pass(time.Duration(r.Int64N(int64([]time.Duration{30 * time.Millisecond, 300 * time.Millisecond, 8 * time.Second}[r.IntN(3)]))))
			if r.IntN(20) == 0 {
				l.write("order-2", 5000)
			}
			l.write("order-1", 1)
			worst = max(worst, l.shows(150*time.Millisecond, l.written()))
		}
		t.Logf("the longest wait was %v", worst)
	})
}

// TestWhoLeavesATailIsNotKept leaves the tail that waits in each way that there
// is: what is shown then is there with the next frames, and nobody asks on for
// the sake of what was shown before.
func TestWhoLeavesATailIsNotKept(t *testing.T) {
	const instant = 70 * time.Millisecond // two frames of the terminal
	inTime(t, func(l *live) {
		quiet := func(what string, most int64) {
			l.Helper()
			l.pass(50 * time.Millisecond)
			before := l.store.questions()
			l.pass(5 * time.Second)
			if n := l.store.questions() - before; n > most {
				l.Errorf("%s: the tail asked %d times", what, n)
			}
		}
		l.press("7")
		l.shows(instant, "─ Log")
		quiet("on another page", 0)
		l.write("order-1", 1)
		l.press("3")
		l.shows(instant, l.written())
		l.press("space")
		l.shows(instant, "paused")
		l.write("order-1", 2)
		held := l.written()
		quiet("paused", 30) // a frame each, and what was under way
		l.press("space")
		l.shows(instant, "following", held)
		l.press(":at -5s", "enter")
		l.shows(instant, "as of")
		quiet("at the time cursor", 2)
		l.press("0")
		l.shows(instant, "following", held)
		l.press("\\", "stream~acc*", "enter")
		l.shows(instant, "filter stream~acc*", "hidden")
		l.press(":tail payment", "enter")
		l.shows(instant, "default › payment")
		l.write("payment-1", 1)
		l.press("esc")
		l.shows(150*time.Millisecond, l.written())
		l.press("<")
		l.write("payment-1", 1)
		quiet("slower", 30)
		l.shows(0, l.written())
	})
}

// TestTailComesBackToTheServer loses the server while the tail waits.
func TestTailComesBackToTheServer(t *testing.T) {
	inTime(t, func(l *live) {
		l.gone.Store(true)
		l.shows(600*time.Millisecond, "reconnecting")
		before := l.counts.tail.Load()
		l.pass(20 * time.Second)
		if n := l.counts.tail.Load() - before; n > 1 {
			l.Errorf("the tail asked a server that is gone %d times", n)
		}
		l.write("order-1", 1)
		l.gone.Store(false)
		l.shows(6*time.Second, "following", l.written())
		l.pass(7 * time.Second)
		l.write("order-1", 1)
		l.shows(150*time.Millisecond, l.written())
	})
}

// TestTailThatWaitsTellsHowOldItIs has the server answer late.
func TestTailThatWaitsTellsHowOldItIs(t *testing.T) {
	inTime(t, func(l *live) {
		l.store.late.Store(int64(4 * time.Second))
		l.pass(2100 * time.Millisecond) // a question, a second, a frame at rest
		if screen, _ := l.look(); strings.Contains(screen, "behind 0.") {
			t.Errorf("the tail says that it is up to date:\n%s", screen)
		}
		l.shows(2*time.Second, "behind 3.")
		l.store.late.Store(0)
		l.shows(6*time.Second, "behind 0.0 s")
	})
}

// TestTailWatchesOneCategoryAmongOthers has others grow all the time: what is
// not tailed brings the tail no nearer to the loop.
func TestTailWatchesOneCategoryAmongOthers(t *testing.T) {
	inTime(t, func(l *live) {
		l.press(":tail account", "enter")
		l.pass(time.Second)
		before := l.counts.tail.Load()
		for i := range 100 {
			l.write(fmt.Sprintf("order-%d", i), 1)
			l.pass(90 * time.Millisecond)
		}
		if n := l.counts.tail.Load() - before; n > 10 {
			l.Errorf("the tail came to the loop %d times in 9 s", n)
		}
		l.write("account-1", 1)
		l.shows(150*time.Millisecond, l.written())
	})
}

// TestTailAsksWhereNobodyTells takes the subscriptions away: refused, the tail
// asks on, as quick as ever; silent, it finds out after two rows that came late,
// each by no more than the time between two questions.
func TestTailAsksWhereNobodyTells(t *testing.T) {
	inTime(t, func(l *live) {
		late := func(within time.Duration) {
			l.Helper()
			l.pass(7*time.Second + 70*time.Millisecond)
			l.write("order-1", 1)
			l.shows(within, l.written())
		}
		l.store.refuse.Store(true)
		late(150 * time.Millisecond) // told by the subscription that was there
		for range 5 {
			late(150 * time.Millisecond)
		}
		l.store.refuse.Store(false)
		l.store.mute.Store(true)
		for range 2 {
			late(650 * time.Millisecond)
		}
		before := l.store.subscriptions.Load()
		for range 5 {
			late(150 * time.Millisecond)
		}
		if n := l.store.subscriptions.Load() - before; n > 0 {
			l.Errorf("%d more subscriptions were tried", n)
		}
		l.counts.tail.Store(0)
		l.pass(30 * time.Second)
		if n := l.counts.tail.Load(); n > 3 {
			l.Errorf("the tail that asks came to the loop %d times in 30 s", n)
		}
	})
}

// TestTailOnAPlainServerIsQuickToo follows on a server that has neither the head
// nor the ends of categories.
func TestTailOnAPlainServerIsQuickToo(t *testing.T) {
	inTimeOn(t, &askedStore{}, func(t *testing.T) *stage {
		s, _ := plainStage(t, peer.Options{})
		return s
	}, func(l *live) {
		l.shows(0, "following", "matched 120")
		l.counts.tail.Store(0)
		l.pass(30 * time.Second)
		if n := l.counts.tail.Load(); n > 3 {
			l.Errorf("the tail came to the loop %d times in 30 s", n)
		}
		for range 5 {
			l.pass(730 * time.Millisecond)
			l.write("order-7", 1)
			l.shows(150*time.Millisecond, l.written())
		}
	})
}
