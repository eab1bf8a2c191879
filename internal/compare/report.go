package compare

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/text"
)

// Write writes the comparison as Markdown.
func (c *Comparison) Write(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s and %s under the same load\n\n", title(c.Engines[0]), title(c.Engines[1]))
	c.writeSetup(&b)
	c.writeConclusions(&b)
	c.writeRows(&b)
	c.writeKinds(&b)
	c.writeTops(&b)
	c.writeFairness(&b)
	c.writeSessions(&b)
	_, err := w.Write(b.Bytes())
	return err
}

func (c *Comparison) writeSetup(b *bytes.Buffer) {
	s := &c.Setup
	runs := "once on each engine"
	if s.Runs > 1 {
		runs = fmt.Sprintf("%d times on each engine", s.Runs)
	}
	fmt.Fprintf(b, "Made by `evtui compare` %s on %s: %s of load by %s, %s to %s, %s a write, %s, durability %s. The machine: %s with %s.\n\n",
		s.Version, s.Began.Format("2 January 2006 at 15:04"), text.Duration(s.Duration), plural(s.Workers, "worker"), plural(s.Writes, "write"),
		plural(s.Reads, "read"), plural(s.Batch, "message"), runs, s.Durability, s.System, plural(s.Cores, "core"))
}

func (c *Comparison) writeConclusions(b *bytes.Buffer) {
	b.WriteString("## What follows\n\n")
	for _, line := range c.Conclusions() {
		fmt.Fprintf(b, "- %s\n", line)
	}
	b.WriteString("\n")
}

func (c *Comparison) writeRows(b *bytes.Buffer) {
	b.WriteString("## Figures\n\n")
	if c.Setup.Runs > 1 {
		fmt.Fprintf(b, "Medians of %d runs, and in brackets the least and the most. There is a clear difference where their runs do not overlap.\n\n", c.Setup.Runs)
	} else {
		fmt.Fprintf(b, "Of a single run each, so that a difference below %.0f %% is not clear; `--runs 3` says more.\n\n", 100*noise)
	}
	table := measure.Table{{"", title(c.Engines[0]) + "\t", title(c.Engines[1]) + "\t", "ahead"}}
	rows := c.rows()
	for i := range rows {
		table = append(table, rows[i].cells())
	}
	errors := []string{"errors", "", "", ""}
	for i, engine := range c.Engines {
		sum := int64(0)
		for _, s := range c.of(engine) {
			sum += s.Load.Errors
		}
		errors[i+1] = text.Count(sum)
	}
	writeTable(b, append(table, errors))
	b.WriteString("Processor time and allocations are the server's alone: the load runs in another process. Memory profiles see Go's heap, not what " +
		"SQLite takes beside it or Pebble's block cache; \"most resident\" has all. \"Compacted\" is flushed and compacted (SQLite: checkpoint and " +
		"VACUUM), tables and indexes without the log.\n\n")
}

func (c *Comparison) writeKinds(b *bytes.Buffer) {
	sessions := [2]*Session{c.middle(c.Engines[0]), c.middle(c.Engines[1])}
	if len(sessions[0].Kinds) == 0 || len(sessions[0].Kinds) != len(sessions[1].Kinds) {
		return
	}
	b.WriteString("## Where the server's processor time goes\n\nBy what the stacks go through, in each engine's median run; a stack can count in several lines.\n\n")
	table := measure.Table{{"stacks through", title(c.Engines[0]) + "\t", title(c.Engines[1]) + "\t"}}
	for i, k := range sessions[0].Kinds {
		table = append(table, []string{k.Name, percent(k.Share), percent(sessions[1].Kinds[i].Share)})
	}
	writeTable(b, table)
}

// topCount is how many functions are laid side by side.
const topCount = 10

func (c *Comparison) writeTops(b *bytes.Buffer) {
	fmt.Fprintf(b, "## Top %d functions of each\n\nBy the time spent in the function itself, in each engine's median run.\n\n", topCount)
	table := measure.Table{{"\t", title(c.Engines[0]), "\t", title(c.Engines[1]), "\t"}}
	tops := [2][]Function{c.middle(c.Engines[0]).Top, c.middle(c.Engines[1]).Top}
	for i := range min(topCount, max(len(tops[0]), len(tops[1]))) {
		line := []string{fmt.Sprint(i + 1), "", "", "", ""}
		for j, top := range tops {
			if i < len(top) {
				line[1+2*j], line[2+2*j] = "`"+shortName(top[i].Name)+"`", percent(top[i].Share)
			}
		}
		table = append(table, line)
	}
	writeTable(b, table)
}

// shortName leaves the host and the directories of a package's path out.
func shortName(function string) string {
	directory, tail := path.Split(function)
	if strings.HasPrefix(tail, "v2.") || strings.HasPrefix(tail, "lib.") {
		return path.Base(directory) + "/" + tail
	}
	return tail
}

func (c *Comparison) writeFairness(b *bytes.Buffer) {
	fmt.Fprintf(b, `## Why this is fair

- The same path above the store: both are served by the same program, evtui serve in a process of its own, over HTTP to the same load, whose streams and payloads follow from the same seed. Only --db-url differs.
- The same promise: durability %s on both. With sync, every acknowledged message is on disk: Pebble syncs its log, and SQLite runs in WAL mode with synchronous=FULL, which syncs its log at COMMIT. Both commit what waits in groups.
- The same place: each session has a fresh directory in %s, which is removed before the next begins. No two servers run at once.
- The same profiles are taken of both, in the middle of the load and around it.
`, c.Setup.Durability, c.Setup.Place)
	if c.Setup.Runs > 1 {
		fmt.Fprintf(b, "- The order alternates: %s. What warms up, or wears out, meets both.\n\n", c.order())
	} else {
		fmt.Fprintf(b, "- The order was %s, once. It alternates over more runs (`--runs`).\n\n", c.order())
	}
}

// order says in which order the sessions ran.
func (c *Comparison) order() string {
	var runs []string
	for run := 1; run <= c.Setup.Runs; run++ {
		names := make([]string, 2)
		for i := range c.Sessions {
			if s := &c.Sessions[i]; s.Run == run && s.Place >= 1 && s.Place <= 2 {
				names[s.Place-1] = title(s.Engine)
			}
		}
		runs = append(runs, strings.Join(names, " then "))
	}
	return strings.Join(runs, ", ")
}

func (c *Comparison) writeSessions(b *bytes.Buffer) {
	b.WriteString("## Sessions\n\nEach in a directory beside this report, with its profiles, the load's results and an analysis (README.md), as `evtui profile` writes them.\n\n")
	table := measure.Table{{"run\t", "session", "messages/s\t", "errors\t"}}
	for i := range c.Sessions {
		s := &c.Sessions[i]
		table = append(table, []string{
			fmt.Sprint(s.Run), "`" + s.Dir + "/`", text.Rate(s.Load.MessageRate), text.Count(s.Load.Errors),
		})
	}
	writeTable(b, table)
	fmt.Fprintf(b, "To go on, in this directory:\n\n```\nevtui profile top %s/cpu.prof\nevtui profile diff %s/cpu.prof %s/cpu.prof --normalize\n```\n",
		c.middle(c.Engines[0]).Dir, c.middle(c.Engines[0]).Dir, c.middle(c.Engines[1]).Dir)
}

// writeTable writes a table and an empty line.
func writeTable(b *bytes.Buffer, table measure.Table) {
	_ = table.WriteMarkdown(b) // a buffer takes everything
	b.WriteString("\n")
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func plural(n int, noun string) string {
	return text.Count(int64(n)) + " " + text.Plural(int64(n), noun)
}
