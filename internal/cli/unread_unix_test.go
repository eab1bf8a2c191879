//go:build unix

package cli

import (
	"bufio"
	"github.com/evtui/evtui/internal/cli/command"
	"io"
	"os"
	"testing"
)

// TestFollowersEndWithTheirReader reads a line and closes the pipe, as head -1
// does: what follows ends then, although nothing more is written.
func TestFollowersEndWithTheirReader(t *testing.T) {
	dir := filled(t, 100)
	for _, args := range [][]string{
		{"tail", "--data", dir, "-o", "ndjson"},
		{"tail", "--data", dir, "account", "-o", "csv"},
		{"events", "--watch", "--data", dir},
		{"log", "--watch", "--data", dir},
		{"stats", "--watch", "--data", dir, "-o", "ndjson"},
	} {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		root := newRoot()
		root.SetOut(out)
		root.SetErr(io.Discard)
		root.SilenceErrors, root.SilenceUsage = true, true
		root.SetArgs(args)
		ended := make(chan error, 1)
		go func() { ended <- root.ExecuteContext(t.Context()) }()
		if args[0] != "log" && args[0] != "events" { // an engine that is only read has done nothing
			if line, err := bufio.NewReader(in).ReadString('\n'); err != nil || line == "\n" {
				t.Errorf("%q: read %q, %v", args, line, err)
			}
		}
		_ = in.Close()
		if err := <-ended; command.ExitCode(err) != command.ExitUnread {
			t.Errorf("%q: exit %d, %v", args, command.ExitCode(err), err)
		}
		_ = out.Close()
	}
}

// TestReadersThatStay: what is read to its end is no failure, and a file that
// is no pipe is left alone.
func TestReadersThatStay(t *testing.T) {
	dir := filled(t, 100)
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	for _, to := range []*os.File{out, file} {
		root := newRoot()
		root.SetOut(to)
		root.SetArgs([]string{"tail", "--data", dir, "--no-follow", "-o", "ndjson"})
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Error(err)
		}
		_ = to.Close()
	}
}
