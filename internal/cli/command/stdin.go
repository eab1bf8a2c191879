package command

import (
	"context"
	"io"

	"github.com/spf13/cobra"
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
