package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/moment"
)

// timeFlag reads a flag's time as of now; the zero time when none is given.
func timeFlag(cmd *cobra.Command, flag, given string, now time.Time) (time.Time, error) {
	if given == "" {
		return time.Time{}, nil
	}
	at, err := moment.ParseTime(given, now)
	if err != nil {
		return at, command.Usage(cmd, "--%s %v", flag, err)
	}
	return at, nil
}
