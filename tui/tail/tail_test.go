package tail

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// stage is the page on a server.
type stage struct{ *pagetest.Stage }

func newStage(t *testing.T, w, h int, messages []store.ImportMessage) *stage {
	t.Helper()
	return &stage{pagetest.NewStage(t, w, h, Spec(), page.Setup{}, messages)}
}

func (s *stage) tail() *tail { return s.Pane.Pane.(*tail) }

// checkTail fails unless the tail accounts for every message: what was written
// is known to match, hidden, or not looked at yet; what matched is shown or in a
// fold; and rows and folds follow each other without a hole or an overlap.
func (s *stage) checkTail(written int64) {
	s.Helper()
	p := s.tail()
	known, unread := p.tally.held.known, p.list.buffer.unread+p.tally.held.unread()
	var shown, folded, unreadRows, last int64
	for i, r := range p.list.buffer.rows {
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
	if p.tally.matched+p.tally.hidden+unread != written {
		s.Fatalf("written %d, matched %d, hidden %d, unread %d", written, p.tally.matched, p.tally.hidden, unread)
	}
	if p.tally.matched != shown+known || shown != p.list.buffer.shown || folded != p.list.buffer.folded || unreadRows != p.list.buffer.unread {
		s.Fatalf("matched %d; %d shown, %d known in folds, %d folded, %d unread; the buffer says %d, %d, %d",
			p.tally.matched, shown, known, folded, unreadRows, p.list.buffer.shown, p.list.buffer.folded, p.list.buffer.unread)
	}
}

// random takes a key that may also leave the page, come back to it, or pause.
func (s *stage) random(key string) {
	s.Helper()
	switch key {
	case "1":
		s.Hide()
	case "3":
		s.Show()
	case " ":
		s.Press("space")
	default:
		s.Press(key)
	}
}

func TestTailShowsWhatIsWritten(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Frames(1)
	s.See("no messages yet")
	s.Write("order-1", 3)
	s.Frames(1)
	s.See("order-1", `{"n":3}`, "matched 3 · shown 3 · folded 0 · behind 0.2 s", "following")
	s.checkTail(3)
}

func TestTailFoldsAFlood(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Frames(1)
	s.Write("order-1", 10)
	s.Frames(1)
	const shown = 12 // half of the pane
	s.Write("order-1", 3120+shown)
	s.Frames(1)
	s.checkTail(3130 + shown)
	s.See("3,120 messages", "11–3130", `{"n":3142}`)
	// The fold stands right above the newest rows: enter loads its beginning.
	for range shown {
		s.Press("up")
	}
	s.Press("enter")
	s.checkTail(3130 + shown)
	s.See("scrolled back", `{"n":11}`)
	for s.tail().list.buffer.folded > 0 {
		row := s.tail().list.buffer.find(3131 - s.tail().list.buffer.folded)
		s.tail().list.grid.SetCursor(row)
		s.Press("enter")
		s.checkTail(3130 + shown)
	}
}

func TestTailPause(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 2)
	s.Frames(1)
	s.Press("space")
	before := s.tail().list.buffer.shown
	s.Write("order-1", 50)
	s.Frames(2)
	s.checkTail(52)
	s.See("paused, 50 new", "matched 52 · shown 2 · folded 50")
	if s.tail().list.buffer.shown != before {
		t.Fatal("a paused tail showed more")
	}
	s.Press("space")
	s.checkTail(52)
	s.See("following", "matched 52 · shown 52 · folded 0")
	// More than can be read becomes a fold.
	s.Press("space")
	s.Write("order-1", 5000)
	s.Frames(1)
	s.Press("space")
	s.checkTail(5052)
	s.See("5,000 messages", "53–5052")
}

func TestTailKeepsTheLineBeingRead(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 80)
	s.Frames(1)
	s.Press("k", "k", "k")
	want := s.tail().Message().GlobalPosition
	row := s.Row(`{"n":77}`)
	var written int64 = 80
	for range 120 {
		s.Write("order-2", 60)
		written += 60
		s.Frames(1)
		if got := s.tail().Message(); got == nil || got.GlobalPosition != want {
			t.Fatalf("the cursor left message %d for %v", want, got)
		}
		if now := s.Row(`{"n":77}`); now != row {
			t.Fatalf("the line moved from row %d to %d", row, now)
		}
		s.checkTail(written)
	}
	s.See("scrolled back, G to follow")
	s.Press("G")
	s.Frames(1)
	s.See("following")
	s.checkTail(written)
}

