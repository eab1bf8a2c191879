package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
)

// Conclusions says what follows from the figures, a subject a line.
func (c *Comparison) Conclusions() []string {
	if count, first := c.Errors(); count > 0 {
		return []string{fmt.Sprintf("%s calls failed, the first with %q: the figures below are of a load that did not run as it should, and nothing follows from them.",
			text.Count(count), text.Sanitize(first))}
	}
	rows := c.rows()
	var lines []string
	for _, subject := range []string{onThroughput, onWriting, onReading, onProcessor, onMemory, onDisk} {
		if line := c.subject(subject, rows); line != "" {
			lines = append(lines, line)
		}
	}
	for _, engine := range c.Engines {
		if s := c.bound(engine); s != "" {
			lines = append(lines, s)
		}
	}
	return append(lines, c.verdict(rows))
}

// subject says what its telling rows say: both medians, and who is ahead.
func (c *Comparison) subject(subject string, rows []row) string {
	var parts []string
	for i := range rows {
		if r := &rows[i]; r.subject == subject && r.telling && r.Known() {
			parts = append(parts, r.sentence())
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "**" + subject + ":** " + strings.Join(parts, "; ") + "."
}

// sentence is a row in words.
func (r *row) sentence() string {
	verdict := noDifference
	if engine, times := r.ahead(); engine >= 0 {
		verdict = fmt.Sprintf("%s by %s", title(r.engines[engine]), factor(times))
	}
	return fmt.Sprintf("%s %s on %s, %s on %s (%s)", r.Name,
		r.Unit.Format(r.Sides[0].Median), title(r.engines[0]), r.Unit.Format(r.Sides[1].Median), title(r.engines[1]), verdict)
}

// Shares of the machine from which a server is said to be held up by the
// processor, or not by it.
const (
	busyShare = 0.7
	idleShare = 0.35
)

// bound says what an engine's throughput ran up against: the processor, or
// the waiting for its log.
func (c *Comparison) bound(engine string) string {
	s := c.middle(engine)
	if s.CPU <= 0 || s.Load.Elapsed <= 0 || c.Setup.Cores <= 0 {
		return ""
	}
	busy := float64(s.CPU) / float64(s.Load.Elapsed)
	line := fmt.Sprintf("**What holds %s up:** its server kept %.2f of %s busy", title(engine), busy, plural(c.Setup.Cores, "core"))
	write := s.Load.Latency[writing]
	if s.SyncP50 > 0 && write.P50 > 0 {
		line += fmt.Sprintf(", a write took %s at p50 and a sync of the log %s", text.Duration(write.P50), text.Duration(s.SyncP50))
	}
	switch share := busy / float64(c.Setup.Cores); {
	case share >= busyShare:
		line += ": it is the processor"
	case share <= idleShare && s.SyncP50 > 0 && s.SyncP50 >= write.P50/3:
		line += ": it is the log's sync more than the processor"
	default:
		line += ": neither the processor nor the log alone"
	}
	if parts := largest(s.Kinds, 3); len(parts) > 0 {
		line += ". Of its processor time " + strings.Join(parts, ", ")
	}
	if len(s.Top) > 0 {
		line += fmt.Sprintf("; the costliest function by itself is `%s` with %s", shortName(s.Top[0].Name), percent(s.Top[0].Share))
	}
	return line + "."
}

// largest are the n largest kinds in words.
func largest(kinds []Kind, n int) []string {
	kinds = slices.DeleteFunc(slices.Clone(kinds), func(k Kind) bool { return k.Share <= 0 || k.Layer })
	slices.SortStableFunc(kinds, func(a, b Kind) int { return cmp.Compare(b.Share, a.Share) })
	var parts []string
	for _, k := range kinds[:min(n, len(kinds))] {
		parts = append(parts, fmt.Sprintf("%s went through %s", percent(k.Share), k.Name))
	}
	return parts
}

// verdict counts who is ahead where.
func (c *Comparison) verdict(rows []row) string {
	var wins [2][]string
	total := 0
	for i := range rows {
		r := &rows[i]
		if !r.telling || !r.Known() {
			continue
		}
		total++
		if engine, _ := r.ahead(); engine >= 0 {
			wins[engine] = append(wins[engine], r.Name)
		}
	}
	if total == 0 {
		return "Too little was measured to compare."
	}
	var parts []string
	for i, engine := range c.Engines {
		part := fmt.Sprintf("%s is ahead in %d", title(engine), len(wins[i]))
		if n := len(wins[i]); n > 0 && n <= 3 {
			part += " (" + strings.Join(wins[i], "; ") + ")"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("**All in all,** under this load on this machine, of these %d metrics %s, and %d show no clear difference. %s",
		total, strings.Join(parts, ", "), total-len(wins[0])-len(wins[1]), c.spreadWords())
}

// spreadWords says how much the runs themselves differed.
func (c *Comparison) spreadWords() string {
	if c.Setup.Runs < 2 {
		return fmt.Sprintf("It ran once, for %s: another run can say otherwise.", text.Duration(c.Setup.Duration.Round(time.Second)))
	}
	var parts []string
	for _, engine := range c.Engines {
		s := spreadOf(c.of(engine), func(s *Session) float64 { return s.Load.MessageRate })
		if s.N > 0 {
			parts = append(parts, fmt.Sprintf("%s's by %.0f %%", title(engine), 100*(s.Max-s.Min)/s.Median))
		}
	}
	return "Between its runs, throughput differed: " + strings.Join(parts, ", ") + "."
}
