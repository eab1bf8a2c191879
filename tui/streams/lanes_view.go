package streams

import (
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Widths of the lanes' parts, in cells.
const (
	laneClock = text.PreciseClockWidth // the time, on the left, of today
	laneLeast = 18
	laneMost  = 44
)

type laneSigns struct {
	bullet, alive, line, cross, out, in, right, left string
}

func laneSignsOf(ascii bool) laneSigns {
	if ascii {
		return laneSigns{"*", "|", "-", "+", "+", "+", ">", "<"}
	}
	return laneSigns{"●", "│", "─", "┼", "├", "┤", "▶", "◀"}
}

// view draws the lanes in exactly h lines of w cells.
func (l *lanes) view(env page.Env, w, h int) []string {
	l.env = env
	if l.theme.Serial != env.Theme.Serial || l.width != w {
		l.theme, l.width = env.Theme, w
		kit.RestyleGrid(l.grid, env.Theme)
	}
	l.grid.SetSize(w, h)
	l.arrange()
	l.grid.SetColumns([]grid.Column{{Title: l.header(), Min: 1, Flex: 1}})
	return l.grid.Lines()
}

// arrange chooses the lanes that are on the screen: those in which something
// happens in the rows that are seen. Where they do not fit, it is those around
// the lane of the row under the cursor, until h and l move on.
func (l *lanes) arrange() {
	first, last := l.grid.Visible()
	l.busy = l.busy[:0]
	own := 0
	current := l.grid.Cursor()
	for lane := range l.streams {
		if l.first[lane] >= last || l.last[lane] < first {
			continue
		}
		if current >= 0 && l.rows[current].lane == lane {
			own = len(l.busy)
		}
		l.busy = append(l.busy, lane)
	}
	room := max(l.width-4-l.clock(), 1)
	l.lane = min(max(room/max(len(l.busy), 1), laneLeast), laneMost, room)
	fit := max(room/l.lane, 1)
	if current != l.at {
		l.at = current
		l.left = max(min(l.left, own), own-fit+1)
	}
	l.left = max(min(l.left, len(l.busy)-fit), 0)
	l.shown = l.busy[l.left:min(l.left+fit, len(l.busy))]
}

func (l *lanes) header() string {
	line := text.Fit("time", l.clock())
	for _, lane := range l.shown {
		line += text.Fit(text.Shorten(text.Name(l.streams[lane]), l.lane-1), l.lane)
	}
	if l.left+len(l.shown) < len(l.busy) {
		line = text.TruncateWith(line, max(l.width-6, 1), ">")
	}
	return line
}

// cells draws one row: its message in its lane, and the arrow from its cause.
func (l *lanes) cells(i int, cells []grid.Cell) {
	if i >= len(l.rows) {
		return
	}
	r := l.rows[i]
	signs := laneSignsOf(l.theme.Sym.ASCII)
	var b strings.Builder
	b.WriteString(l.theme.Muted.Paint(text.Fit(text.PreciseClock(r.m.Time, l.env.Now), l.clock())))
	from := r.lane
	if r.cause >= 0 {
		from = l.rows[r.cause].lane
	}
	if !slices.Contains(l.shown, r.lane) {
		b.WriteString(l.aside(&r))
	} else {
		for at := range l.shown {
			b.WriteString(l.drawn(signs, i, at, from))
		}
	}
	cells[0] = grid.Cell{Text: b.String(), Styled: true}
}

// aside is a row whose lane is beside the screen: it says where, and what.
func (l *lanes) aside(r *laneRow) string {
	sign := "▶ "
	if len(l.shown) > 0 && r.lane < l.shown[0] {
		sign = "◀ "
	}
	if l.theme.Sym.ASCII {
		sign = map[string]string{"▶ ": "> ", "◀ ": "< "}[sign]
	}
	w := l.lane * len(l.shown)
	return l.pen(r.lane).Paint(sign) + l.theme.Muted.Paint(text.Fit(text.Shorten(text.Name(l.streams[r.lane]), w/2)+" "+l.label(r, w/2), w-2))
}

// drawn is a row's part in the lane at a place on the screen.
func (l *lanes) drawn(s laneSigns, row, at, from int) string {
	r, lane, width := &l.rows[row], l.shown[at], l.lane
	arrow := l.pen(from)
	line := strings.Repeat(s.line, max(width-1, 0))
	if at+1 < len(l.shown) && l.shown[at+1] == r.lane && from < r.lane {
		line = strings.Repeat(s.line, max(width-2, 0)) + s.right
	}
	alive := l.first[lane] < row && row <= l.last[lane]
	switch {
	case lane == r.lane:
		return l.bullet(s, r, from > lane, arrow, width)
	case lane == from && from < r.lane:
		return l.pen(lane).Paint(s.out) + arrow.Paint(line)
	case lane == from:
		return l.pen(lane).Paint(s.in) + text.Spaces(width-1)
	case lane > min(from, r.lane) && lane < max(from, r.lane):
		if alive {
			return l.pen(lane).Paint(s.cross) + arrow.Paint(line)
		}
		return arrow.Paint(s.line + line)
	case alive:
		return l.pen(lane).Paint(s.alive) + text.Spaces(width-1)
	}
	return text.Spaces(width)
}

// bullet is the message in its lane; an arrow may arrive from the right.
func (l *lanes) bullet(s laneSigns, r *laneRow, arrives bool, arrow text.Pen, width int) string {
	room := width - 3
	if arrives {
		room = width - 5
	}
	label := l.label(r, max(room, 1))
	out := l.pen(r.lane).Paint(s.bullet) + " " + l.theme.Text.Paint(label)
	rest := width - 2 - text.Width(label)
	if !arrives || rest < 2 {
		return out + text.Spaces(rest)
	}
	return out + " " + arrow.Paint(s.left+strings.Repeat(s.line, rest-2))
}

// label names a message in at most w cells, with the time since its cause; of a
// cause that is not among the rows, its stream.
func (l *lanes) label(r *laneRow, w int) string {
	behind := ""
	switch {
	case r.cause >= 0:
		behind = " +" + hop(r.m.Time.Sub(l.rows[r.cause].m.Time))
	case r.named.Way == causes.ByPlace:
		behind = " (" + text.Sanitize(r.named.Name) + ")"
	case r.named.Way != causes.None:
		behind = " (" + text.Sanitize(r.named.String()) + ")"
	}
	name := text.Sanitize(r.m.Type)
	if over := text.Width(name) + text.Width(behind) - w; over > 0 && r.cause >= 0 && text.Width(behind)+4 <= w {
		name = text.Truncate(name, w-text.Width(behind)) // the time says more than the end of the name
	}
	return text.Truncate(name+behind, w)
}

// hop writes the time of a hop; time never runs backwards inside a namespace,
// but clocks of imported messages may.
func hop(d time.Duration) string { return text.Duration(max(d, 0)) }

func (l *lanes) pen(lane int) text.Pen {
	if n := len(l.theme.Series); n > 0 {
		return l.theme.Series[lane%n]
	}
	return l.theme.Text
}

// clock is how many cells the times take, with a blank behind those that have a day.
func (l *lanes) clock() int {
	if len(l.rows) == 0 { // the first is the oldest
		return laneClock
	}
	return max(laneClock, text.Width(text.PreciseClock(l.rows[0].m.Time, l.env.Now))+1)
}