// TestTailAccountsForEverything writes and presses keys at random. Whatever
// happens, no message is lost from the count.
func TestTailAccountsForEverything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	s := newStage(t, 100, 24, nil)
	s.Frames(1)
	var written int64
	keys := []string{"k", "j", "G", "gg", "enter", "esc", "pgup", "pgdown", "f", "ctrl+u", "1", "3", " "}
	for range 300 {
		switch r.IntN(3) {
		case 0:
			n := []int{1, 5, 90, 150, 1200}[r.IntN(5)]
			s.Write(fmt.Sprintf("c%d-%d", r.IntN(3), r.IntN(9)), n)
			written += int64(n)
		case 1:
			s.Frames(1 + r.IntN(3))
		default:
			k := keys[r.IntN(len(keys))]
			s.random(k)
		}
		s.Raw()
	}
	s.Show()
	s.Frames(2)
	s.checkTail(written)
	if n := len(s.tail().list.buffer.rows); n > 2*tailRows+tailLoad {
		t.Fatalf("%d rows are kept", n)
	}
}

func TestTailCategoryAndFilter(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 5)
	s.Write("account-1", 4)
	s.Press(":tail order", "enter")
	s.Frames(1)
	s.See("default › order", "matched 5 · shown 5")
	s.Miss("account-1")
	s.Press("\\", `"n":3`, "enter")
	s.Frames(1)
	s.See(`filter "n":3`, "matched 1 · shown 1 · hidden 4 · folded 0")
	s.Write("order-1", 10_000) // more than a filter looks at in a frame
	s.Frames(1)
	s.See("matched at least ", " unread")
	s.Press("esc", "esc")
	s.Frames(1)
	s.See("all categories", "following")
	s.Press("\\", "type~[", "enter")
	s.See("without its ]")
}

func TestTailStaleReply(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 5)
	s.Write("account-1", 4)
	s.Hold = true
	s.Write("order-1", 1)
	s.Frames(1) // asks for all categories; the answer is on its way
	s.Press("c", "account", "enter")
	s.Release()
	s.Frames(1)
	s.Miss("order-1")
	s.See("matched 4 · shown 4")
}

func TestTailRestartsAfterDeletion(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 50)
	s.Frames(1)
	if err := s.Store.(store.Importer).Truncate(t.Context(), store.DefaultNamespace); err != nil {
		t.Fatal(err)
	}
	s.Write("order-2", 3)
	s.Frames(1)
	s.See("order-2", "matched 3 · shown 3", "restarted")
	s.Miss("order-1")
}

// TestTailRestartsWhilePaused begins anew while the display is held, for whatever reason:
// what it begins with is shown, what comes later is held, and going on shows that.
func TestTailRestartsWhilePaused(t *testing.T) {
	remove := func(s *stage) {
		if err := s.Store.(store.Importer).Truncate(s.Context(), store.DefaultNamespace); err != nil {
			s.Fatal(err)
		}
		s.Write("order-2", 3)
	}
	for name, c := range map[string]struct {
		restart func(*stage)
		begins  int64 // messages that match then
		says    string
	}{
		"removed":  {remove, 3, "messages were removed; tail restarted"},
		"filter":   {func(s *stage) { s.Press("\\", "data.n!=2", "enter") }, 49, "hidden 1"},
		"category": {func(s *stage) { s.Write("other-1", 6); s.Press("c", "other", "enter") }, 6, ""},
		"again":    {func(s *stage) { s.Press("r") }, 50, ""},
	} {
		for _, more := range []int{4, 300} {
			s := newStage(t, 120, 90, nil)
			s.Write("order-1", 50)
			s.Frames(1)
			s.Press("space")
			c.restart(s)
			s.Frames(2)
			begins := fmt.Sprintf("matched %d · shown %d", c.begins, c.begins)
			s.See("paused, 0 new", begins, c.says)
			s.Write("other-2", more)
			s.Frames(2)
			s.See(fmt.Sprintf("shown %d", c.begins), "paused, "+text.Count(int64(more))+" new")
			s.Press("space")
			s.Frames(2)
			s.See("following", "matched "+text.Count(c.begins+int64(more))+" ")
			s.Miss("restarted", "paused")
			if t.Failed() {
				t.Fatal(name)
			}
		}
	}
}

