package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// openKept puts a profile of the profiler's tests among those that are kept,
// and opens it on the page.
func openKept(s *pagetest.Stage, p *profilePage, file string) {
	s.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "profiler", "testdata", file))
	if err == nil {
		err = os.WriteFile(filepath.Join(p.views.kept.dir, file), data, 0o600)
	}
	if err != nil {
		s.Fatal(err)
	}
	s.Press("[") // kept
	s.See(strings.TrimSuffix(file, ".pb.gz"))
	s.Press("enter")
}

// TestProfileShowsEveryValue goes through the values of a profile that measures
// more than a kind of its own: each is named, and none is taken for CPU time.
func TestProfileShowsEveryValue(t *testing.T) {
	s, p := profileStage(t, 100, 24)
	openKept(s, p, "multi-value.pb.gz")
	s.See("from a file: lock_time (nanoseconds)", "shop.lockWait", "total 7s")
	s.Miss("CPU time")
	s.Press("t")
	s.See("from a file: cpu (nanoseconds)", "total 1s")
	seen := map[string]string{}
	for range 20 {
		if p.subject.typ.kind == "" && p.views.shown != nil {
			seen[p.subject.typ.title] = p.views.shown.view.Format(p.views.shown.view.Total())
		}
		s.Press("t")
	}
	for title, total := range map[string]string{"from a file: cpu (nanoseconds)": "1s", "from a file: lock_count": "3", "from a file: lock_time (nanoseconds)": "7s"} {
		if seen[title] != total {
			t.Errorf("%s is %q, want %q; seen %v", title, seen[title], total, seen)
		}
	}
}

// TestProfileShowsSigns opens a difference that is a file of its own.
func TestProfileShowsSigns(t *testing.T) {
	s, p := profileStage(t, 100, 24)
	openKept(s, p, "negative.pb.gz")
	s.See("a difference: 0 of 100ms on both sides", "▼-50ms", "▲50ms")
	s.Miss("cores busy")
	s.Press("]")
	s.See("▼m.f1", "▲m.f2")
	s.Press("down")
	s.See("-50ms")
}

// TestEveryViewHasSigns: growth is told from plain cost without colours in each of the
// views of a difference, and the signs have room.
func TestEveryViewHasSigns(t *testing.T) {
	s, p := profileStage(t, 100, 24)
	openKept(s, p, "negative.pb.gz")
	for p.views.current() != "m.f2" {
		s.Press("down")
	}
	s.Press("enter") // callers
	s.See("callers", "▲50ms", "m.f2  (itself ▲50ms)")
	s.Press("]") // source
	pagetest.Says(t, s.Raw(), "▲50ms ▲50ms")
	for _, v := range []int64{987_650_000, -987_650_000} {
		row := sourceRow{no: 7, text: "grow()", flat: v, cum: v}
		p.views.function.tookSource(s.Last, page.Reply{Value: []sourceRow{row}})
		s.See(p.views.signed(v, p.views.shown.view.Format(v)).Text + " ")
		calls := []callRow{{name: "m.f3", role: isSelf, weight: 1000 * v, flat: v, share: "123456.7%"}}
		p.views.function.tookCalls(s.Last, page.Reply{Value: calls})
		p.views.tab = profileCallers
		s.See(p.views.figure(1000*v).Text+" ", "123456.7%")
		p.views.tab = profileSource
	}
}

// TestProfileShowsEscapes shows names that are escapes, and obeys none.
func TestProfileShowsEscapes(t *testing.T) {
	s, p := profileStage(t, 100, 24)
	openKept(s, p, "escape-names.pb.gz")
	s.See("m.f␛]0;OWNED␇")
	for range profileTabs {
		s.Press("]")
		if strings.Contains(s.Raw(), "\x1b]0;OWNED") {
			t.Fatalf("%s obeys the name", p.views.tab)
		}
	}
}

// TestProfileShowsLongNames cuts a name in its middle, and shows the whole of
// the one under the cursor.
func TestProfileShowsLongNames(t *testing.T) {
	long := "github.com/example/shop/internal/warehouse/inventory.(*ReservationManager[go.shape.string,go.shape.int]).reserveStockForOrder.func1"
	raw := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}}}
	for i, name := range []string{long, "main.short"} {
		f := &profile.Function{ID: uint64(i + 1), Name: name, SystemName: name}
		l := &profile.Location{ID: uint64(i + 1), Line: []profile.Line{{Function: f}}}
		raw.Function, raw.Location = append(raw.Function, f), append(raw.Location, l)
		raw.Sample = append(raw.Sample, &profile.Sample{Location: []*profile.Location{l}, Value: []int64{int64(2-i) * 1e9}})
	}
	file := filepath.Join(t.TempDir(), "long.pb.gz")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Write(out); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	s, p := profileStage(t, 80, 24)
	captured(s, p, file)
	s.See("…", ".reserveStockForOrder.func1")
	joined := strings.Join(strings.Fields(s.Text()), "")
	if !strings.Contains(joined, long) {
		t.Errorf("the whole name is not to be seen:\n%s", joined)
	}
	s.Press("down")
	if joined := strings.Join(strings.Fields(s.Text()), ""); strings.Contains(joined, long) {
		t.Error("the whole name stays while the cursor is elsewhere")
	}
}
