package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
)

// Stdin is standard input until the command's context ends: a read
// of a terminal, or of a pipe that nobody writes to, knows no other end.
func Stdin(cmd *cobra.Command) io.Reader {
	return &interruptible{ctx: cmd.Context(), in: cmd.InOrStdin()}
}

type interruptible struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader. The read that the context ends is left to itself,
// and may still take what comes: nobody reads from in after it.
func (r *interruptible) Read(p []byte) (int, error) {
	type taken struct {
		n   int
		err error
	}
	into := make([]byte, len(p)) // p is the caller's again when the context ends
	read := make(chan taken, 1)
	go func() {
		n, err := r.in.Read(into)
		read <- taken{n, err}
	}()
	select {
	case t := <-read:
		return copy(p, into[:t.n]), t.err
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	}
}

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
