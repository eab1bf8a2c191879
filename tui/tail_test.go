package tui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

func (s *stage) tail() *tail { return s.app.panes[page.Tail].(*tail) }

// checkTail fails unless the tail accounts for every message: what was written
// is known to match, hidden, or not looked at yet; what matched is shown or in a
// fold; and rows and folds follow each other without a hole or an overlap.
func (s *stage) checkTail(written int64) {
	s.Helper()
	p := s.tail()
	known, unread := p.held.known, p.buffer.unread+p.held.unread()
	var shown, folded, unreadRows, last int64
	for i, r := range p.buffer.rows {
		from, to, n := r.fold.from, r.fold.to, r.fold.count
		if r.m != nil {
			from, to, n = r.m.GlobalPosition, r.m.GlobalPosition, 1
			shown++
		}
		known += r.fold.known
		folded += r.fold.folded()
		unreadRows += r.fold.unread()
		if r.hidden > 0 && (r.from <= last || r.from > from) {
			s.Fatalf("row %d: %d are hidden from %d on, between %d and %d", i, r.hidden, r.from, last, from)
		}
		if from <= last || to < from || n > to-from+1 || r.fold.unread() < 0 || r.fold.known < 0 || r.fold.left < 0 {
			s.Fatalf("row %d is [%d, %d] of %d (%d known, %d left) after %d", i, from, to, n, r.fold.known, r.fold.left, last)
		}
		last = to
	}
	if p.matched+p.hidden+unread != written {
		s.Fatalf("written %d, matched %d, hidden %d, unread %d", written, p.matched, p.hidden, unread)
	}
	if p.matched != shown+known || shown != p.buffer.shown || folded != p.buffer.folded || unreadRows != p.buffer.unread {
		s.Fatalf("matched %d; %d shown, %d known in folds, %d folded, %d unread; the buffer says %d, %d, %d",
			p.matched, shown, known, folded, unreadRows, p.buffer.shown, p.buffer.folded, p.buffer.unread)
	}
}

func TestTailShowsWhatIsWritten(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.press("3")
	s.frames(1)
	s.see("nothing was written so far")
	s.write("order-1", 3)
	s.frames(1)
	s.see("order-1", `{"n":3}`, "matched 3 · shown 3 · folded 0 · behind 0.2 s", "following")
	s.checkTail(3)
}

func TestTailFoldsAFlood(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.press("3")
	s.frames(1)
	s.write("order-1", 10)
	s.frames(1)
	const shown = 12 // half of the pane
	s.write("order-1", 3120+shown)
	s.frames(1)
	s.checkTail(3130 + shown)
	s.see("3,120 messages", "11–3130", `{"n":3142}`)
	// The fold stands right above the newest rows: enter loads its beginning.
	for range shown {
		s.press("up")
	}
	s.press("enter")
	s.checkTail(3130 + shown)
	s.see("scrolled back", `{"n":11}`)
	for s.tail().buffer.folded > 0 {
		row := s.tail().buffer.find(3131 - s.tail().buffer.folded)
		s.tail().grid.SetCursor(row)
		s.press("enter")
		s.checkTail(3130 + shown)
	}
}

func TestTailPause(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.press("3")
	s.write("order-1", 2)
	s.frames(1)
	s.send(key("space"))
	before := s.app.panes[page.Tail].(*tail).buffer.shown
	s.write("order-1", 50)
	s.frames(2)
	s.checkTail(52)
	s.see("paused, 50 since", "matched 52 · shown 2 · folded 50")
	if s.tail().buffer.shown != before {
		t.Fatal("a paused tail showed more")
	}
	s.send(key("space"))
	s.checkTail(52)
	s.see("following", "matched 52 · shown 52 · folded 0")
	// More than can be read becomes a fold.
	s.send(key("space"))
	s.write("order-1", 5000)
	s.frames(1)
	s.send(key("space"))
	s.checkTail(5052)
	s.see("5,000 messages", "53–5052")
}

func TestTailKeepsTheLineBeingRead(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.press("3")
	s.write("order-1", 80)
	s.frames(1)
	s.press("k", "k", "k")
	want := s.tail().current().GlobalPosition
	row := rowOnScreen(s, `{"n":77}`)
	var written int64 = 80
	for range 120 {
		s.write("order-2", 60)
		written += 60
		s.frames(1)
		if got := s.tail().current(); got == nil || got.GlobalPosition != want {
			t.Fatalf("the cursor left message %d for %v", want, got)
		}
		if now := rowOnScreen(s, `{"n":77}`); now != row {
			t.Fatalf("the line moved from row %d to %d", row, now)
		}
		s.checkTail(written)
	}
	s.see("scrolled back, G follows")
	s.press("G")
	s.frames(1)
	s.see("following")
	s.checkTail(written)
}

// rowOnScreen is the row in which the text stands.
func rowOnScreen(s *stage, what string) int {
	s.Helper()
	for i, line := range strings.Split(s.text(), "\n") {
		if strings.Contains(line, what) {
			return i
		}
	}
	s.Fatalf("%q is not on the screen:\n%s", what, s.text())
	return -1
}

