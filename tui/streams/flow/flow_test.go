package flow

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// step is an event of a test's category.
type step struct{ stream, kind string }

// messages stores steps, two seconds apart up to noon.
func messages(steps ...step) []store.ImportMessage {
	positions := map[string]int64{}
	out := make([]store.ImportMessage, len(steps))
	for i, s := range steps {
		at := pagetest.Noon.Add(time.Duration(2*(i-len(steps))) * time.Second)
		out[i].Message = store.Message{
			ID: store.MakeID(at, [10]byte{byte(i), byte(i >> 8)}), Stream: s.stream, Type: s.kind,
			Position: positions[s.stream], GlobalPosition: int64(i + 1), Time: at, Data: []byte(`{}`),
		}
		positions[s.stream]++
	}
	return out
}

// orders are three orders, one of them cancelled, and one that never ends.
func orders() []store.ImportMessage {
	return messages(
		step{"order-1", "Placed"}, step{"order-2", "Placed"}, step{"other-1", "Noise"}, step{"order-3", "Placed"},
		step{"order-1", "Paid"}, step{"order-2", "Cancelled"}, step{"order-1", "Shipped"}, step{"order-3", "Paid"}, step{"order-3", "Paid"},
	)
}

func spec() page.Spec {
	return page.Spec{Name: "Flow", New: func(page.Setup) page.Pane {
		return New(page.Location{Page: page.Streams, Namespace: store.DefaultNamespace, Category: "order", Tab: "flow"}, 1<<32)
	}}
}

// stageOf shows the tab on messages, all of them read.
func stageOf(t *testing.T, w, h int, list []store.ImportMessage) *pagetest.Stage {
	t.Helper()
	s := pagetest.NewStage(t, w, h, spec(), page.Setup{}, list)
	s.Frames(2)
	return s
}

func TestTable(t *testing.T) {
	s := stageOf(t, 140, 30, orders())
	pagetest.Says(t, s.Text(), "8 messages 3 streams 4 types 8 transitions", "(start) Placed 3 100.0% – –",
		"Placed Paid 2 66.7% 8 s 8 s", "Placed Cancelled 1 33.3% 8 s 8 s", "Paid Paid 1 33.3% 2 s 2 s", "Cancelled (end) 1 100.0%")
	s.See("all read", "table", "1–8 of 8")
	s.Press("sf") // by from
	if s.Row("(start)") > s.Row("Cancelled") || s.Row("Cancelled") > s.Row("Shipped") {
		t.Errorf("by from the table is\n%s", s.Text())
	}
	s.Press("/", "Shipped", "enter")
	s.Press("enter")
	s.See("Paid → Shipped", "1 stream of 1 passage", "order-1", "1–1 of 1")
	s.Press("esc")
	s.See("8 transitions")
}

// TestTheSlowestPassageIsSeen: one of 200 took long, which no percentile tells of.
func TestTheSlowestPassageIsSeen(t *testing.T) {
	list := []step{{"order-1", "Placed"}}
	for i := range 199 {
		list = append(list, step{fmt.Sprintf("order-%d", i+2), "Placed"}, step{fmt.Sprintf("order-%d", i+2), "Paid"})
	}
	s := stageOf(t, 140, 30, messages(append(list, step{"order-1", "Paid"})...))
	pagetest.Says(t, s.Text(), "p50 p99 max", "Placed Paid 200 100.0% 2 s 2 s 13m 18s", "(start) Placed 200 100.0% – – –")
	s.Press("sm") // by max
	if s.Row("Paid") > s.Row("(start)") {
		t.Errorf("by max the table is\n%s", s.Text())
	}
	s = stageOf(t, 80, 24, messages(append(list, step{"order-1", "Paid"})...))
	pagetest.Says(t, s.Text(), "p50 p99 max", "13m 18s")
}

// TestEdgeLeadsToTheMessage opens the streams of a transition, and one of them.
func TestEdgeLeadsToTheMessage(t *testing.T) {
	s := stageOf(t, 100, 30, orders())
	s.Press("/", "Cancelled", "enter", "enter", "enter")
	want := page.Location{Page: page.Streams, Namespace: store.DefaultNamespace, Stream: "order-2", Position: 1, HasPosition: true}
	if got := s.Last.Wishes().GoTo; got == nil || !sameLocation(*got, want) {
		t.Errorf("it leads to %+v, want %+v", got, want)
	}
}

