package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// storage is where a namespace's bytes lie, measured on request.
type storage struct {
	of    string // the namespace that was measured
	found *store.Storage
	at    time.Time
	took  time.Duration
	fault string

	gen    uint64 // of the measurement under way; 0: none
	asked  string // the namespace that is being measured
	began  time.Time
	cancel context.CancelFunc // nil: none is under way
}

// measure measures a namespace, unless that is being done.
func (s *storage) measure(t *page.Turn, gen *uint64, namespace string) {
	if s.gen != 0 || namespace == "" {
		return
	}
	call, cancel := kit.Stoppable(func(ctx context.Context, c *client.Client) (any, error) { return c.In("").Storage(ctx, namespace) })
	*gen++
	*s = storage{of: s.of, found: s.found, at: s.at, took: s.took, gen: *gen, asked: namespace, began: t.Now, cancel: cancel}
	t.Ask(*gen, call)
}

// replied takes what a measurement brought.
func (s *storage) replied(t *page.Turn, msg page.Reply) {
	s.gen, s.cancel = 0, nil
	found, ok := msg.Value.(store.Storage)
	switch {
	case msg.Err == nil && ok:
		slices.SortStableFunc(found.Families, func(a, b store.StorageFamily) int { return int(min(max(b.Bytes-a.Bytes, -1), 1)) })
		s.of, s.found, s.at, s.took, s.fault = s.asked, &found, t.Now, t.Now.Sub(s.began), ""
	case errors.Is(msg.Err, context.Canceled):
		s.fault = "the measurement was cancelled"
	case client.Unreachable(msg.Err):
		s.fault = "the server went away meanwhile"
	case kit.NoEngine(msg.Err) != "":
		s.fault = kit.NoEngine(msg.Err)
	case msg.Err != nil:
		s.fault = msg.Err.Error()
	}
}

// view draws the storage tab of a namespace in exactly h lines.
func (s *storage) view(t *page.Theme, namespace string, now time.Time, w, h int) []string {
	var lines []string
	say := func(pen text.Pen, words string) {
		lines = append(lines, pen.Paint(text.Fit(" "+text.Sanitize(words), w)))
	}
	switch {
	case s.gen != 0:
		say(t.Accent, "measuring "+s.asked+t.Sym.Ellipsis+" "+kit.ShortDuration(now.Sub(s.began).Truncate(100*time.Millisecond))+", esc cancels")
	case s.fault != "":
		say(t.Bad, s.fault)
	case s.found == nil || s.of != namespace:
		say(t.Text, "Storage by kind of key is measured on request only: press r, or enter on this tab.")
		say(t.Muted, "It opens the namespace and reads the indexes of all its tables,")
		say(t.Muted, "which can take seconds. It changes nothing.")
	}
	if s.found != nil && s.of == namespace {
		lines = append(lines, families(t, s.found, w)...)
		say(t.Muted, "measured "+text.Clock(s.at, now)+" in "+kit.ShortDuration(s.took)+"; families estimated from the tables' indexes")
	}
	return kit.Filled(lines, w, h)
}

// families is the table of the key families, largest first, with what is in
// none of them.
func families(t *page.Theme, s *store.Storage, w int) []string {
	bar := max(w-14-10-8-12-5, 0)
	row := func(name string, bytes int64, pen text.Pen) string {
		line := " " + pen.Paint(text.Fit(text.Sanitize(name), 14)) + " " + pen.Paint(text.FitLeft(text.Bytes(float64(bytes)), 10)) +
			t.Muted.Paint(text.FitLeft(text.Percent(float64(bytes), float64(s.Total)), 8)) +
			t.Muted.Paint(text.FitLeft(perMessage(bytes, s.Messages), 12))
		b := chart.Bar{Value: float64(bytes), Max: float64(s.Total), Pen: t.Series[0], TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
		if bar >= 8 {
			line += "  " + b.Line(bar)
		}
		return text.Fit(line, w)
	}
	lines := []string{t.Muted.Paint(text.Fit(" "+text.Fit("family", 14)+text.FitLeft("bytes", 11)+text.FitLeft("share", 8)+text.FitLeft("a message", 12), w))}
	rest := s.Total
	for _, f := range s.Families {
		lines = append(lines, row(f.Name, f.Bytes, t.Text))
		rest -= f.Bytes
	}
	if rest > 0 {
		lines = append(lines, row("log and rest", rest, t.Muted))
	}
	return append(lines, row("on disk", s.Total, t.Title))
}

// perMessage is a size divided by the messages there are.
func perMessage(bytes, messages int64) string {
	if messages <= 0 {
		return "–"
	}
	return text.Bytes(float64(bytes) / float64(messages))
}
