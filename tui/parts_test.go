package tui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestOneMeaningPerKey holds the rule that a key means the same everywhere: in
// no state of a page do two actions share a key.
func TestOneMeaningPerKey(t *testing.T) {
	seen := map[page.Action]bool{}
	for _, b := range registry().catalogue() {
		if seen[b.Action] {
			t.Errorf("%s stands twice in the catalogue", b.Action)
		}
		seen[b.Action] = true
		if len(b.Keys) == 0 || b.Help == "" {
			t.Errorf("%s has no keys or no help", b.Action)
		}
	}
	shell := registry().shellBindings()
	for _, p := range pages() {
		s := newStage(t, 120, 40, pagetest.Shop())
		s.press(digitOf(p))
		for range 5 {
			s.frames(2)
			checkKeys(t, p, append(slices.Clone(s.app.panes[p].Bindings()), shell...))
			s.press("enter")
		}
	}
}

func checkKeys(t *testing.T, name page.Name, bindings []page.Binding) {
	t.Helper()
	meaning := map[string]page.Action{}
	for _, b := range bindings {
		for _, k := range b.Keys {
			// Less is "-" on Groups, by the word; elsewhere it is the last view.
			if was, ok := meaning[k]; ok && was != b.Action && !(was == page.ActLess && b.Action == page.ActLast) {
				t.Errorf("page %s: %q means %s and %s", name, k, was, b.Action)
			}
			meaning[k] = b.Action
		}
	}
	for k := range meaning {
		if first, _, two := strings.Cut(k, " "); two && meaning[first] != "" {
			t.Errorf("page %s: %q can never be typed, %q acts at once", name, k, first)
		}
	}
}

// TestPagerAgainstAList compares the window with the whole list, under random
// scrolling, with pages of any completeness.
func TestPagerAgainstAList(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	for range 40 {
		n := r.IntN(3000)
		p := newPager(cursor{}, pageRows)
		read := func(at cursor) pageReply {
			rows := min(pageRows, n-int(at.pos))
			part := rows
			if r.IntN(3) == 0 {
				part = r.IntN(rows + 1)
			}
			reply := pageReply{next: cursor{pos: at.pos + int64(part)}, last: int(at.pos)+part >= n}
			for i := range part {
				reply.rows = append(reply.rows, int(at.pos)+i)
			}
			return reply
		}
		for range 300 {
			first := r.IntN(p.rows + 50)
			last := first + r.IntN(60)
			if page, at, ok := p.want(first, last); ok {
				if rest := pageRows - len(p.pages[page]); rest < pageRows {
					reply := read(at)
					reply.rows = reply.rows[:min(len(reply.rows), rest)]
					reply.next.pos = at.pos + int64(len(reply.rows))
					reply.last = int(reply.next.pos) >= n
					reply.page = page
					p.take(reply)
				} else {
					reply := read(at)
					reply.page = page
					p.take(reply)
				}
			}
			p.trim(first, last)
			for i := range p.rows + 5 {
				if row := p.row(i); row != nil && row != i {
					t.Fatalf("row %d of %d is %v", i, n, row)
				}
			}
			if p.done && p.rows != n {
				t.Fatalf("done with %d rows of %d", p.rows, n)
			}
		}
	}
}

func TestCrumbsKeepTheInnermost(t *testing.T) {
	theme := page.NewTheme(true, page.LookMono, false)
	parts := []string{"namespaces", "default", "account", "account-\x1b[2J123"}
	for w := 3; w < 60; w++ {
		line, n := crumbs(theme, parts, w)
		if n > w {
			t.Fatalf("%d cells in %d: %q", n, w, line)
		}
		if w > 30 && !strings.Contains(line, "account-␛[2J123") {
			t.Fatalf("at %d the innermost is lost: %q", w, line)
		}
	}
}

func TestThemesDiffer(t *testing.T) {
	serials := map[int]bool{}
	for _, dark := range []bool{true, false} {
		for _, look := range []page.Look{page.LookFull, page.LookBasic, page.LookMono} {
			for _, ascii := range []bool{true, false} {
				th := page.NewTheme(dark, look, ascii)
				if th.Serial == 0 || serials[th.Serial] {
					t.Fatalf("serial %d is taken", th.Serial)
				}
				serials[th.Serial] = true
				if len(th.Series) < 6 {
					t.Fatal("too few series")
				}
			}
		}
	}
}