func sameLocation(a, b page.Location) bool {
	return a.Page == b.Page && a.Namespace == b.Namespace && a.Stream == b.Stream && a.Position == b.Position && a.HasPosition == b.HasPosition
}

func TestVariants(t *testing.T) {
	s := stageOf(t, 120, 30, orders())
	s.Press("tab", "tab")
	s.See("3 variants", "Placed → Paid×2", "Placed → Paid → Shipped", "order-3", "33.3%")
	s.Press("tab")
	s.See("table")
}

// TestLive takes in what comes, and marks what never was.
func TestLive(t *testing.T) {
	s := stageOf(t, 140, 30, orders())
	s.Miss("new")
	s.Write("order-2", 1) // of the type Written
	s.Frames(10)
	pagetest.Says(t, s.Text(), "9 messages")
	if line := strings.Split(ansi.Strip(s.Raw()), "\n")[s.Row("Cancelled       ")]; !strings.Contains(s.Text(), "new") {
		t.Errorf("what is new is not marked: %q\n%s", line, s.Text())
	}
	s.See("Written")
}

// TestPast reads up to the time cursor only.
func TestPast(t *testing.T) {
	s := stageOf(t, 140, 30, orders())
	s.Env.At = pagetest.Noon.Add(-12 * time.Second)
	s.Send(page.AtMsg{})
	s.Frames(2)
	pagetest.Says(t, s.Text(), "3 messages 3 streams 1 types 2 transitions")
	s.Env.At = time.Time{}
	s.Send(page.AtMsg{})
	s.Frames(2)
	pagetest.Says(t, s.Text(), "8 messages")
}

// TestWindow reads from a time on: streams that began before have no start.
func TestWindow(t *testing.T) {
	s := stageOf(t, 140, 30, orders())
	s.Press("gt", "11:59:50", "enter")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "5 messages 3 streams", "3 streams first seen past their beginning", "from 11:59:50",
		"Paid Paid 1", "(start) Placed ? ? ? ? ?", "Placed Cancelled ? ? ? ? ?", "not read")
	s.Press("esc")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "8 messages")
}

// TestElsewhere reads a server without evtui's additions, which cannot look times up
// and knows no transitions.
func TestElsewhere(t *testing.T) {
	s := pagetest.NewStage(t, 140, 30, spec(), page.Setup{}, nil)
	other := servertest.New(t, server.Config{}, servertest.Behind(func(h http.Handler) http.Handler { return peer.Handler(h, peer.Options{}) }))
	if err := other.Store.(store.Importer).Import(t.Context(), store.DefaultNamespace, orders()); err != nil {
		t.Fatal(err)
	}
	c, err := client.New("http://peer.internal", client.WithToken(other.Token), client.WithDialer(other.Dial))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	s.Client = c
	s.Send(page.ReconnectMsg{})
	s.Frames(2)
	pagetest.Says(t, s.Text(), "8 messages 3 streams 4 types 8 transitions", "Placed Paid 2 66.7% 8 s 8 s")
	s.Env.At = pagetest.Noon.Add(-12 * time.Second)
	s.Send(page.AtMsg{})
	s.Frames(2)
	pagetest.Says(t, s.Text(), "3 messages 3 streams 1 types 2 transitions")
	s.Env.At = time.Time{}
	s.Press("gt", "11:59:50", "enter")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "5 messages 3 streams", "3 streams first seen past their beginning")
	s.Miss("not read")
}

// TestStops stops on esc, and goes on by a key.
func TestStops(t *testing.T) {
	s := pagetest.NewStage(t, 120, 30, spec(), page.Setup{}, orders())
	s.Hold = true
	s.Send(page.ReconnectMsg{})
	if !s.Pane.Pane.(*pane).Within() {
		t.Fatal("esc would leave the tab while it reads")
	}
	s.Press("esc")
	s.Release()
	s.Frames(5)
	s.See("reading…")
	s.Press("+")
	s.Frames(2)
	pagetest.Says(t, s.Text(), "8 messages", "all read")
}

