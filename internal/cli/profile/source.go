package profile

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
)

// profileSource is where profiles are had from: files, addresses, standard input.
type profileSource struct {
	seconds int
	timeout time.Duration
	token   string
	trusted string
}

// flags adds those of addresses. A token goes out only when it is typed: the
// one in the environment is for the event store.
func (s *profileSource) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&s.seconds, "seconds", 0, "how long a program at a URL is to record (default: what the URL says, or 30 for CPU)")
	f.Var(moment.Flag(&s.timeout, time.Minute), "timeout", "how long an answer from a URL may take, beside --seconds")
	f.StringVar(&s.token, "token", "", "bearer token to send to the URL; visible in ps, so prefer --token-file")
	target.TokenFileFlag(cmd)
	f.StringVar(&s.trusted, "tls-ca", "", "file of CA certificates, in PEM, to trust besides the system's")
	cmd.Annotations = map[string]string{target.TypedToken: "yes"}
	cmd.ValidArgsFunction = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault) // files
}

// open opens groups of profiles, and merges each.
func (s *profileSource) open(cmd *cobra.Command, groups ...[]string) ([]*profiler.Profile, error) {
	if s.seconds < 0 || s.timeout <= 0 {
		return nil, command.Usage(cmd, "--seconds and --timeout must be above 0")
	}
	web := source.Web{Seconds: s.seconds, Patience: s.timeout, Began: func(address string, takes time.Duration) {
		if takes > 0 {
			fmt.Fprintln(cmd.ErrOrStderr(), output.InertLines(fmt.Sprintf("fetching %s, which takes %v", address, takes)))
		}
	}}
	if s.token != "" && (target.SendsToken(cmd, "token") || target.SendsToken(cmd, "token-file")) {
		web.Token = s.token
	}
	if s.trusted != "" {
		var err error
		if web.TLS, err = target.Authorities(s.trusted); err != nil {
			return nil, err
		}
	}
	for _, names := range groups {
		for _, name := range names {
			if name == source.Stdin && output.IsTerminal(cmd.InOrStdin()) {
				return nil, command.Usage(cmd, "standard input is a terminal: pipe a profile into evtui, or name a file")
			}
		}
	}
	return source.Reader{Stdin: cmd.InOrStdin(), Web: web}.Open(cmd.Context(), groups...)
}

// CompleteValues completes --value with what the file that was named holds.
func CompleteValues(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	const largest = 16 << 20 // what can be read between two key strokes
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	info, err := os.Stat(args[0])
	if err != nil || !info.Mode().IsRegular() || info.Size() > largest {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	p, err := profiler.OpenFile(args[0], profiler.Limits{Size: 8 * largest})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var values []string
	for _, t := range p.Types() {
		values = append(values, t.Type+"\tin "+t.Unit)
	}
	return values, cobra.ShellCompDirectiveNoFileComp
}

// ValueRow is one of the values that a profile's samples have.
type ValueRow struct {
	Value   string `json:"value"`
	Unit    string `json:"unit"`
	Total   int64  `json:"total"` // without signs, in the unit
	Default bool   `json:"default,omitempty"`
	shown   string
}

func profileValues() *cobra.Command {
	var look profileLook
	cmd := &cobra.Command{
		Use:     "values FILE|URL|-...",
		Short:   "List the values of a profile",
		Long:    "Print what a profile measures, one value a line, with its total. --value of the other commands chooses one.",
		Example: "  evtui profile values heap.pb.gz\n  evtui profile top heap.pb.gz --value alloc_space",
	}
	look.filterFlags(cmd)
	_ = cmd.Flags().MarkHidden("value")
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON)
	cmd.RunE = look.shows(0, func(cmd *cobra.Command, _ []string, v *profiler.View) error {
		values, err := valueRows(v)
		if err != nil {
			return err
		}
		return output.Rows(cmd.OutOrStdout(), *out, values, []string{"VALUE", "UNIT", "TOTAL\t", ""}, func(r ValueRow) []string {
			mark := ""
			if r.Default {
				mark = "default"
			}
			return []string{r.Value, r.Unit, r.shown, mark}
		})
	})
	return cmd
}

func valueRows(v *profiler.View) ([]ValueRow, error) {
	p := v.Profile()
	var list []ValueRow
	for _, t := range p.Types() {
		o := v.Options()
		o.Value = t.Type
		each, err := p.View(o)
		if err != nil {
			return nil, err
		}
		list = append(list, ValueRow{Value: t.Type, Unit: t.Unit, Total: each.Total(), Default: t == p.Default(), shown: each.Format(each.Total())})
	}
	return list, nil
}

// formatTags prints labels as `go tool pprof -tags` does.
const formatTags output.Format = "tags"
