package streams

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// hunt is a search on its way through a list: row after row from the cursor on
// and around the end. Rows that were not read, or were let go, are asked for.
type hunt struct {
	query  string
	needle []byte          // query in lower case
	step   int             // 1 or -1
	begun  int             // row at which it began
	at     int             // row that is looked at next
	round  bool            // it has gone around the end
	hits   map[string]bool // what was read whole last: whether it holds the text, by the rows' keys
	looked int64           // rows that were looked at
}

// search begins to look for text. here has the row under the cursor count.
func (l *list) search(t *page.Turn, query string, step int, here bool) {
	l.hunt = nil
	n, _ := l.grid.Len()
	if query == "" || n == 0 {
		return
	}
	at := max(l.grid.Cursor(), 0)
	if !here {
		at += step
	}
	l.toEnd = false
	l.hunt = &hunt{query: query, needle: []byte(strings.ToLower(query)), step: step, begun: at, at: at}
	l.look(t)
	l.pullOn(t)
}

// look goes through the rows at hand. It ends the search where it finds
// something and where nothing is left, and stops at a row that must be read.
func (l *list) look(t *page.Turn) {
	h := l.hunt
	if h == nil {
		return
	}
	n, more := l.grid.Len()
	switch h.walk(n, more, l.at) {
	case huntReads:
		return // pull asks for it
	case huntFound:
		l.grid.SetCursor(h.at)
	case huntLost:
		t.Toast(page.LevelWarn, "no match for %q%s", h.query, h.lookedThrough(&l.of))
	case huntAbove:
		t.Toast(page.LevelWarn, "no match for %q above; G goes to the end, and N searches on from there", h.query)
	}
	l.hunt = nil
}

// at returns a row, and whether it is known what stands there.
func (l *list) at(i int) (row any, known bool) { return l.row(i), l.of.whole() || l.pager.has(i) }

// hunted is where a search has come to.
type hunted int

const (
	huntReads hunted = iota // at a row that must be read
	huntFound               // at a row that holds the text
	huntLost                // around, in vain
	huntAbove               // at the first row, while the last one is not known
)

// walk looks at one row after the other of n, or of more, as far as they are
// known.
func (h *hunt) walk(n int, more bool, at func(i int) (row any, known bool)) hunted {
	for {
		switch {
		case h.at < 0 && more:
			return huntAbove
		case h.at < 0, h.at >= n && !more:
			h.turn(n)
			if h.passed() {
				return huntLost
			}
			continue
		case h.passed():
			return huntLost
		}
		row, known := at(h.at)
		if b, ok := row.(*kit.Brief); !known || ok && !h.knows(b) {
			return huntReads
		}
		h.looked++
		if row != nil && (h.hits[rowKey(row)] || kit.ContainsFold([]byte(rowText(row)), h.needle)) {
			return huntFound
		}
		h.at += h.step
	}
}

// turn goes around the end of n rows.
func (h *hunt) turn(n int) {
	if h.round {
		h.at = h.begun // twice around: nothing was found
		return
	}
	h.round = true
	if h.at = 0; h.step < 0 {
		h.at = n - 1
	}
}

// passed reports whether all rows were looked at.
func (h *hunt) passed() bool {
	return h.round && (h.step > 0 && h.at >= h.begun || h.step < 0 && h.at <= h.begun)
}

// lookedThrough says what was looked through in vain.
func (h *hunt) lookedThrough(of *source) string {
	switch {
	case of.kind == listStreams, of.kind == listCategories:
		return " in all " + text.Count(h.looked) + " names; m opens the messages"
	case of.sifts():
		return ": the " + text.Count(h.looked) + " rows that match the filter searched"
	}
	return ": all " + text.Count(h.looked) + " rows of this list searched"
}

// chip says how far the search is while it asks the server.
func (h *hunt) chip() string {
	return "searching " + h.query + ": " + text.Count(h.looked) + " rows looked through, esc stops"
}
