package kit

import (
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// How much compactions may have left to do before it is worth a warning: a share
// of the data, and bytes.
const (
	debtHighShare = 0.5
	debtHighBytes = 1e9
)

// Ailment is something that is wrong with the engine, in words and, where there
// is little room, in as few cells as can be understood.
type Ailment struct {
	Words, Short string
	Remedy       string // what to do about it, to be written behind Words; "": nothing so short
	Pen          text.Pen
}

// Ailments lists what is wrong with an engine, the worst first: none of it may be
// left out for want of room. e may be nil, for an engine that shows nothing of
// itself; free and size are of the disk, a size of 0 is not known.
func Ailments(t *page.Theme, e *wire.EngineSample, free, size int64) []Ailment {
	var out []Ailment
	count := func(n int, sign, words, short, remedy string) {
		if n > 0 {
			out = append(out, Ailment{sign + " " + strconv.Itoa(n) + " " + words, sign + strconv.Itoa(n) + " " + short, remedy, t.Bad})
		}
	}
	warn := func(words, short string) { out = append(out, Ailment{Words: words, Short: short, Pen: t.Warn}) }
	if e != nil {
		count(e.Damaged, t.Sym.Cross, "damaged", "damaged", ": evtui verify")
		count(e.Poisoned, t.Sym.Cross, "WAL failed", "WAL", ", reopen with :reopen")
		count(e.Stalled, "!", "stalled", "stalled", "")
		if e.SublevelsStop > 0 && float64(e.Sublevels) >= wire.NearStop*float64(e.SublevelsStop) {
			warn("! near stop", "!stop")
		}
	}
	if e != nil {
		out = append(out, noticed(t, e)...)
	}
	if wire.DiskLow(free, size) {
		warn("! disk low", "!disk")
	}
	if e != nil && e.Debt >= debtHighBytes && float64(e.Debt) >= debtHighShare*float64(e.DiskBytes) {
		warn("! debt high", "!debt")
	}
	return out
}

// noticed is what readers should know of the engine's namespaces: that what they see is
// old, or not all.
func noticed(t *page.Theme, e *wire.EngineSample) []Ailment {
	var out []Ailment
	for _, n := range e.NoticeSums() {
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
		out = append(out, Ailment{Words: words, Short: sign + count + " " + n.State, Remedy: remedy, Pen: pen})
	}
	return out
}
