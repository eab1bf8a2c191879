package overview

import (
	"fmt"
	"testing"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestMemoryIsBounded lets two hours of samples with the longest names, ever
// other ones, run past the page: it may hold 24 MB.
func TestMemoryIsBounded(t *testing.T) {
	used := pagetest.Held(func() any {
		p := pagetest.New(newOverview(), page.LookFull)
		rememberHours(p.Env.Past)
		p.View(t, 158, 45)
		return p
	})
	if used > 24<<20 {
		t.Errorf("the page holds %.1f MB", float64(used)/1e6)
	}
}

func rememberHours(p *page.Past) {
	for i := range 2 * page.HistorySeconds {
		s := sampleAt(i)
		for j := range wire.TopRates {
			name := fmt.Sprintf("%0100d", i*wire.TopRates+j)
			s.Namespaces = append(s.Namespaces, wire.NamespaceRate{Namespace: name, Appends: 1})
			s.Categories = append(s.Categories, wire.CategoryRate{Namespace: name, Category: "category " + name, Appends: 1})
		}
		p.Add(s)
	}
}
