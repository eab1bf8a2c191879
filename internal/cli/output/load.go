package output

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/text"
)

// WriteLoad prints the summary of a load: the counts, then a line a method.
func WriteLoad(w io.Writer, r load.Report) error {
	counts := [][]string{
		{"elapsed", text.Duration(r.Elapsed)},
		{"workers", text.Count(int64(r.Workers))},
		{"messages", text.Count(r.Messages) + "  " + text.Rate(r.MessageRate)},
		{"writes", text.Count(r.Writes) + "  " + text.Rate(r.WriteRate)},
		{"reads", text.Count(r.Reads) + "  " + text.Rate(r.ReadRate)},
		{"errors", text.Count(r.Errors)},
	}
	for _, more := range []struct {
		name  string
		count int64
	}{{"consumed", r.Consumed}, {"retries", r.Retries}, {"missed", r.Missed}, {"unknown", r.Unknown}} {
		if more.count > 0 {
			counts = append(counts, []string{more.name, text.Count(more.count)})
		}
	}
	if v := r.Verification; v != nil {
		counts = append(counts, []string{"verified", fmt.Sprintf("%t: %s acknowledged, %s stored", v.OK, text.Count(v.Acknowledged), text.Count(v.After-v.Before))})
	}
	if err := WriteTable(w, counts); err != nil {
		return err
	}
	fmt.Fprintln(w)
	methods := [][]string{{"METHOD", "CALLS\t", "MEAN\t", "P50\t", "P99\t", "MAX\t"}}
	for _, name := range slices.Sorted(maps.Keys(r.Latency)) {
		l := r.Latency[name]
		methods = append(methods, []string{
			name, text.Count(l.Count), text.Duration(l.Mean), text.Duration(l.P50), text.Duration(l.P99), text.Duration(l.Max),
		})
	}
	return WriteTable(w, methods)
}
