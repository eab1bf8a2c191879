package kit

import (
	"cmp"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// Ailment is something that is wrong with the engine, in words and, where there
// is little room, in as few cells as can be understood.
type Ailment struct {
	Words, Short string
	Remedy       string // what to do about it, to be written behind Words; "": nothing so short
	Pen          text.Pen
}

// remedies are what to do about an ailment, and what it is called in as few cells as can
// be; by default nothing so short, and its own name.
var remedies = map[wire.AilmentKind]struct{ remedy, short string }{
	wire.AilmentDamaged:  {remedy: ": evtui verify"},
	wire.AilmentPoisoned: {remedy: ", reopen with :reopen", short: "WAL"},
	wire.AilmentNearStop: {short: "stop"},
	wire.AilmentDiskLow:  {short: "disk"},
	wire.AilmentDebtHigh: {short: "debt"},
}

// Ailments tells all of [wire.Ailments], the worst first: none may be left out for want
// of room.
func Ailments(t *page.Theme, e *wire.EngineSample, free, size int64) []Ailment {
	var out []Ailment
	for _, a := range wire.Ailments(e, free, size) {
		if a.Kind == wire.AilmentNoticed {
			out = append(out, noticed(t, a.Notice))
			continue
		}
		sign, pen, count := "!", t.Warn, ""
		if a.Count > 0 {
			pen, count = t.Bad, strconv.Itoa(a.Count)+" "
		}
		if a.Kind == wire.AilmentDamaged || a.Kind == wire.AilmentPoisoned {
			sign = t.Sym.Cross
		}
		r, name := remedies[a.Kind], string(a.Kind)
		out = append(out, Ailment{Words: sign + " " + count + name, Short: sign + count + cmp.Or(r.short, name), Remedy: r.remedy, Pen: pen})
	}
	return out
}

// noticed is what readers should know of the engine's namespaces: that what they see is
// old, or not all.
func noticed(t *page.Theme, n wire.NoticeSum) Ailment {
	sign, pen, remedy := "!", t.Warn, ""
	switch store.NoticeState(n.State) {
	case store.NoticeApart:
		sign, pen, remedy = t.Sym.Cross, t.Bad, ": evtui verify"
	case store.NoticeForeign:
		remedy = ": evtui verify"
	}
	if n.Words != "" {
		remedy = ": " + text.Sanitize(n.Words)
	}
	count := text.Bound(strconv.Itoa(n.Count), !n.AtLeast, true)
	words := sign + " " + count + " " + n.State
	if store.NoticeState(n.State) == store.NoticeWarning {
		words = sign + " " + count + " " + text.Plural(int64(n.Count), n.State)
	}
	if n.Age > 0 {
		words += ", " + text.Duration(time.Duration(n.Age).Truncate(time.Second)) + " old"
	}
	return Ailment{Words: words, Short: sign + count + " " + n.State, Remedy: remedy, Pen: pen}
}
