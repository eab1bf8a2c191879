package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/text"
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
			if was, ok := meaning[k]; ok && was != b.Action {
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

// TestChipsTakeTheCellsThatTheySay: where a wide character does not fit into what is
// left of a shortened chip, the edge is still whole.
func TestChipsTakeTheCellsThatTheySay(t *testing.T) {
	theme := page.NewTheme(true, page.LookMono, false)
	for _, chips := range [][]string{
		{"compare 👩\u200d👩\u200d👧-family-1", "lanes 1 to 4 of 9", "searched 43 of 120"},
		{"filter 日本語-東京-日本語-東京", "category 👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽"},
	} {
		c := page.Chrome{Crumbs: []string{"👩\u200d👧-family-of-streams", "lanes of 日本語-東京"}, Chips: chips}
		for w := range 120 {
			if n := text.Width(topEdge(theme, c, w)); n != w {
				t.Errorf("%d cells of %d: %q", n, w, topEdge(theme, c, w))
			}
		}
	}
}

func TestThemesDiffer(t *testing.T) {
	serials := map[int]bool{}
	for _, dark := range []bool{true, false} {
		for _, look := range []page.Look{page.LookFull, page.LookBasic, page.LookMono} {
			for _, ascii := range []bool{true, false} {
				th := page.NewTheme(dark, look, ascii)
				variants := []page.Theme{th}
				if ascii {
					variants = append(variants, th.Escaped())
				} else {
					variants = append(variants, th.WithBlocks())
				}
				for _, th := range variants {
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
}
