package command

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/moment"
)

// Fault is what is wrong with a command line; "" says that nothing is.
type Fault string

// When returns the fault that the text says, where wrong holds.
func When(wrong bool, format string, args ...any) Fault {
	if !wrong {
		return ""
	}
	return Fault(fmt.Sprintf(format, args...))
}

// Check returns the first of the faults as a usage error, nil where there is none.
func Check(cmd *cobra.Command, faults ...Fault) error {
	if fault := cmp.Or(faults...); fault != "" {
		return Usage(cmd, "%s", string(fault))
	}
	return nil
}

// Time reads a flag's time as of now; the zero time when none is given.
func Time(cmd *cobra.Command, flag, given string, now time.Time) (time.Time, error) {
	if given == "" {
		return time.Time{}, nil
	}
	at, err := moment.ParseTime(given, now)
	if err != nil {
		return at, Usage(cmd, "--%s %v", flag, err)
	}
	return at, nil
}

// Window is what the flags --since and --until were given.
type Window struct{ Since, Until string }

// Read reads the window as of now. ends says in an error what ends with it.
func (w Window) Read(cmd *cobra.Command, now time.Time, ends string) (since, until time.Time, err error) {
	if since, err = Time(cmd, "since", w.Since, now); err == nil {
		until, err = Time(cmd, "until", w.Until, now)
	}
	if err == nil && !until.IsZero() && !since.Before(until) {
		err = Usage(cmd, "--until must be after --since: it is where %s", ends)
	}
	return since, until, err
}

// AllByUse has cmd and the commands below it take what their Use says, unless they check
// their arguments themselves.
func AllByUse(cmd *cobra.Command) {
	if cmd.Args == nil {
		cmd.Args = ByUse
	}
	for _, sub := range cmd.Commands() {
		AllByUse(sub)
	}
}

// ByUse checks how many arguments a command is given by what its Use calls them: those in
// brackets may be left out, and one that ends in dots stands for any number.
func ByUse(cmd *cobra.Command, args []string) error {
	_, takes, _ := strings.Cut(cmd.Use, " ")
	least, most, optional := 0, 0, 0
	for word := range strings.FieldsSeq(takes) {
		optional += strings.Count(word, "[")
		if most++; optional == 0 {
			least++
		}
		optional -= strings.Count(word, "]")
	}
	repeated := strings.Contains(takes, "...") || strings.Contains(takes, "…")
	if len(args) >= least && (repeated || len(args) <= most) {
		return nil
	}
	return wrongNumber(cmd, args)
}

// wrongNumber says which arguments are right, in the words of the command's Use.
func wrongNumber(cmd *cobra.Command, args []string) error {
	var words strings.Builder
	for _, arg := range args {
		fmt.Fprintf(&words, " %q", arg)
	}
	got := cmp.Or(words.String(), " nothing")
	_, takes, _ := strings.Cut(cmd.Use, " ")
	switch {
	case cmd.HasAvailableSubCommands() && len(args) > 0:
		return Usage(cmd, "%q is not a command of %s", args[0], cmd.CommandPath())
	case takes == "":
		return Usage(cmd, "%s takes no arguments, but was given%s", cmd.CommandPath(), got)
	}
	return Usage(cmd, "%s takes %s, but was given%s", cmd.CommandPath(), takes, got)
}
