package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// under is the number that the row under the cursor begins with: of a stream's
// messages the position, of others the global position.
func (s *stage) under() int64 {
	s.Helper()
	first := regexp.MustCompile(`▌ *([\d,]+) `).FindStringSubmatch(s.text())
	if first == nil {
		s.Fatalf("no row with a number is under the cursor:\n%s", s.text())
	}
	n, err := kit.ParsePosition(first[1])
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// until lets frames pass until the screen shows what.
func (s *stage) until(what string) {
	s.Helper()
	for range 200 {
		if strings.Contains(s.text(), what) {
			return
		}
		s.frames(1)
	}
	s.see(what)
}

// many is n streams of one message each.
func many(n int) []store.ImportMessage {
	out := make([]store.ImportMessage, n)
	for i := range out {
		at := pagetest.Noon.Add(time.Duration(i-n) * time.Millisecond)
		out[i].Message = store.Message{
			ID: store.NewID(at), Stream: fmt.Sprintf("order-%05d", i), Type: "Placed",
			GlobalPosition: int64(i + 1), Time: at, Data: []byte(`{}`),
		}
	}
	return out
}

func TestStreamsWalk(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.see("namespaces › default", "all streams", "account", "1–7 of 7")
	s.press("j", "enter")
	s.frames(2)
	s.see("default › account ", "account-1+retry", "1–3 of 3")
	s.press("enter")
	s.frames(2)
	s.see("account › account-1 ", "1–22 of 22")
	s.press("j", "enter")
	s.see("#20", `"amount": 110.50`, "9007199254740993")
	s.press(",")
	s.see("#21")
	s.press(".", ".")
	s.see("#19")
	s.press("J")
	s.see(`{"amount":104.50,"big":9007199254740993`)
	s.press("esc", "esc")
	s.see("default › account ")
	s.press("esc", "esc")
	s.see("namespaces ─", "1–1 of 1")
	s.press("esc") // nothing is outside
	s.see("namespaces ─")
}

func TestStreamsOrderAndSeek(t *testing.T) {
	s := newStage(t, 120, 20, pagetest.Shop())
	s.open()
	if m := s.under(); m != 21 {
		t.Fatalf("the newest stands first, got %d", m)
	}
	s.press("gp", "5", "enter")
	s.frames(1)
	if m := s.under(); m != 5 {
		t.Fatalf("went to position %d", m)
	}
	s.press("o")
	s.frames(2)
	s.see("oldest first")
	if m := s.under(); m != 0 {
		t.Fatalf("the oldest stands first, got %d", m)
	}
	s.press("gt", "11:59:00", "enter")
	s.frames(2)
	if m := s.under(); m == 0 {
		t.Fatal("stays on the first")
	}
	s.press("enter")
	s.see("time   2026-03-14 11:59:0")
	s.press("esc")
	s.press(":pos 60", "enter")
	s.frames(2)
	s.see("global 61 ") // the stream's first one from there on
	s.press("gt", "gibberish", "enter")
	s.see("needs a time")
}

func TestStreamsSeekInCategory(t *testing.T) {
	for _, order := range []string{"", "o"} {
		s := newStage(t, 120, 20, pagetest.Shop())
		s.frames(2)
		s.press("m")
		s.frames(2)
		s.press(order)
		s.frames(2)
		s.press("gp", "70", "enter")
		s.frames(3)
		if m := s.under(); m != 70 {
			t.Fatalf("order %q: went to %d", order, m)
		}
		after := map[string]int64{"": 69, "o": 71}[order]
		s.press("j")
		below := s.under()
		s.press("k", "k")
		if above := s.under(); below != after || above != 140-after {
			t.Fatalf("order %q: 70 stands between %d and %d", order, above, below)
		}
		s.press("gg", "gg")
		s.frames(3)
		if m, want := s.under(), map[string]int64{"": 120, "o": 1}[order]; m != want {
			t.Fatalf("order %q: the first row is %d, want %d", order, m, want)
		}
	}
}

func TestStreamsManyScrollLikeFew(t *testing.T) {
	const n = 5321
	s := newStage(t, 120, 40, many(n))
	s.frames(2)
	s.press("enter")
	s.frames(2)
	s.see("1–34 of 5,321") // known from the categories
	for range 10 {
		s.press("pgdown")
	}
	s.frames(1)
	s.see("order-00340")
	s.press("G")
	s.until("order-05320")
	s.see("order-05320", "of 5,321")
	s.press("gg")
	s.frames(2)
	s.see("order-00000")
}

func TestStreamsPrefixGoesToTheStore(t *testing.T) {
	s := newStage(t, 120, 40, many(3000))
	s.frames(2)
	s.press("enter", "\\", "order-0299", "enter")
	s.frames(2)
	s.see("prefix order-0299", "order-02990", "order-02999", "1–10 of 10")
	s.miss("order-00000")
	s.press("esc")
	s.frames(2)
	s.see("order-00000")
	s.miss("prefix order")
}

func TestStreamsFilterScans(t *testing.T) {
	s := newStage(t, 120, 40, many(9000))
	s.frames(2)
	s.press("m")
	s.frames(2)
	s.press("\\", "stream~order-0000?", "enter")
	s.until("1–10 of 10 ·")
	s.see("order-00009", "1–10 of 10 · 8,990 of 9,000 read are hidden")
	s.press("\\", "ctrl+u", "!stream~order-0000?", "enter")
	s.frames(2)
	s.see("order-08999")
	s.miss("order-00009")
}

func TestStreamsFollowNewMessages(t *testing.T) {
	s := newStage(t, 120, 20, pagetest.Shop())
	s.open()
	s.write("account-1", 3)
	s.frames(8)
	s.see(" 24 ", "1–14 of 25")
	if m := s.under(); m != 21 {
		t.Fatalf("the cursor left its row for %d", m)
	}
	s.press("G")
	on := s.under()
	row := rowOnScreen(s, fmt.Sprintf(" %d ", on))
	s.write("account-1", 5)
	s.frames(8)
	s.see("5 new, r")
	if m := s.under(); m != on || rowOnScreen(s, fmt.Sprintf(" %d ", on)) != row {
		t.Fatalf("the line being read moved to %d", m)
	}
	s.press("gg")
	s.frames(8)
	if m := s.under(); m != 29 {
		t.Fatalf("the first row is the newest, got %d", m)
	}
}

func TestStreamsOldestFirstGrows(t *testing.T) {
	s := newStage(t, 120, 20, pagetest.Shop())
	s.open()
	s.press("o")
	s.frames(2)
	s.press("G")
	s.write("account-1", 150)
	s.frames(10)
	if m := s.under(); m != 171 {
		t.Fatalf("the end went to 171, the cursor stands on %d", m)
	}
	// The same in a category, whose rows are not counted beforehand.
	s.press("esc", "esc")
	s.frames(8) // the category's count is of now
	s.press("m")
	s.frames(2)
	s.press("o")
	s.frames(2)
	s.press("G")
	s.frames(3)
	s.write("account-2", 130)
	s.frames(12)
	if m := s.under(); m != 400 {
		t.Fatalf("the end is 400, the cursor stands on %d", m)
	}
}

func TestStreamsCountsKeepUp(t *testing.T) {
	s := newStage(t, 120, 40, many(1200))
	s.frames(2)
	s.press("enter")
	s.frames(2)
	s.write("order-00003", 41)
	s.frames(15)
	s.see("order-00003                                42")
	s.press("G")
	s.frames(10)
	s.write("order-99999", 7) // behind the last row
	s.frames(15)
	s.see("of 1,201")
	s.press("G")
	s.see("order-99999")
}

func TestStreamsStaleReply(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(2)
	s.hold = true
	s.press("j", "enter")
	s.frames(2) // asks for account's streams
	s.press("esc", "j", "j", "j", "enter")
	s.release()
	s.frames(2)
	s.see("default › order ", "order-7", "order-8")
	s.miss("account-1")
}

func TestStreamsReplyOfAnotherNamespace(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.create("prod")
	s.frames(2)
	s.hold = true
	s.press("j", "enter")
	s.frames(1)
	held := s.held
	s.hold, s.held = false, nil
	s.press(":ns prod", "enter")
	s.see("namespaces › prod")
	for _, msg := range held {
		s.send(msg)
	}
	s.frames(2)
	s.miss("account")
}

// create makes an empty namespace.
func (s *stage) create(id string) {
	s.Helper()
	if _, err := s.app.cfg.Client.CreateNamespace(s.Context(), id, client.NamespaceOptions{}); err != nil {
		s.Fatal(err)
	}
}

func TestStreamsNamespaces(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.create("prod")
	s.press("esc")
	s.frames(15)
	s.see("prod", "default")
	s.press("j")
	s.frames(3)
	s.press("enter")
	s.frames(2)
	s.see("ns prod", "namespaces › prod")
	s.press(":ns nope", "enter")
	s.see("namespace nope")
	s.see("ns prod")
}

func TestStreamsSearch(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.open()
	s.press("/", "66.50", "enter")
	s.see("global 67 ")
	s.press("/", "no such thing", "enter")
	s.see("all 22 rows of this list searched")
	s.press("gg", "enter", "/", "tags", "enter")
	s.see("match 1 of 1")
	s.press("yj")
	s.see("copied the path owner.tags")
}

func TestStreamsCopy(t *testing.T) {
	for keys, want := range map[string]string{
		"yi": "copied the id 019cec37", "ys": "copied the stream account-1", "yy": "copied the data", "yc": "copied a curl call", "yv": "copied this view",
	} {
		s := newStage(t, 140, 40, pagetest.Shop())
		s.open()
		s.press(keys)
		s.see(want)
	}
}

func TestCurl(t *testing.T) {
	env := page.Env{Namespace: "it's", URL: "http://127.0.0.1:8080"}
	got := kit.Curl(env, "stream.get", "a'b-1", map[string]any{"position": 3})
	want := `curl -s 'http://127.0.0.1:8080/rpc' -H "Authorization: Bearer $EVTUI_TOKEN" ` +
		`-H 'X-Evtui-Namespace: it'\''s' -d '["stream.get","a'\''b-1",{"position":3}]'`
	if got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

func TestStreamsLocations(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.press(":stream order-7", "enter")
	s.frames(2)
	s.see("order › order-7")
	s.press("enter", "gk")
	s.frames(3)
	s.see("order messages")
	s.press("enter", "gs")
	s.frames(3)
	s.see("order › order-7")
	s.press(":category payment", "enter")
	s.frames(3)
	s.see("payment-9")
	s.press("t")
	s.frames(2)
	s.see("default › payment", "following")
	s.press("gs")
	s.frames(2)
	s.see("payment › payment-9")
	s.press(":category a-b", "enter")
	s.see("must not contain a dash")
	if strings.Contains(s.text(), "\x1b") {
		t.Fatal("an escape reached the screen")
	}
}

// TestNamespaceMadeByMistake: :create goes into the new namespace, where :delete
// is refused; at 80 columns, too, both say what there is to know.
func TestNamespaceMadeByMistake(t *testing.T) {
	s := newStage(t, 80, 24, pagetest.Shop())
	s.press(":create mistake", "enter")
	s.frames(2)
	s.see("ns mistake", "copied the token of the new namespace mistake; it is given only once")
	s.press(":delete mistake", "enter")
	s.see(":delete: you are in this namespace; :ns NAME goes to another one first")
	s.press(":ns default", "enter")
	s.frames(2)
	s.press(":delete mistake", "enter", "mistake", "enter")
	s.frames(2)
	s.see("deleted namespace mistake")
}
