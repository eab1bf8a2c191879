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

// hunt begins to look for text. here has the row under the cursor count.
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
	for h != nil && l.hunt == h {
		n, more := l.grid.Len()
		switch {
		case h.at < 0 && more:
			l.hunt = nil
			t.Toast(page.LevelWarn, "no match for %q above; G goes to the end, and N searches on from there", h.query)
		case h.at < 0, h.at >= n && !more:
			h.turn(n)
			if h.passed() {
				l.lost(t)
			}
		case h.passed():
			l.lost(t)
		case !l.pager.has(h.at) && !l.of.whole():
			return // pull asks for it
		case len(l.unjudged()) > 0:
			return // pull reads it
		default:
			l.meet(h)
		}
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

// meet looks at one row, and ends the search on it if it holds the text.
func (l *list) meet(h *hunt) {
	row := l.row(h.at)
	h.looked++
	if row != nil && (h.hits[rowKey(row)] || kit.ContainsFold([]byte(rowText(row)), h.needle)) {
		l.grid.SetCursor(h.at)
		l.hunt = nil
		return
	}
	h.at += h.step
}

// lost says what was looked through in vain.
func (l *list) lost(t *page.Turn) {
	h := l.hunt
	l.hunt = nil
	if l.of.kind == listStreams || l.of.kind == listCategories {
		t.Toast(page.LevelWarn, "no match for %q in all %s names; m opens the messages", h.query, text.Count(h.looked))
		return
	}
	what := "all " + text.Count(h.looked) + " rows of this list searched"
	if l.of.sifts() {
		what = "the " + text.Count(h.looked) + " rows that match the filter searched"
	}
	t.Toast(page.LevelWarn, "no match for %q: %s", h.query, what)
}

// chip says how far the search is while it asks the server.
func (h *hunt) chip() string {
	return "searching " + h.query + ": " + text.Count(h.looked) + " rows looked through, esc stops"
}
