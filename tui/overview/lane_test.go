package overview

import (
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// TestEverySignOfTheLaneIsExplained holds the legend, and what F1 says of it,
// against the kinds of events.
func TestEverySignOfTheLaneIsExplained(t *testing.T) {
	at := slices.IndexFunc(chartMeanings(), func(m page.Meaning) bool { return strings.HasPrefix(m.Figure, "events|") })
	meaning := chartMeanings()[at]
	for _, kind := range append(store.EventKinds(), wire.EventProfile) {
		if !slices.Contains(laneKinds(), kind) {
			t.Errorf("the legend does not count %q", kind)
		}
		var unicode, ascii page.Theme
		ascii.Sym.ASCII = true
		for _, theme := range []page.Theme{unicode, ascii} {
			if sign := string(kit.SignOf(kind).Rune(theme)); !slices.Contains(strings.Fields(meaning.Words), sign) {
				t.Errorf("%q: the meaning lacks the sign %s", kind, sign)
			}
		}
	}
}

// TestLowDiskSpaceIsNoAilment: the engine's threshold is not that of health,
// which may be fine beside such an event.
func TestLowDiskSpaceIsNoAilment(t *testing.T) {
	for n, want := range map[int64]string{1: "disk space warning", 2: "disk space warnings"} {
		if got := laneNoun(store.EventDiskLow, n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
