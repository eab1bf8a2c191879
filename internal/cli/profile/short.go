package profile

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
)

// writeShort says in a few sentences what the rest of the README shows.
func (p *run) writeShort(w io.Writer) error {
	cpu, err := p.taken.Profiles[measure.CPUProfile].View(profiler.Options{Labels: []profiler.LabelCut{notOwn()}})
	if err != nil {
		return err
	}
	allocated, err := p.gained(measure.AllocsBefore, measure.AllocsAfter, "alloc_space")
	if err != nil {
		return err
	}
	kept, err := p.gained(measure.HeapBefore, measure.HeapAfter, "inuse_space")
	if err != nil {
		return err
	}
	sentences := []string{p.shortLoad(cpu), shortShares(cpu), shortFirst(cpu, "processor time"), p.shortMemory(allocated, kept),
		shortFirst(allocated, "what was allocated")}
	fmt.Fprint(w, "## In short\n\n")
	for _, s := range sentences {
		if s != "" {
			fmt.Fprintf(w, "- %s\n", s)
		}
	}
	_, err = fmt.Fprintln(w)
	return err
}

// gained looks at what a profile has more after the load than before.
func (p *run) gained(before, after, value string) (*profiler.View, error) {
	d, err := p.taken.Profiles[after].Diff(p.taken.Profiles[before], profiler.Base, false)
	if err != nil {
		return nil, err
	}
	return d.View(profiler.Options{Value: value})
}

// shortLoad says what was done and what it took of the processor.
func (p *run) shortLoad(cpu *profiler.View) string {
	r := &p.taken.Load
	s := fmt.Sprintf("%s messages a second from %d workers, %d in a call", text.Count(int64(r.MessageRate)), p.load.Workers, p.load.Batch)
	if span := p.taken.Profiles[measure.CPUProfile].Duration(); span > 0 {
		cores := float64(cpu.Total()) / float64(span)
		s += fmt.Sprintf("; the engine took %.2f cores for them", cores)
		if r.MessageRate >= 1 {
			s += ", " + text.Duration(time.Duration(cores/r.MessageRate*float64(time.Second))) + " a message"
		}
	}
	if r.Errors > 0 {
		s += fmt.Sprintf("; %s calls failed", text.Count(r.Errors))
	}
	return s + "."
}

// sessionLabels are the values of the labels that say what time was spent for.
func sessionLabels(v *profiler.View) []labelRow {
	return slices.DeleteFunc(labelRows(v), func(row labelRow) bool {
		return row.Value == "" || !slices.Contains([]string{profiler.ActorLabel, "method", pebbleLabel}, row.Label)
	})
}

// shortShares names the three labels that took most.
func shortShares(v *profiler.View) string {
	all := sessionLabels(v)
	slices.SortStableFunc(all, func(a, b labelRow) int { return cmp.Compare(b.Weight, a.Weight) })
	var words []string
	for _, row := range all[:min(3, len(all))] {
		words = append(words, fmt.Sprintf("`%s=%s` (%s)", row.Label, row.Value, share(row.Weight, v.Total())))
	}
	if len(words) == 0 {
		return ""
	}
	return "Most of that by label: " + strings.Join(words, ", ") + "."
}

func share(part, whole int64) string { return strings.TrimSpace(profiler.Percent(part, whole)) }

// shortFirst names the function that comes first by flat, and whose doing it is.
func shortFirst(v *profiler.View, of string) string {
	rows := v.Top(profiler.TopOptions{Count: 1}).Rows
	if len(rows) == 0 || rows[0].Flat <= 0 {
		return ""
	}
	s := fmt.Sprintf("First of %s: `%s`, %s, %s", of, profiler.ShortNames(rows[0].Name)[1], v.Format(rows[0].Flat), share(rows[0].Flat, v.Total()))
	if by := ourCaller(v, rows[0].Name); by != "" {
		s += fmt.Sprintf("; most of it on behalf of `%s`", profiler.ShortNames(by)[1])
	}
	return s + "."
}

// engineCode are the packages in which the reason for a cost is to be looked for.
var engineCode = regexp.MustCompile(`^(github\.com/evtui/evtui/|github\.com/cockroachdb/pebble|modernc\.org/sqlite\.)`)

// ourCaller climbs from a function to its heaviest caller and on, up to the
// first one of the engine; "" when the function is the engine's itself, or none
// is met.
func ourCaller(v *profiler.View, name string) string {
	const highest = 30 // recursion has no end
	if engineCode.MatchString(name) {
		return ""
	}
	for range highest {
		s, err := v.Callers("^" + regexp.QuoteMeta(name) + "$")
		if err != nil || len(s.Functions) == 0 || len(s.Functions[0].Callers) == 0 {
			return ""
		}
		if name = s.Functions[0].Callers[0].Name; engineCode.MatchString(name) {
			return name
		}
	}
	return ""
}

// shortMemory says what calls allocate, and what stayed.
func (p *run) shortMemory(allocated, kept *profiler.View) string {
	s := fmt.Sprintf("%s were allocated", allocated.Format(allocated.Total()))
	if calls := p.taken.Load.Writes + p.taken.Load.Reads; calls > 0 {
		s += fmt.Sprintf(", %s for each call%s", text.Bytes(float64(allocated.Total())/float64(calls)), p.bothEnds())
	}
	s += fmt.Sprintf("; the live heap changed by %s", kept.Format(kept.Flame().Value(0)))
	if b, a := p.taken.Before, p.taken.After; b != nil && a != nil {
		s += fmt.Sprintf(", goroutines went from %d to %d", b.Goroutines, a.Goroutines)
	}
	return s + "."
}
