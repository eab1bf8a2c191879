package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// drawing draws the page, and puts it into words, from its state and says what it is on; it changes none of it.
type drawing struct{ *profilePage }

func (p *profilePage) drawing() drawing { return drawing{p} }

// View implements [page.Pane].
func (p *profilePage) View(env page.Env, w, h int) string {
	p.restyle(env.Theme)
	p.kept.zone, p.remote = env.Now.Location(), env.Remote
	head := p.drawing().head(env, w)[:p.drawing().headHeight(h)]
	return strings.Join(append(head, p.drawing().body(w, h-len(head))...), "\n")
}

func (p drawing) headHeight(h int) int { return min(2, h/4) }

func (p *profilePage) restyle(t page.Theme) {
	if p.theme.Serial == t.Serial {
		return
	}
	p.theme = t
	p.top.Restyle(&t)
	p.function.callers.Restyle(&t)
	p.function.source.Restyle(&t)
	p.kept.Restyle(&t)
	p.graph.restyle()
}

// head is the tabs and, under them, what is shown or being done.
func (p drawing) head(env page.Env, w int) []string {
	return []string{text.Fit(p.tabs().Line(&env.Theme), w), p.status(env, w)}
}

func (p drawing) tabs() kit.Tabs {
	line := kit.Tabs{On: int(p.tab)}
	for tab := range profileTabs {
		line.Labels = append(line.Labels, " "+tab.String()+" ")
	}
	return line
}

// status is one line: how far a capture is, what went wrong, or what is shown.
func (p drawing) status(env page.Env, w int) string {
	t := env.Theme
	switch {
	case p.captures.job != nil:
		words, share := p.captures.job.progress(env.Now)
		room := min(30, w/3)
		bar := chart.Bar{Value: share, Max: 1, Pen: t.Accent, TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
		return text.Fit(" "+bar.Line(room)+" "+t.Text.Paint(words)+t.Muted.Paint(", esc cancels"), w)
	case p.fault != "":
		return t.Bad.Paint(text.Fit(" "+text.Sanitize(p.fault), w))
	case p.shown == nil:
		return t.Muted.Paint(text.Fit(" nothing captured yet: c captures, t changes the type", w))
	}
	return t.Muted.Paint(text.Fit(" "+p.summary(env), w))
}

// summary says what is shown: of when, how long, how much, of whom.
func (p drawing) summary(env page.Env) string {
	about, view := p.shown.of.about, p.shown.view
	parts := []string{clockOf(about.Time, env.Now)}
	if of := about.Target; p.captures.program != nil && of != "" {
		parts = append(parts, "of "+of)
	}
	if d := p.shown.of.profile.Duration(); d > 0 {
		parts = append(parts, text.Duration(d))
	}
	total := view.Format(view.Total())
	if p.shown.base != nil {
		parts = append(parts, fmt.Sprintf("difference of %s to %s at %s", profileSigned(p.shown.flame.Value(0), view.Format),
			total, clockOf(p.shown.base.about.Time, env.Now)))
	} else if p.shown.flame.Signed() {
		parts = append(parts, fmt.Sprintf("a difference: %s of %s on both sides", profileSigned(p.shown.flame.Value(0), view.Format), total))
	} else {
		parts = append(parts, "total "+total)
	}
	if share := cores(p.shown); share != "" {
		parts = append(parts, share)
	}
	switch {
	case !view.Options().OmitUI, !p.shown.ours:
	case view.Profile().Labelled():
		parts = append(parts, "without the UI")
	default:
		parts = append(parts, "without the UI's code: this profile has no labels")
	}
	switch {
	case p.shown.of.about.ID != "":
		parts = append(parts, "saved as "+p.shown.of.about.ID)
	case p.shown.of.data == nil:
		parts = append(parts, "kept")
	}
	if p.shown.flame.Cut() {
		parts = append(parts, "flame graph cut at a hundred thousandth")
	}
	return text.Sanitize(strings.Join(parts, " "+env.Theme.Sym.Dot+" "))
}

func (p drawing) nothing() string {
	switch p.subject.typ.kind {
	case profiler.Mutex:
		return "nothing was recorded: nobody waited for a lock, or the program never calls runtime.SetMutexProfileFraction"
	case profiler.Block:
		return "nothing was recorded: nobody was blocked, or the program never calls runtime.SetBlockProfileRate"
	case profiler.CPU:
		return "no samples: the program used almost no CPU time meanwhile"
	default:
		return "nothing to show"
	}
}

// cores is how many processors a CPU profile kept busy; "" for other kinds.
func cores(s *shownProfile) string {
	d := s.of.profile.Duration()
	if s.view.Type().Unit != "nanoseconds" || s.view.Type().Type != "cpu" || d <= 0 || s.flame.Signed() {
		return ""
	}
	return fmt.Sprintf("%.2f cores busy", float64(s.view.Total())/float64(d))
}

func (p drawing) body(w, h int) []string {
	if h <= 0 {
		return nil
	}
	if p.shown == nil && (p.tab == profileTop || p.tab == profileFlame) {
		return p.empty(w, h)
	}
	if p.shown != nil && p.shown.flame.Total() == 0 && (p.tab == profileTop || p.tab == profileFlame) {
		return kit.WordLines(&p.theme, append([]string{""}, text.Wrap(p.nothing(), min(w-4, 76))...), w, h)
	}
	if p.tab != profileFlame {
		return p.list(w, h)
	}
	return p.graph.lines(w, h)
}

// list is the open table, and under it, in a line or two, the name under the
// cursor where the table has no room for the whole of it.
func (p drawing) list(w, h int) []string {
	g := p.table()
	g.SetFocus(true)
	g.SetSize(w, h)
	whole := p.whole(w, h)
	g.SetSize(w, h-len(whole))
	return append(slices.Clone(g.Lines()), whole...)
}

// mostWhole is how many lines a whole name may take.
const mostWhole = 3

// whole is the name under the cursor of top or callers, broken into lines; nil
// where it fits its column, or where there is no room for it.
func (p drawing) whole(w, h int) []string {
	if p.tab != profileTop && p.tab != profileCallers || h < 8 {
		return nil
	}
	column := topNames
	if p.tab == profileCallers {
		column = callNames
	}
	name := text.Sanitize(p.current())
	if text.Width(name) <= p.table().Width(column) {
		return nil
	}
	var lines []string
	for left := 0; left < text.Width(name) && len(lines) < mostWhole; left += w - 1 {
		lines = append(lines, p.theme.Title.Paint(" "+text.Cut(name, left, w-1)))
	}
	return lines
}

// clockOf prints a time of day, where it is for the user.
func clockOf(at, now time.Time) string { return at.In(now.Location()).Format("15:04:05") }

func profileSigned(v int64, format func(int64) string) string {
	if v > 0 {
		return "+" + format(v)
	}
	return format(v)
}

// empty explains what a capture would show.
func (p drawing) empty(w, h int) []string {
	words := append([]string{"", p.subject.typ.title, ""}, text.Wrap(p.subject.typ.kind.Explain(), min(w-4, 76))...)
	words = append(words, "", "c  capture", "t  another type", "+ _  longer, shorter: "+fmt.Sprintf("%d s", p.captures.seconds))
	if p.captures.program == nil && !p.remote {
		words = append(words, ":profile URL  another Go program, which serves net/http/pprof")
	}
	return kit.WordLines(&p.theme, words, w, h)
}
