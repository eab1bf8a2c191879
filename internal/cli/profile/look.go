package profile

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/profiler"
)

// profileLook is how a profile is to be looked at, and where it is had from.
type profileLook struct {
	from           profileSource
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
	l.from.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&l.o.Value, "value", "", "sample value to show, such as alloc_space; profile values lists them (default: the profile's own)")
	_ = cmd.RegisterFlagCompletionFunc("value", CompleteValues)
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

// shows returns what a command does that looks at the profiles which its arguments name, but
// for the last ones that are something else.
func (l *profileLook) shows(others int, show func(cmd *cobra.Command, args []string, v *profiler.View) error) target.Run {
	return func(cmd *cobra.Command, args []string) error {
		v, err := l.view(cmd, args[:len(args)-others]...)
		if err != nil {
			return err
		}
		return show(cmd, args, v)
	}
}

// view opens the files, takes the base off and looks at what they sum up to.
func (l *profileLook) view(cmd *cobra.Command, files ...string) (*profiler.View, error) {
	if l.base != "" && l.diffBase != "" {
		return nil, command.Usage(cmd, "--base and --diff-base are mutually exclusive: give one of them")
	}
	base, mode := l.off()
	if l.normalize && mode == profiler.NotDiff {
		return nil, command.Usage(cmd, "--normalize needs --base or --diff-base")
	}
	for _, label := range l.labels {
		cut, err := parseLabel(label)
		if err != nil {
			return nil, command.Usage(cmd, "--label %v", err)
		}
		l.o.Labels = append(l.o.Labels, cut)
	}
	p, err := l.open(cmd, files, base, mode)
	if err != nil {
		return nil, err
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

// open returns the profile, or its difference to the base.
func (l *profileLook) open(cmd *cobra.Command, files []string, base string, mode profiler.DiffMode) (*profiler.Profile, error) {
	groups := [][]string{files}
	if mode != profiler.NotDiff {
		groups = append(groups, []string{base})
	}
	opened, err := l.from.open(cmd, groups...)
	if err != nil {
		return nil, err
	}
	if mode == profiler.NotDiff {
		return opened[0], nil
	}
	p, err := opened[0].Diff(opened[1], mode, l.normalize)
	if err != nil {
		return nil, fmt.Errorf("compare %q with %q: %w", strings.Join(files, " "), base, err)
	}
	return p, nil
}

// nameValue says on standard error which of several values is shown, where the
// output itself does not.
func (l *profileLook) nameValue(cmd *cobra.Command, v *profiler.View) {
	types := v.Profile().Types()
	if l.o.Value != "" || len(types) < 2 {
		return
	}
	var others []string
	for _, t := range types {
		if t.Type != v.Type().Type {
			others = append(others, t.Type)
		}
	}
	fmt.Fprintln(cmd.ErrOrStderr(), output.InertLines(fmt.Sprintf("showing %s in %s; --value also takes %s", v.Type().Type, v.Type().Unit, strings.Join(others, ", "))))
}

// titleOf names what was opened: a file, or the first of several.
func titleOf(files []string) string {
	name := filepath.Base(files[0])
	if len(files) > 1 {
		name += fmt.Sprintf(" and %d more", len(files)-1)
	}
	return name
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

// printText prints what write writes, of which nothing acts on a terminal.
func printText(cmd *cobra.Command, write func(io.Writer) error) error {
	tab := ""
	if output.IsTerminal(cmd.OutOrStdout()) {
		tab = "    "
	}
	w := output.NewInertText(cmd.OutOrStdout(), tab)
	return errors.Join(write(w), w.Flush())
}
