package kinds

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// mostHeard is how many of a type's events of drift are kept, the newest.
const mostHeard = 8

// heard is an event of drift that the engine told of.
type heard struct {
	at    time.Time
	words string
}

// hear sorts the engine's events of drift by type, newest first.
func (p *kinds) hear() {
	p.heard = map[kindOf][]heard{}
	for i := len(p.feed.Events) - 1; i >= 0; i-- {
		e := &p.feed.Events[i]
		if e.Kind != store.EventDrift || e.Namespace != p.at.Namespace || p.clock.hides(e.Time) {
			continue
		}
		if key, words, ok := ofDrift(e.Reason); ok && len(p.heard[key]) < mostHeard {
			p.heard[key] = append(p.heard[key], heard{e.Time, words})
		}
	}
	p.list.Changed()
	if p.open != nil {
		p.open.hear(p.heard[p.open.key])
	}
}

// ofDrift takes apart what an event of drift says:
// type "Paid" in category "c": data.discount came.
func ofDrift(reason string) (key kindOf, words string, ok bool) {
	quoted := func(before string) (s string) {
		rest, found := strings.CutPrefix(reason, before)
		text, err := strconv.QuotedPrefix(rest)
		if ok = found && err == nil; ok {
			s, err = strconv.Unquote(text)
			ok, reason = err == nil, rest[len(text):]
		}
		return s
	}
	if key.name = quoted("type "); !ok {
		return key, "", false
	}
	if key.category = quoted(" in category "); !ok {
		return key, "", false
	}
	words, ok = strings.CutPrefix(reason, ": ")
	return key, words, ok
}
