package command

import (
	"context"
	"errors"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/spf13/cobra"
)

// errUnread ends a command whose output nobody reads any more. It is not
// printed.
var errUnread = errors.New("nobody reads the output any more")

// WhileRead runs f, which may print nothing for long, and has the command's
// context end as soon as what reads its output has gone: the next write would
// find that out, but may never come. A tail that is piped into a program that
// has seen enough so ends with that program.
func WhileRead(cmd *cobra.Command, f func() error) error {
	file, ok := output.FileOf(cmd.OutOrStdout())
	if !ok {
		return f()
	}
	before := cmd.Context()
	ctx, cancel := context.WithCancelCause(before)
	defer cancel(nil)
	release := onUnread(file, func() { cancel(errUnread) })
	defer release()
	cmd.SetContext(ctx)
	defer cmd.SetContext(before)
	err := f()
	if err != nil && errors.Is(context.Cause(ctx), errUnread) {
		return errUnread
	}
	return err
}