// TestTailAccountsForEverything writes and presses keys at random. Whatever
// happens, no message is lost from the count.
func TestTailAccountsForEverything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	s := newStage(t, 100, 24, nil)
	s.press("3")
	s.frames(1)
	var written int64
	keys := []string{"k", "j", "G", "gg", "enter", "esc", "pgup", "pgdown", "f", "ctrl+u", "1", "3", " "}
	for range 300 {
		switch r.IntN(3) {
		case 0:
			n := []int{1, 5, 90, 150, 1200}[r.IntN(5)]
			s.write(fmt.Sprintf("c%d-%d", r.IntN(3), r.IntN(9)), n)
			written += int64(n)
		case 1:
			s.frames(1 + r.IntN(3))
		default:
			k := keys[r.IntN(len(keys))]
			if k == " " {
				s.send(key("space"))
			} else {
				s.press(k)
			}
		}
		s.raw()
	}
	s.press("3")
	s.frames(2)
	s.checkTail(written)
	if n := len(s.tail().buffer.rows); n > 2*tailRows+tailLoad {
		t.Fatalf("%d rows are kept", n)
	}
}

func TestTailCategoryAndFilter(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.write("order-1", 5)
	s.write("account-1", 4)
	s.press(":tail order", "enter")
	s.frames(1)
	s.see("default › order", "matched 5 · shown 5")
	s.miss("account-1")
	s.press("\\", `"n":3`, "enter")
	s.frames(1)
	s.see(`filter "n":3`, "matched 1 · shown 1 · hidden 4 · folded 0")
	s.write("order-1", 10_000) // more than a filter looks at in a frame
	s.frames(1)
	s.see("matched at least ", " unread")
	s.press("esc", "esc")
	s.frames(1)
	s.see("all categories", "following")
	s.press("\\", "type~[", "enter")
	s.see("without its ]")
}

func TestTailStaleReply(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.write("order-1", 5)
	s.write("account-1", 4)
	s.press("3")
	s.hold = true
	s.write("order-1", 1)
	s.frames(1) // asks for all categories; the answer is on its way
	s.press("c", "account", "enter")
	s.release()
	s.frames(1)
	s.miss("order-1")
	s.see("matched 4 · shown 4")
}

func TestTailRestartsAfterDeletion(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.press("3")
	s.write("order-1", 50)
	s.frames(1)
	if err := s.store.Truncate(t.Context(), store.DefaultNamespace); err != nil {
		t.Fatal(err)
	}
	s.write("order-2", 3)
	s.frames(1)
	s.see("order-2", "matched 3 · shown 3", "begins anew")
	s.miss("order-1")
}

func TestTailSeveralCategories(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.write("order-1", 5)
	s.write("account-1", 4)
	s.write("payment-1", 3)
	s.write("order-2", 2)
	s.press(":tail order account", "enter")
	s.frames(1)
	s.see("default › order + account", "matched 11 · shown 11 · folded 0")
	s.miss("payment")
	s.checkTail(11)
	s.write("payment-1", 150)
	s.write("account-2", 3)
	s.write("order-1", 1)
	s.frames(1)
	s.see("account-2", "matched 15 · shown 15")
	s.checkTail(15)
	// A flood in both folds, and unfolds to what was written.
	s.write("order-9", 900)
	s.write("account-9", 800)
	s.frames(1)
	s.checkTail(1715)
	s.see("messages", "folded")
	for s.tail().buffer.folded > 0 {
		for i, r := range s.tail().buffer.rows {
			if r.m == nil {
				s.tail().grid.SetCursor(i)
				break
			}
		}
		s.press("enter")
		s.checkTail(1715)
	}
	last := int64(0)
	for _, r := range s.tail().buffer.rows {
		if r.m.GlobalPosition <= last {
			t.Fatalf("message %d stands after %d", r.m.GlobalPosition, last)
		}
		last = r.m.GlobalPosition
	}
	s.press(":tail order 3/3", "enter")
	s.see("3/3 is no member")
	s.press(":tail a-b", "enter")
	s.see("must not contain a dash")
	s.press("esc")
	s.frames(1)
	s.see("all categories")
}

func TestTailShare(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	for i := range 30 {
		s.write(fmt.Sprintf("order-%d", i), 2)
	}
	var shares int64
	for member := range 3 {
		s.press(fmt.Sprintf(":tail order %d/3", member), "enter")
		s.frames(1)
		s.see(fmt.Sprintf("member %d/3", member), "hidden")
		s.checkTail(60)
		shares += s.tail().matched
		for _, r := range s.tail().buffer.rows {
			if !(store.Group{Member: member, Size: 3}).Owns(r.m.Stream) {
				t.Fatalf("member %d is shown %s", member, r.m.Stream)
			}
		}
	}
	if shares != 60 {
		t.Errorf("the three shares are %d messages of 60", shares)
	}
}

