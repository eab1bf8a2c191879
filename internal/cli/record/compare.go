package record

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
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
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`
	Before  *float64 `json:"before"` // null: not told, or it did not happen
	After   *float64 `json:"after"`
	Verdict string   `json:"verdict,omitempty"`
}

func comparisonOf(files [2]string, of [2]recording.Summary, changes []recording.Change) comparison {
	var c comparison
	for i, s := range of {
		c.Recordings = append(c.Recordings, comparedRecording{
			File: files[i], Server: s.Server, Version: s.Info.Version, Backend: s.Info.Backend, Began: s.Began,
			Seconds: s.Length.Seconds(), Samples: s.Samples, Gaps: s.Gaps, Torn: s.Torn,
		})
	}
	known := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	for _, f := range changes {
		c.Figures = append(c.Figures, comparedFigure{f.Name, string(f.Unit), known(f.Before), known(f.After), string(f.Verdict)})
	}
	return c
}

func writeComparison(w io.Writer, files [2]string, of [2]recording.Summary, changes []recording.Change) error {
	head := [][]string{{"", "BEFORE", "AFTER"}, {"file", files[0], files[1]}}
	for _, row := range []struct {
		name string
		of   func(recording.Summary) string
	}{
		{"server", func(s recording.Summary) string { return s.Server }},
		{"version", func(s recording.Summary) string { return orDash(s.Info.Version) }},
		{"engine", func(s recording.Summary) string {
			return orDash(strings.TrimSuffix(s.Info.Backend+", "+s.Info.Durability, ", "))
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
	for _, c := range changes {
		table = append(table, []string{c.Name, inUnit(c.Unit, c.Before), inUnit(c.Unit, c.After), change(c), string(c.Verdict)})
	}
	fmt.Fprintln(w)
	if err := output.WriteTable(w, table); err != nil {
		return err
	}
	return writeOverTime(w, of)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// inUnit writes a figure as people read it.
func inUnit(u recording.Unit, v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case u == recording.PerSecond:
		return text.Rate(v)
	case u == recording.Nanoseconds:
		return text.Duration(time.Duration(v))
	case u == recording.Bytes:
		return text.Bytes(v)
	case u == recording.Cores:
		return fmt.Sprintf("%.2f", v)
	}
	return text.Count(int64(v + 0.5))
}

// change is the difference in per cent of what was before.
func change(c recording.Change) string {
	switch {
	case math.IsNaN(c.Before) || math.IsNaN(c.After) || c.Before == c.After:
		return ""
	case c.Before == 0:
		return "from 0"
	}
	return fmt.Sprintf("%+.1f%%", 100*(c.After-c.Before)/math.Abs(c.Before))
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
		most := 0.0
		for n, s := range of {
			cells[n] = greatestOf(s.Series[i].Values, step)
			for _, v := range cells[n] {
				if v > most {
					most = v
				}
			}
		}
		for n, name := range []string{"before", "after"} {
			series := of[n].Series[i]
			label := ""
			if n == 0 {
				label = series.Name
			}
			spark := chart.Spark{Values: cells[n], Max: max(most, math.SmallestNonzeroFloat64)}
			table = append(table, []string{label, name, inUnit(series.Unit, top(cells[n])), spark.Line(len(cells[n]))})
		}
	}
	return output.WriteTable(w, table)
}

// greatestOf folds each step values into the greatest of them.
func greatestOf(values []float64, step int) []float64 {
	out := make([]float64, 0, len(values)/step+1)
	for i := 0; i < len(values); i += step {
		out = append(out, top(values[i:min(i+step, len(values))]))
	}
	return out
}

// top is the greatest value, NaN where there is none.
func top(values []float64) float64 {
	out := math.NaN()
	for _, v := range values {
		if !math.IsNaN(v) && !(out >= v) {
			out = v
		}
	}
	return out
}
