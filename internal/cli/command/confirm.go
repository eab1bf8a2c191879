package command

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
)

// Question is what Confirm asks.
type Question struct {
	What    string // in a sentence
	Flag    string // what --yes does without being asked, as the beginning of one
	Refused string // what holds when the name is not typed
}

// Confirm has the name typed in full, by a person at a terminal.
func Confirm(cmd *cobra.Command, name string, q Question) error {
	if !output.IsTerminal(cmd.InOrStdin()) {
		return Usage(cmd, "%s: add --yes to skip the confirmation", q.Flag)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s\nType its name to continue: ", q.What)
	line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if err == nil && strings.TrimRight(line, "\r\n") == name {
		return nil
	}
	return fmt.Errorf("%s: %q is not the name", q.Refused, strings.TrimSpace(line))
}