// TestTailPausedInThePast moves the time cursor while the display is held.
func TestTailPausedInThePast(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 5)
	s.Frames(1)
	s.Write("order-1", 1)
	s.Frames(10)
	s.Press("space")
	at := s.Env.Now.Add(-time.Second)
	s.Env.At = at
	s.Send(page.AtMsg{})
	s.Frames(1)
	s.See("as of", "matched 6 · shown 6", `{"n":6}`)
	s.Press("space")
	s.Frames(1)
	s.See("as of", "matched 6 · shown 6", `{"n":6}`)
	s.Press("space")
	s.Env.At = time.Time{}
	s.Send(page.AtMsg{})
	s.Frames(1)
	s.See("paused, 0 new", "matched 6 · shown 6")
}

func TestTailSeveralCategories(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 5)
	s.Write("account-1", 4)
	s.Write("payment-1", 3)
	s.Write("order-2", 2)
	s.Press(":tail order account", "enter")
	s.Frames(1)
	s.See("default › order + account", "matched 11 · shown 11 · folded 0")
	s.Miss("payment")
	s.checkTail(11)
	s.Write("payment-1", 150)
	s.Write("account-2", 3)
	s.Write("order-1", 1)
	s.Frames(1)
	s.See("account-2", "matched 15 · shown 15")
	s.checkTail(15)
	// A flood in both folds, and unfolds to what was written.
	s.Write("order-9", 900)
	s.Write("account-9", 800)
	s.Frames(1)
	s.checkTail(1715)
	s.See("messages", "folded")
	for s.tail().list.buffer.folded > 0 {
		for i, r := range s.tail().list.buffer.rows {
			if r.m == nil {
				s.tail().list.grid.SetCursor(i)
				break
			}
		}
		s.Press("enter")
		s.checkTail(1715)
	}
	last := int64(0)
	for _, r := range s.tail().list.buffer.rows {
		if r.m.GlobalPosition <= last {
			t.Fatalf("message %d stands after %d", r.m.GlobalPosition, last)
		}
		last = r.m.GlobalPosition
	}
	s.Press(":tail order 3/3", "enter")
	s.See("3/3 is no member")
	s.Press(":tail a-b", "enter")
	s.See("must not contain a dash")
	s.Press("esc")
	s.Frames(1)
	s.See("all categories")
}

func TestTailShare(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	for i := range 30 {
		s.Write(fmt.Sprintf("order-%d", i), 2)
	}
	var shares int64
	for member := range 3 {
		s.Press(fmt.Sprintf(":tail order %d/3", member), "enter")
		s.Frames(1)
		s.See(fmt.Sprintf("member %d/3", member), "hidden")
		s.checkTail(60)
		shares += s.tail().tally.matched
		for _, r := range s.tail().list.buffer.rows {
			if !(store.Group{Member: member, Size: 3}).Owns(r.m.Stream) {
				t.Fatalf("member %d is shown %s", member, r.m.Stream)
			}
		}
	}
	if shares != 60 {
		t.Errorf("the three shares are %d messages of 60", shares)
	}
}

func TestTailColumns(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	s.Frames(2)
	s.Press("C")
	s.See("columns", "data.amount", "data.owner.name", "metadata.traceId", "such as")
	s.Press("\\", "trace", "enter")
	s.See("metadata.traceId")
	s.Miss("data.amount")
	s.Press("space")
	s.Press("C", "data.owner.tags[9", "enter")
	s.See("has no ]")
	s.Press("]", "enter", "\\", "ctrl+u", "owner", "enter", "enter")
	s.See("traceId", "owner.tags[9]", "d663a929")
	s.Press("C", "esc")
	s.See("traceId")
	s.Press("yv")
	s.See("copied this view as a command")
	s.Send(page.NamespaceMsg{}) // another one, as Streams does
	s.Frames(1)
	s.See("owner.tags[9]", "matched ")
}

