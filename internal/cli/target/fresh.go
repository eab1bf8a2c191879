package target

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server/client"
)

// FreshFlag adds the flag of commands that read what others may just have written.
func FreshFlag(cmd *cobra.Command, fresh *bool) {
	cmd.Flags().BoolVar(fresh, "fresh", false, "on a cluster, first wait for all that was acknowledged anywhere, at other evtui too")
}

// Freshen waits until what the client reads of its namespace shows all that was acknowledged
// anywhere before the call. One question does for all that is read after it.
func Freshen(ctx context.Context, c *client.Client) error {
	if _, err := c.Fresh().Version(ctx, "evtui"); err != nil { // any stream, there or not
		return fmt.Errorf("wait for what was acknowledged elsewhere: %w", err)
	}
	return nil
}