func TestParseTailed(t *testing.T) {
	for line, want := range map[string]string{
		"": "", "all": "", "order": "order", " order  account ": "order account", "order order": "order", "1/3": "1/3",
		`"my category" order 0/2`: `"my category" order 0/2`, `"1/3"`: `"1/3"`, "order 2/3 account": "order account 2/3",
	} {
		w, err := kit.ParseTailed(line)
		if err != nil || w.String() != want {
			t.Errorf("%q: %q, %v", line, w.String(), err)
			continue
		}
		if again, err := kit.ParseTailed(w.String()); err != nil || !again.Equal(w) {
			t.Errorf("%q reads back as %v, %v", w.String(), again, err)
		}
	}
	for _, line := range []string{"3/3", "-1/3", "0/0", "a-b"} {
		if w, err := kit.ParseTailed(line); err == nil {
			t.Errorf("%q is taken as %v", line, w)
		}
	}
}

func TestTailColumns(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	s.press("3")
	s.frames(2)
	s.press("C")
	s.see("columns", "data.amount", "data.owner.name", "metadata.traceId", "such as")
	s.press("\\", "trace", "enter")
	s.see("metadata.traceId")
	s.miss("data.amount")
	s.send(key("space"))
	s.press("C", "data.owner.tags[9", "enter")
	s.see("has no ]")
	s.press("]", "enter", "\\", "ctrl+u", "owner", "enter", "enter")
	s.see("traceId", "owner.tags[9]", "d663a929")
	s.press("C", "esc")
	s.see("traceId")
	s.press("yv")
	s.see("copied this view as a command")
}

// TestTailFilterAccountsForEverything is TestTailAccountsForEverything under a
// filter and a share, which hide.
func TestTailFilterAccountsForEverything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for _, what := range []string{"", "c0 c2", "1/2"} {
		s := newStage(t, 100, 24, nil)
		s.press("3", "\\", "stream~*-[0-4] or data.n<100", "enter")
		s.frames(1)
		s.press("c", what, "enter")
		s.frames(1)
		var written int64
		keys := []string{"k", "j", "G", "gg", "enter", "esc", "pgup", "pgdown", "f", "ctrl+u", "1", "3", " "}
		for range 80 {
			switch r.IntN(3) {
			case 0:
				n := []int{1, 5, 90, 150, 400, 2200}[r.IntN(6)]
				stream := fmt.Sprintf("c%d-%d", r.IntN(3), r.IntN(9))
				s.write(stream, n)
				if s.tail().what.Has(store.Category(stream)) {
					written += int64(n)
				}
			case 1:
				s.frames(1 + r.IntN(3))
			default:
				switch k := keys[r.IntN(len(keys))]; {
				case k == " ":
					s.send(key("space"))
				case k == "esc" && s.tail().open == nil: // takes the filter away
				default:
					s.press(k)
				}
			}
			s.raw()
		}
		s.press("3")
		s.frames(2)
		s.checkTail(written)
		// All that is folded is found, and then the count is exact.
		for range 20 {
			row := -1
			for i, x := range s.tail().buffer.rows {
				if x.m == nil && x.fold.unread() > 0 {
					row = i
				}
			}
			if row < 0 || s.tail().open != nil || s.tail().paused {
				break
			}
			s.tail().grid.SetCursor(row)
			s.press("enter")
			s.checkTail(written)
			if len(s.tail().buffer.rows) > tailRows {
				break // loading more would fold what was loaded
			}
		}
	}
}

// TestTailPauseWhileAnAnswerComes pauses when a page is on its way: what it
// holds is counted, and neither shown nor lost.
func TestTailPauseWhileAnAnswerComes(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.press("3")
	s.write("order-1", 2)
	s.frames(1)
	s.write("order-1", 7)
	s.hold = true
	s.frames(1)
	s.send(key("space"))
	s.release()
	s.checkTail(9)
	s.see("paused, 7 since", "matched 9 · shown 2 · folded 7")
	s.send(key("space"))
	s.frames(1)
	s.checkTail(9)
	s.see("matched 9 · shown 9 · folded 0")
}

func TestFilterFaultIsShownAsItIsTyped(t *testing.T) {
	for page, want := range map[string]string{"3": "matched", "2": "all streams"} {
		s := newStage(t, 120, 30, pagetest.Shop())
		s.press(page)
		s.frames(2)
		if page == "2" {
			s.press("m")
			s.frames(2)
		}
		s.press("\\", "type~Dep* and")
		s.miss("✗")
		s.press(" tpye=x")
		s.see("✗ filter, character 15: there is no field", `"tpye"`)
		s.press("enter")
		s.see("✗ filter, character 15", "type~Dep* and tpye=x") // the line stays open
		s.press("ctrl+u", "type~Dep*", "enter")
		s.frames(2)
		s.see("filter type~Dep*", "hidden", want)
		s.miss("✗")
	}
}
