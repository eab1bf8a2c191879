package cli

import (
	"context"
	"github.com/evtui/evtui/internal/cli/command"
	"io"
	"syscall"
	"testing"
)

// TestInterruptedWhileItReads: what waits for standard input ends by a signal,
// not by the second one.
func TestInterruptedWhileItReads(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	dir := filled(t, 100)
	for _, args := range [][]string{
		{"append", "a-1", "T", "--data", dir}, {"append", "a-1", "--from", "-", "--data", dir},
		{"import", "-", "--data", dir}, {"import", "-", "--resume", "--data", dir},
	} {
		ctx, interrupt := context.WithCancelCause(t.Context())
		reads := make(chan struct{}, 1)
		in, silent := io.Pipe()
		root := newRoot()
		root.SetIn(&telling{in: in, reads: reads})
		root.SetOut(io.Discard)
		root.SetErr(io.Discard)
		root.SilenceErrors, root.SilenceUsage = true, true
		root.SetArgs(args)
		ended := make(chan error, 1)
		go func() { ended <- root.ExecuteContext(ctx) }()
		<-reads
		interrupt(&command.Signalled{Signal: syscall.SIGINT})
		if err := <-ended; command.ExitCode(err) != command.ExitInterrupted {
			t.Errorf("%q: exit %d, %v", args, command.ExitCode(err), err)
		}
		_ = silent.Close()
	}
}

// telling is a reader that says when it is read.
type telling struct {
	in    io.Reader
	reads chan<- struct{}
}

func (r *telling) Read(p []byte) (int, error) {
	select {
	case r.reads <- struct{}{}:
	default:
	}
	return r.in.Read(p)
}