// TestTailFilterAccountsForEverything is TestTailAccountsForEverything under a
// filter and a share, which hide.
func TestTailFilterAccountsForEverything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for _, what := range []string{"", "c0 c2", "1/2"} {
		s := newStage(t, 100, 24, nil)
		s.Press("\\", "stream~*-[0-4] or data.n<100", "enter")
		s.Frames(1)
		s.Press("c", what, "enter")
		s.Frames(1)
		var written int64
		keys := []string{"k", "j", "G", "gg", "enter", "esc", "pgup", "pgdown", "f", "ctrl+u", "1", "3", " "}
		for range 80 {
			switch r.IntN(3) {
			case 0:
				n := []int{1, 5, 90, 150, 400, 2200}[r.IntN(6)]
				stream := fmt.Sprintf("c%d-%d", r.IntN(3), r.IntN(9))
				s.Write(stream, n)
				if s.tail().what.Has(store.Category(stream)) {
					written += int64(n)
				}
			case 1:
				s.Frames(1 + r.IntN(3))
			default:
				switch k := keys[r.IntN(len(keys))]; {
				case k == "esc" && s.tail().front.open == nil: // takes the filter away
				default:
					s.random(k)
				}
			}
			s.Raw()
		}
		s.Show()
		s.Frames(2)
		s.checkTail(written)
		// All that is folded is found, and then the count is exact.
		for range 20 {
			row := -1
			for i, x := range s.tail().list.buffer.rows {
				if x.m == nil && x.fold.unread() > 0 {
					row = i
				}
			}
			if row < 0 || s.tail().front.open != nil || s.tail().tally.paused {
				break
			}
			s.tail().list.grid.SetCursor(row)
			s.Press("enter")
			s.checkTail(written)
			if len(s.tail().list.buffer.rows) > tailRows {
				break // loading more would fold what was loaded
			}
		}
	}
}

// TestTailPauseWhileAnAnswerComes pauses when a page is on its way: what it
// holds is counted, and neither shown nor lost.
func TestTailPauseWhileAnAnswerComes(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.Write("order-1", 2)
	s.Frames(1)
	s.Write("order-1", 7)
	s.Hold = true
	s.Frames(1)
	s.Press("space")
	s.Release()
	s.checkTail(9)
	s.See("paused, 7 new", "matched 9 · shown 2 · folded 7")
	s.Press("space")
	s.Frames(1)
	s.checkTail(9)
	s.See("matched 9 · shown 9 · folded 0")
}

// TestTailSaysForWhomTheHeadWaits is about a database that others write to: what they
// wrote behind a transaction that has not ended is not shown, and the tail says so.
func TestTailSaysForWhomTheHeadWaits(t *testing.T) {
	p := pagetest.New(newTail(), page.LookMono)
	pane := p.Pane.(*tail)
	p.Env.Live.Info.Witness = true
	ask := func() (gens int) {
		for _, a := range p.Send(page.FrameMsg{}) {
			if a.Gen == pane.notice.gen {
				gens++
			}
		}
		return gens
	}
	p.Send(page.ShowMsg{})
	if n := ask(); n != 1 {
		t.Fatalf("%d questions", n)
	}
	const waits = "the settled head waits at 900, for 8.1s now, for process 71 of shop"
	p.Send(page.Reply{Gen: pane.notice.gen, Value: store.Namespace{Notice: waits}})
	if view := p.View(t, 120, 12); !strings.Contains(view, waits) {
		t.Errorf("it does not say that it waits:\n%s", view)
	}
	if n := ask(); n != 0 {
		t.Errorf("%d questions in the same second", n)
	}
	p.Env.Now = p.Env.Now.Add(2 * time.Second)
	if n := ask(); n != 1 {
		t.Errorf("%d questions after two seconds", n)
	}
	p.Send(page.Reply{Gen: pane.notice.gen, Value: store.Namespace{}})
	if view := p.View(t, 120, 12); strings.Contains(view, "waits") {
		t.Errorf("it still says that it waits:\n%s", view)
	}
	p.Env.Live.Info.Witness, p.Env.Now = false, p.Env.Now.Add(2*time.Second)
	if n := ask(); n != 0 {
		t.Error("an engine of evtui's own is asked")
	}
}
