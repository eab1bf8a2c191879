package page

import (
	"strings"

	"github.com/sahilm/fuzzy"
)

// MaxCandidates is how many candidates the palette shows at a time.
const MaxCandidates = 10

// maxFuzzy is among how many names those are looked for that only hold the
// letters: more would take longer than a stroke may.
const maxFuzzy = 10_000

// MaxMatches is how many names Match returns at most.
const MaxMatches = 1000

// Match keeps the names that begin with s, then those that hold its letters in
// order.
func Match(names []string, s string) []string {
	var found []string
	for _, n := range names {
		if strings.HasPrefix(n, s) {
			found = append(found, n)
		}
	}
	if s != "" && len(names) <= maxFuzzy {
		for _, m := range fuzzy.Find(s, names) {
			if !strings.HasPrefix(m.Str, s) {
				found = append(found, m.Str)
			}
		}
	}
	return found[:min(len(found), MaxMatches)]
}
