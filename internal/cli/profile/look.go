package profile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
)

// profileLook is how a profile is to be looked at.
type profileLook struct {
	o              profiler.Options
	labels         []string
	base, diffBase string
	normalize      bool
}

// flags adds the filters and the bases.
func (l *profileLook) flags(cmd *cobra.Command) {
	l.filterFlags(cmd)
	cmd.Flags().StringVar(&l.base, "base", "", "profile to subtract; percentages are of the rest")
	cmd.Flags().StringVar(&l.diffBase, "diff-base", "", "profile to compare with; percentages are of that profile")
	cmd.Flags().BoolVar(&l.normalize, "normalize", false, "scale to the base's total first")
}

func (l *profileLook) filterFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.o.Value, "value", "", "sample value to show, such as alloc_space (default: the profile's own)")
	f.BoolVar(&l.o.NoInlines, "no-inlines", false, "attribute inlined calls to their callers")
	f.StringVar(&l.o.Focus, "focus", "", "keep stacks that match this expression")
	f.StringVar(&l.o.Ignore, "ignore", "", "drop stacks that match this expression")
	f.StringVar(&l.o.Hide, "hide", "", "remove functions that match from the stacks")
	f.StringVar(&l.o.Show, "show", "", "remove functions that do not match from the stacks")
	f.StringVar(&l.o.TagFocus, "tagfocus", "", "keep samples whose labels match, such as method=stream.write")
	f.StringVar(&l.o.TagIgnore, "tagignore", "", "drop samples whose labels match")
	f.StringArrayVar(&l.labels, "label", nil, "keep samples with KEY=VALUE, or with KEY; !KEY=VALUE drops them; repeated labels must all match")
	f.BoolVar(&l.o.OmitUI, "omit-ui", false, "leave out the terminal UI's own samples")
}

// view opens the file, takes the base off and looks at it.
func (l *profileLook) view(cmd *cobra.Command, file string) (*profiler.View, error) {
	if l.base != "" && l.diffBase != "" {
		return nil, command.Usage(cmd, "--base and --diff-base are mutually exclusive: give one of them")
	}
	for _, label := range l.labels {
		cut, err := parseLabel(label)
		if err != nil {
			return nil, command.Usage(cmd, "--label %v", err)
		}
		l.o.Labels = append(l.o.Labels, cut)
	}
	p, err := profiler.OpenFile(file, profiler.Limits{})
	if err != nil {
		return nil, err
	}
	if base, mode := l.off(); mode != profiler.NotDiff {
		b, err := profiler.OpenFile(base, profiler.Limits{})
		if err != nil {
			return nil, err
		}
		if p, err = p.Diff(b, mode, l.normalize); err != nil {
			return nil, fmt.Errorf("compare %q with %q: %w", file, base, err)
		}
	} else if l.normalize {
		return nil, command.Usage(cmd, "--normalize needs --base or --diff-base")
	}
	v, err := p.View(l.o)
	if err != nil {
		return nil, err
	}
	for _, warning := range v.Warnings() {
		fmt.Fprintln(cmd.ErrOrStderr(), warning)
	}
	return v, nil
}

// parseLabel reads KEY=VALUE, KEY, or either after "!".
func parseLabel(given string) (profiler.LabelCut, error) {
	label, not := strings.CutPrefix(given, "!")
	key, value, valued := strings.Cut(label, "=")
	if key == "" {
		return profiler.LabelCut{}, fmt.Errorf("%q: must be like method=stream.write or !actor=load", given)
	}
	cut := profiler.LabelCut{Key: key, Not: not}
	if valued {
		cut.Values = []string{value}
	}
	return cut, nil
}

func (l *profileLook) off() (file string, mode profiler.DiffMode) {
	switch {
	case l.base != "":
		return l.base, profiler.Base
	case l.diffBase != "":
		return l.diffBase, profiler.DiffBase
	default:
		return "", profiler.NotDiff
	}
}

// printText prints what write writes. On a terminal the names in it are shown,
// never obeyed; anywhere else they stay as they are, byte by byte.
func printText(cmd *cobra.Command, write func(io.Writer) error) error {
	out := cmd.OutOrStdout()
	if !output.IsTerminal(out) {
		return write(out)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(w, text.Sanitize(strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    ")))
	}
	return w.Flush()
}

func profileLabels() *cobra.Command {
	var look profileLook
	cmd := &cobra.Command{
		Use:     "labels FILE",
		Short:   "List the labels of a profile",
		Long:    "Print each label with its values and their cost: by method, by namespace, by actor.",
		Example: "  evtui profile labels cpu.pb.gz\n  evtui profile top cpu.pb.gz --tagfocus actor=commit",
		Args:    command.Arguments(cobra.ExactArgs(1)),
	}
	look.filterFlags(cmd)
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		v, err := look.view(cmd, args[0])
		if err != nil {
			return err
		}
		heads := []string{"LABEL", "VALUE", strings.ToUpper(v.Type().Type) + "\t", "SHARE\t"}
		return output.Rows(cmd.OutOrStdout(), *out, labelRows(v), heads, func(r labelRow) []string {
			return []string{r.Label, r.Value, v.Format(r.Weight), strings.TrimSpace(profiler.Percent(r.Weight, v.Total()))}
		})
	}
	return cmd
}

// labelRow is a label's value; "" stands for the samples without the label.
type labelRow struct {
	Label  string `json:"label"`
	Value  string `json:"value"`
	Weight int64  `json:"weight"`
}

func labelRows(v *profiler.View) []labelRow {
	var list []labelRow
	for _, l := range v.Labels() {
		for _, value := range l.Values {
			list = append(list, labelRow{l.Key, value.Name, value.Weight})
		}
		if l.Unmarked > 0 {
			list = append(list, labelRow{Label: l.Key, Weight: l.Unmarked})
		}
	}
	return list
}

// Dir is where the terminal UI keeps profiles: in the data directory of
// its own server, else with the user's state. It is made when first needed.
func Dir(dataDir string) string {
	if dataDir != "" {
		return filepath.Join(dataDir, "profiles")
	}
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "evtui", "profiles")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "" // the page says that there is no directory
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(home, "AppData", "Local", "evtui", "profiles")
	}
	return filepath.Join(home, ".local", "state", "evtui", "profiles")
}
