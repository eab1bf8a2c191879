package record

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/recording"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/chart"
)

// compareRecordings lays two recordings over each other: their figures side by
// side with what changed, and their most telling figures over time on the same
// scales.
func compareRecordings(cmd *cobra.Command, before, after string, f output.Format) error {
	a, errA := recording.Open(before)
	b, errB := recording.Open(after)
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	of := [2]recording.Summary{a.Summarize(), b.Summarize()}
	files := [2]string{filepath.Base(before), filepath.Base(after)}
	if files[0] == files[1] {
		files = [2]string{before, after}
	}
	changes := recording.Compare(of[0], of[1])
	if f == output.JSON {
		return output.WriteJSON(cmd.OutOrStdout(), comparisonOf(files, of, changes))
	}
	return writeComparison(cmd.OutOrStdout(), files, of, changes)
}

// comparison is what -o json prints.
type comparison struct {
	Recordings []comparedRecording `json:"recordings"`
	Figures    []comparedFigure    `json:"figures"`
}

type comparedRecording struct {
	File    string    `json:"file"`
	Server  string    `json:"server"`
	Version string    `json:"version"` // of the server
	Backend string    `json:"backend"`
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"`
	Samples int       `json:"samples"`
	Gaps    int       `json:"gaps"`
	Torn    string    `json:"torn,omitempty"`
}

type comparedFigure struct {
	Name    string            `json:"name"`
	Unit    measure.Unit      `json:"unit"`
	Before  *float64          `json:"before"` // null: not reported, or it did not happen
	After   *float64          `json:"after"`
	Verdict recording.Verdict `json:"verdict,omitempty"`
}

func comparisonOf(files [2]string, of [2]recording.Summary, changes []measure.Pair) comparison {
	var c comparison
	for i, s := range of {
		c.Recordings = append(c.Recordings, comparedRecording{
			File: files[i], Server: s.Server, Version: s.Info.Version, Backend: s.Info.Backend, Began: s.Began,
			Seconds: s.Length.Seconds(), Samples: s.Samples, Gaps: s.Gaps, Torn: s.Torn,
		})
	}
	known := func(s measure.Spread) *float64 {
		if s.N == 0 {
			return nil
		}
		return &s.Median
	}
	for _, p := range changes {
		c.Figures = append(c.Figures, comparedFigure{p.Name, p.Unit, known(p.Sides[0]), known(p.Sides[1]), recording.VerdictOf(p)})
	}
	return c
}

func writeComparison(w io.Writer, files [2]string, of [2]recording.Summary, changes []measure.Pair) error {
	head := [][]string{{"", "BEFORE", "AFTER"}, {"file", files[0], files[1]}}
	for _, row := range []struct {
		name string
		of   func(recording.Summary) string
	}{
		{"server", func(s recording.Summary) string { return s.Server }},
		{"version", func(s recording.Summary) string { return cmp.Or(s.Info.Version, "–") }},
		{"engine", func(s recording.Summary) string {
			return cmp.Or(strings.TrimSuffix(s.Info.Backend+", "+s.Info.Durability, ", "), "–")
		}},
		{"began", func(s recording.Summary) string { return s.Began.Format(time.RFC3339) }},
		{"length", func(s recording.Summary) string { return text.Duration(s.Length) }},
		{"samples", func(s recording.Summary) string { return text.Count(int64(s.Samples)) }},
		{"gaps", func(s recording.Summary) string { return text.Count(int64(s.Gaps)) }},
		{"whole", func(s recording.Summary) string {
			if s.Torn != "" {
				return "no: " + s.Torn
			}
			return "yes"
		}},
	} {
		head = append(head, []string{row.name, row.of(of[0]), row.of(of[1])})
	}
	if err := output.WriteTable(w, head); err != nil {
		return err
	}
	table := [][]string{{"FIGURE", "BEFORE\t", "AFTER\t", "CHANGE\t", ""}}
	for _, p := range changes {
		table = append(table, []string{p.Name, p.Sides[0].Format(p.Unit), p.Sides[1].Format(p.Unit), change(p), string(recording.VerdictOf(p))})
	}
	fmt.Fprintln(w)
	if err := output.WriteTable(w, table); err != nil {
		return err
	}
	return writeOverTime(w, of)
}

// change is the difference in per cent of what was before.
func change(p measure.Pair) string {
	before, after := p.Sides[0].Median, p.Sides[1].Median
	switch {
	case !p.Known() || before == after:
		return ""
	case before == 0:
		return "from 0"
	}
	return fmt.Sprintf("%+.1f%%", 100*(after-before)/math.Abs(before))
}

// sparkWidth is how many cells a recording's time takes.
const sparkWidth = 60

// writeOverTime draws each series of both recordings, one under the other: the
// same time and the same height stand for the same in both.
func writeOverTime(w io.Writer, of [2]recording.Summary) error {
	longest := 0
	for _, s := range of {
		for _, series := range s.Series {
			longest = max(longest, len(series.Values))
		}
	}
	if longest == 0 {
		return nil
	}
	step := (longest + sparkWidth - 1) / sparkWidth
	fmt.Fprintf(w, "\nOver time, from the left, the greatest of %s a cell:\n\n", text.Duration(time.Duration(step)*time.Second))
	table := [][]string{{"FIGURE", "", "MOST\t", ""}}
	for i := range of[0].Series {
		var cells [2][]float64
		for n, s := range of {
			cells[n] = greatestOf(s.Series[i].Values, step)
		}
		most := measure.SpreadOf(slices.Concat(cells[0], cells[1])).Max
		if !(most > 0) {
			most = math.SmallestNonzeroFloat64
		}
		for n, name := range []string{"before", "after"} {
			series := of[n].Series[i]
			label := ""
			if n == 0 {
				label = series.Name
			}
			spark := chart.Spark{Values: cells[n], Max: most}
			table = append(table, []string{label, name, series.Unit.Format(measure.SpreadOf(cells[n]).Max), spark.Line(len(cells[n]))})
		}
	}
	return output.WriteTable(w, table)
}

// greatestOf folds each step values into the greatest of them.
func greatestOf(values []float64, step int) []float64 {
	out := make([]float64, 0, len(values)/step+1)
	for i := 0; i < len(values); i += step {
		out = append(out, measure.SpreadOf(values[i:min(i+step, len(values))]).Max)
	}
	return out
}

// BesideEngines has the comparison of the engines compare two recordings when
// it is given two files.
func BesideEngines(cmd *cobra.Command) *cobra.Command {
	format := output.Flag(cmd, output.Table, output.JSON)
	cmd.Flags().Lookup("output").Usage += " (of two recordings)"
	cmd.Use += " [BEFORE AFTER]"
	cmd.Long += "\n\nWith two recordings (see evtui record), compare those instead: their metrics side by side, what changed,\n" +
		"whether that is better or worse, and the most important ones over time on the same scales."
	cmd.Example += "\n  evtui compare before.evt after.evt"
	cmd.ValidArgsFunction = cobra.FixedCompletions([]cobra.Completion{"evt"}, cobra.ShellCompDirectiveFilterFileExt)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return command.Usage(cmd, "compare with what? Name two recordings, or none to compare the engines")
		}
		return command.ByUse(cmd, args)
	}
	engines := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 && cmd.Flags().Changed("output"):
			return command.Usage(cmd, "--output is for two recordings; the comparison of the engines writes COMPARISON.md")
		case len(args) == 0:
			return engines(cmd, args)
		}
		return compareRecordings(cmd, args[0], args[1], *format)
	}
	return cmd
}
