package profile

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/profiler"
)

func profileLabels() *cobra.Command {
	var look profileLook
	cmd := &cobra.Command{
		Use:   "labels FILE|URL|-...",
		Short: "List the labels of a profile",
		Long: "Print each label with its values and their cost: by method, by namespace, by actor. Numeric labels are printed in " +
			"their unit. -o tags prints what 'go tool pprof -tags' prints.",
		Example: "  evtui profile labels cpu.pb.gz\n  evtui profile top cpu.pb.gz --label actor=commit\n  evtui profile labels heap.pb.gz -o tags",
	}
	look.flags(cmd)
	out := output.Flag(cmd, output.Table, formatTags, output.JSON, output.NDJSON)
	cmd.RunE = look.shows(0, func(cmd *cobra.Command, _ []string, v *profiler.View) error {
		if *out != output.Table {
			look.nameValue(cmd, v)
		}
		if *out == formatTags {
			return printText(cmd, v.WriteTags)
		}
		heads := []string{"LABEL", "VALUE", strings.ToUpper(v.Type().Type) + "\t", "SHARE\t"}
		return output.Rows(cmd.OutOrStdout(), *out, labelRows(v), heads, func(r labelRow) []string {
			return []string{r.Label, r.Value, v.Format(r.Weight), share(r.Weight, v.Total())}
		})
	})
	return cmd
}

// labelRow is a label's value; "" stands for the samples without the label.
type labelRow struct {
	Label  string `json:"label"`
	Value  string `json:"value"`
	Weight int64  `json:"weight"` // with its sign, in a difference
}

func labelRows(v *profiler.View) []labelRow {
	var list []labelRow
	for _, l := range v.Labels() {
		for _, value := range l.Values {
			list = append(list, labelRow{l.Key, value.Name, value.Value})
		}
		if l.Unmarked > 0 {
			list = append(list, labelRow{Label: l.Key, Weight: l.Rest})
		}
	}
	return list
}