// TestGraph draws every transition with its count, at several sizes and without
// signs beyond ASCII.
func TestGraph(t *testing.T) {
	s := stageOf(t, 80, 24, orders())
	s.Press("tab")
	s.See("[ Placed ]", "(start)", "▼3", "▼2", "↻1", "8 of 8 transitions")
	s.Press("j", "enter")
	s.See("passage")
	s.Press("esc")
	s.Resize(160, 60)
	s.See("│ Placed │", "▼")
	s.Env.Theme = page.NewTheme(true, page.LookFull, true)
	if raw := ansi.Strip(s.Raw()); !strings.Contains(raw, "| Placed |") || regexp.MustCompile(`[─-▟▲▼↻→…]`).MatchString(raw) {
		t.Errorf("in ASCII the graph is\n%s", raw)
	}
	s.Resize(26, 20)
	s.See("not drawn")
}

// TestDrawingIsWhole draws random flows: what is drawn shows its count, and what is
// not is counted.
func TestDrawingIsWhole(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	theme := page.NewTheme(true, page.LookFull, false)
	for range 300 {
		g, positions := flow.New(flow.Limits{}), map[string]int64{}
		kinds := 1 + r.IntN(14)
		for i := range 1 + r.IntN(3000) {
			stream := fmt.Sprintf("s-%d", r.IntN(40))
			kind := fmt.Sprintf("Type%d", r.IntN(kinds)*r.IntN(2)+r.IntN(2))
			g.Take(flow.Event{Stream: stream, Type: kind, Position: positions[stream], Global: int64(i + 1), Time: pagetest.Noon})
			positions[stream]++
		}
		var rows []*row
		for _, tr := range g.Transitions() {
			rows = append(rows, &row{Transition: tr})
		}
		var d drawing
		w, h := 20+r.IntN(200), 3+r.IntN(60)
		d.make(rows, theme, w, h)
		if len(d.rows) != len(d.canvas.labels) {
			t.Fatalf("%d transitions are drawn, %d have labels", len(d.rows), len(d.canvas.labels))
		}
		for _, i := range d.rows {
			if line := d.canvas.render(d.canvas.labels[i], func(*cell) text.Pen { return text.Pen{} }); !regexp.MustCompile(`[▼▲↻│]` + text.Count(rows[i].Count) + `(\D|$)`).MatchString(line) {
				t.Fatalf("%+v, taken %d times, is not in its line %q of %d×%d", rows[i].Pair, rows[i].Count, line, w, h)
			}
		}
		for y := range d.canvas.cells {
			if line := d.canvas.render(y, func(*cell) text.Pen { return text.Pen{} }); text.Width(line) != w {
				t.Fatalf("line %d takes %d cells of %d: %q", y, text.Width(line), w, line)
			}
		}
	}
}

// TestHostile draws a flow of very many transitions and of names that would act on a
// terminal.
func TestHostile(t *testing.T) {
	var steps []step
	for i := range 2000 {
		steps = append(steps, step{fmt.Sprintf("order-%d", i%7), fmt.Sprintf("evil\u202e%d 日本語 with a name that goes on and on", i%700)})
	}
	s := stageOf(t, 80, 24, messages(steps...))
	for range 3 {
		if raw := s.Raw(); strings.ContainsRune(raw, '\u202e') {
			t.Error("a name is obeyed")
		}
		s.Press("tab")
	}
	s.Press("tab")
	s.See("not drawn")
}

func TestLinear(t *testing.T) {
	s := stageOf(t, 80, 24, orders())
	lines := strings.Join(s.Pane.Pane.(page.Linear).Linear(s.Env), "\n")
	for _, want := range []string{"flow of category order, table: all read", "> (start) to Placed: 3 times, 100.0% of what follows", "Placed to Paid: 2 times, 66.7% of what follows, p50 8 s, p99 8 s, max 8 s"} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	}
}

func TestCommandOfTheView(t *testing.T) {
	s := stageOf(t, 80, 24, orders())
	p := s.Pane.Pane.(*pane)
	if got := p.command(s.Env); got != "evtui flow order --url http://127.0.0.1:8080" {
		t.Errorf("copied is %q", got)
	}
	s.Press("yv")
	s.See("copied command")
}

// TestPromptOfNobody gives the tab a line that was typed for something else.
func TestPromptOfNobody(t *testing.T) {
	s := stageOf(t, 140, 30, orders())
	before := s.Text()
	s.Send(page.PromptMsg{ID: "draft-stream", Text: "zoo-1", State: page.PromptDone})
	s.Send(page.PromptMsg{ID: "draft-stream", Text: "-1s", State: page.PromptDone})
	if after := s.Text(); after != before {
		t.Errorf("it was taken for the time to read from:\n%s", after)
	}
}
