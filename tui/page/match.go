package page

import (
	"strings"

	"github.com/sahilm/fuzzy"
)

// MaxCandidates is how many candidates the palette shows at most.
const MaxCandidates = 10

// Match keeps the names that begin with s, then those that hold its letters in
// order.
func Match(names []string, s string) []string {
	var found []string
	for _, n := range names {
		if strings.HasPrefix(n, s) {
			found = append(found, n)
		}
	}
	if s != "" && len(found) < MaxCandidates && len(names) <= 10_000 {
		for _, m := range fuzzy.Find(s, names) {
			if !strings.HasPrefix(m.Str, s) {
				found = append(found, m.Str)
			}
		}
	}
	return found[:min(len(found), MaxCandidates)]
}
