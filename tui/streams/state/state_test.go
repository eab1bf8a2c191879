package state

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/internal/story/state/reduce"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestMain makes the test binary its own child, as evtui is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == state.Argument {
		os.Exit(reduce.Main(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// account is a stream of n deposits of 1 after it was opened, a second apart.
func account(n int) []store.ImportMessage {
	out := make([]store.ImportMessage, n+1)
	for i := range out {
		at := pagetest.Noon.Add(time.Duration(i-n-1) * time.Second)
		m := store.Message{
			ID: store.MakeID(at, [10]byte{byte(i >> 16), byte(i >> 8), byte(i)}), Stream: "account-1", Type: "Deposited", Position: int64(i),
			GlobalPosition: int64(i + 1), Time: at, Data: fmt.Appendf(nil, `{"amount":1,"last":{"n":%d}}`, i),
		}
		if i == 0 {
			m.Type, m.Data = "Opened", []byte(`{"owner":"ann","balance":1.10}`)
		}
		out[i].Message = m
	}
	return out
}

// jq are reducers for the tests: the one of the category, and files by name.
func jq(configured string, files map[string]string) page.Setup {
	return page.Setup{Reducers: page.Reducers{
		Runs: true,
		For: func(category string) (state.Definition, error) {
			return state.Definition{Name: "of category " + category, Category: category, Program: configured}, nil
		},
		File: func(name string) (state.Definition, error) {
			if program, ok := files[name]; ok {
				return state.Definition{Name: name, Program: program}, nil
			}
			return state.Definition{}, errors.New("no file " + name)
		},
	}}
}

// newTab shows the tab of account-1.
func newTab(t *testing.T, w, h int, setup page.Setup, messages []store.ImportMessage) (*pagetest.Stage, *tab) {
	t.Helper()
	var pane *tab
	spec := page.Spec{Name: page.Streams, New: func(s page.Setup) page.Pane {
		pane = New(page.Location{Page: page.Streams, Namespace: store.DefaultNamespace, Category: "account", Stream: "account-1"}, 1<<32).(*tab)
		pane.Equip(s)
		return pane
	}}
	s := pagetest.NewStage(t, w, h, spec, setup, messages)
	t.Cleanup(s.Hide)
	s.Frames(2)
	return s, pane
}

const sums = `.balance += ($event.data.amount // 0)`

func TestMergedState(t *testing.T) {
	s, _ := newTab(t, 160, 50, page.Setup{}, account(3))
	s.See("data merged, no jq over SSH", "following", "#3 of 4", "state after #3", `"n": 3`, `1.10`, "what #3 changed", "Opened")
	s.Press(",")
	s.See("#2 of 4", "state after #2", `"n": 2`)
	s.Miss("following")
	s.Press(",", ",", ",")
	s.See("#0 of 4", "state after #0", `"owner": "ann"`)
	s.Press("B")
	s.See("conditions are jq, which is not run here, over SSH")
}

func TestReducedState(t *testing.T) {
	s, _ := newTab(t, 160, 50, jq(sums, map[string]string{"count.jq": `.n += 1`, "bad.jq": `(`, "fails.jq": `if $event.position > 10 then error("too much") else .n += 1 end`}), account(300))
	s.See("jq of category account", "#300 of 301", `"balance": 300`, `"balance": 299`)
	s.Press("g", "p", "100", "enter")
	s.See("#100 of 301", `"balance": 100`)
	s.Press("g", "t", "-290s", "enter")
	s.See("#11 of 301", `"balance": 11`)
	s.Send(UseMsg{File: "count.jq"})
	s.See("states are made by jq count.jq", "#11 of 301", `"n": 12`)
	s.Press("yv")
	s.See("copied this view as a command")
	s.Send(UseMsg{File: "bad.jq"})
	s.See("the reducer is no jq", "unexpected")
	s.Miss("states are made by jq bad.jq")
	s.Send(UseMsg{File: "fails.jq"})
	s.See("the reducer failed at #11 (Deposited): error: too")
	s.Miss("states are made by jq fails.jq")
	s.Send(UseMsg{File: "nothing.jq"})
	s.See("no file nothing.jq")
	s.Send(UseMsg{File: "-"})
	s.See("data merged", `"owner": "ann"`)
	s.Send(UseMsg{})
	s.See("jq of category account", `"balance": 11`)
}

// TestFollowing takes new messages in without a key, and stays where the user is not
// at the end.
func TestFollowing(t *testing.T) {
	s, _ := newTab(t, 160, 50, jq(`.n += 1`, nil), account(3))
	s.See("#3 of 4", `"n": 4`)
	s.Write("account-1", 2)
	s.Frames(6)
	s.See("#5 of 6", `"n": 6`, "following")
	s.Press(",")
	s.Write("account-1", 1)
	s.Frames(6)
	s.See("#4 of 7", `"n": 5`)
	s.Press("f")
	s.See("#6 of 7", `"n": 7`, "following")
}

// TestUntil finds the first version, in one pass and by bisection.
func TestUntil(t *testing.T) {
	s, _ := newTab(t, 160, 50, jq(sums, nil), account(1000))
	s.Press("B", ".balance > 500", "enter")
	s.See("does it stay true once it holds?", "y bisects, in 11 steps; n looks at all 1,001 versions")
	s.Press("n")
	s.See(".balance > 500 holds first at #501: 502 versions asked", "#501 of 1,001", `"balance": 501`)
	s.Press("G", "B", "ctrl+u", ".balance > 20", "enter", "y")
	s.See("holds first at #21", "#21 of 1,001", `"balance": 21`)
	s.Press("B", "ctrl+u", ".balance < 0", "enter", "n")
	s.See(".balance < 0 never holds in 1,001 versions")
	s.Press("B", "ctrl+u", "(", "enter")
	s.See("the condition is no jq")
	s.Miss("does it stay true") // nothing is asked about what cannot be run
	s.Press("B", "enter")
	s.See("the condition is no jq")
}

// TestCompilingIsSaid: while the condition is compiled the title says so, and nothing
// else is asked; what comes after another condition was typed is nobody's.
func TestCompilingIsSaid(t *testing.T) {
	s, _ := newTab(t, 160, 50, jq(sums, nil), account(5))
	s.Hold = true
	s.Press("B", ".balance > 2", "enter")
	s.See("compiling .balance > 2…")
	s.Miss("does it stay true")
	s.Press("B", "ctrl+u", "(", "enter")
	s.See("compiling (…")
	s.Release()
	s.See("the condition is no jq")
	s.Miss("does it stay true", "compiling")
}

// TestAReducerFails says where and why, and keeps what there was.
func TestAReducerFails(t *testing.T) {
	s, _ := newTab(t, 160, 50, jq(`if $event.position == 2 then error("no such account") else .n += 1 end`, nil), account(5))
	s.See("the reducer failed at #2 (Deposited): error: no such", "account. The state before it is shown.", "state before #2", `"n": 2`)
	s.Press("g", "p", "1", "enter")
	s.See("state after #1", `"n": 2`)
	s.Miss("failed")
}

// TestWhatCostsMuchIsAskedFor reads 20,000 messages by itself, and says what more
// would cost.
func TestWhatCostsMuchIsAskedFor(t *testing.T) {
	s, p := newTab(t, 80, 24, page.Setup{}, account(21_000))
	s.See("not known yet", "the state at #21,000 needs 21,001 more messages read: + reads them")
	s.Miss("null")
	pagetest.Says(t, strings.Join(p.Linear(s.Env), "\n"), "state of account-1, data merged: not known yet", "+ reads them")
	s.Press("yy")
	s.See("the state is not known yet")
	s.Press("tab", "tab")
	s.See("change", "not known yet")
	s.Miss("null", "before - + after")
	s.Press("tab", "tab", "+")
	s.Frames(3)
	s.See("state after #21000", "21,001 messages read")
	s.Press(",")
	s.See("state after #20999")
}

// TestPositionsAreReadable: a position has its room however long the stream is.
func TestPositionsAreReadable(t *testing.T) {
	s, _ := newTab(t, 80, 24, page.Setup{}, account(12_345))
	s.See("12345 Deposited", "12341 Deposited")
	s.Env.Absolute = true
	s.See("12345 Deposited")
}

// TestNoMessageIsNull: before the first message the state is null, which is known.
func TestNoMessageIsNull(t *testing.T) {
	s, _ := newTab(t, 80, 24, page.Setup{}, nil)
	s.See("no messages", "null")
	s.Miss("not known")
}

// TestStoppedOnTheWay: a long way that was stopped leaves what it had come to, and going
// back shows the state that was there before it.
func TestStoppedOnTheWay(t *testing.T) {
	s, p := newTab(t, 160, 50, page.Setup{}, account(300))
	s.Press("g", "p", "100", "enter")
	s.See("#100 of 301", "state after #100")
	s.Hold = true
	s.Press("g", "p", "250", "enter")
	on := store.Message{Stream: "account-1", Type: "Deposited", Position: 120}
	s.Send(page.Reply{Gen: p.work.gen, Value: compared(state.Moment{Message: &on, State: state.Initial(), Before: state.Initial(), Next: 121}, 20)})
	s.See("#250 of 301", "state after #120")
	s.Press("esc")
	s.Release()
	s.See("#250 of 301", "state after #120")
	s.Press("g", "p", "100", "enter")
	s.See("#100 of 301", "state after #100", `"n": 100`)
	s.Press("g", "p", "250", "enter")
	s.See("#250 of 301", "state after #250", `"n": 250`)
}

// TestAtATime shows the stream as it was.
func TestAtATime(t *testing.T) {
	s, _ := newTab(t, 160, 50, jq(`.n += 1`, nil), account(100))
	s.Env.At = pagetest.Noon.Add(-60 * time.Second)
	s.Send(page.AtMsg{})
	s.Frames(2)
	s.See("#41 of 42", `"n": 42`)
	s.Env.At = pagetest.Noon.Add(-time.Hour)
	s.Send(page.AtMsg{})
	s.Frames(2)
	s.See("no messages", "nothing here is before", "null")
	s.Miss(`"n": 42`, "state after")
	s.Env.At = time.Time{}
	s.Send(page.AtMsg{})
	s.Frames(6)
	s.See("of 101")
}

// TestSizes draws the tab at any size, and each of its panes.
func TestSizes(t *testing.T) {
	s, p := newTab(t, 80, 24, jq(sums, nil), account(70))
	s.See("messages", "state after #70")
	s.Press("tab", "tab")
	s.See("what #70 changed · 1 difference")
	for _, size := range [][2]int{{3, 6}, {20, 8}, {40, 12}, {80, 24}, {120, 40}, {160, 50}, {250, 60}} {
		s.Resize(size[0], size[1])
		for range paneCount {
			s.Press("tab")
			s.Raw()
			s.Env.Zoomed = true
			s.Raw()
			s.Env.Zoomed = false
		}
	}
	said := strings.Join(p.Linear(s.Env), "\n")
	pagetest.Says(t, said, "state after #70 of account-1, jq of category account", "what #70 changed: 1 difference")
}

// TestAbsoluteTimes: times in full are shown where there is room for three panes.
func TestAbsoluteTimes(t *testing.T) {
	s, _ := newTab(t, 120, 30, page.Setup{}, account(3))
	s.Env.Absolute = true
	s.Frames(3)
	s.See("2026-03-14 ")
}
