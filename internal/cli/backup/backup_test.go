package backup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/cli/verify"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// filled is a data directory with 3,000 messages in one namespace.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	st, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "shop"})
	for i := range 30 {
		w := store.Write{Stream: fmt.Sprintf("order-%d", i), ExpectedVersion: store.NoStream, Events: slices.Repeat([]store.Event{{Type: "T", Data: []byte(`{}`)}}, 100)}
		_, failed := st.Append(t.Context(), "shop", w)
		err = errors.Join(err, failed)
	}
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a command and returns what it says on standard error.
func run(t *testing.T, cmd *cobra.Command, args ...string) (said string, err error) {
	t.Helper()
	var errs bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	cmd.SetErr(&errs)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err = cmd.ExecuteContext(t.Context())
	return errs.String(), err
}

// filesIn lists a directory's files with what they hold.
func filesIn(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var content []byte
			content, err = os.ReadFile(name)
			files = append(files, name+" "+string(content))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// mustLeave makes a directory as a backup that was killed leaves it.
func mustLeave(t *testing.T, part string, who ownership) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(part, "ns", "shop.1"), 0o700); err != nil {
		t.Fatal(err)
	}
	held, err := who.claim(filepath.Join(part, backupMark))
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Close(); err != nil { // as the system does when a process ends
		t.Fatal(err)
	}
}

// TestBackupCleansUpAfterItsOwn finds what killed backups left: the directory
// that was being made, and a checkpoint. It removes what says that it is its
// own, and nothing else.
func TestBackupCleansUpAfterItsOwn(t *testing.T) {
	dir, out := filled(t), filepath.Join(t.TempDir(), "copy")
	mustLeave(t, out+partEnd, ownership{Source: dir, Destination: out})
	const killed, other = "backup-20260101T000000.000Z", "backup-20260102T000000.000Z"
	for _, name := range []string{killed, other, "mine"} {
		if err := os.MkdirAll(filepath.Join(dir, host.CheckpointsDir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	held, err := ownership{Source: dir, Destination: "/mnt/elsewhere", Checkpoint: killed}.claim(filepath.Join(dir, killed+unfinishedEnd))
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	busy, err := ownership{Source: dir, Destination: "/mnt/other", Checkpoint: other}.claim(filepath.Join(dir, other+unfinishedEnd))
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	errs, err := run(t, Command(), dir, out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"removed " + out + partEnd, "removed checkpoint " + killed + ", left by an interrupted backup to /mnt/elsewhere"} {
		if !strings.Contains(errs, want) {
			t.Errorf("it does not say %q: %q", want, errs)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, host.CheckpointsDir, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != other || filepath.Base(left[1]) != "mine" {
		t.Errorf("checkpoints left: %v, %v", left, err)
	}
	for _, gone := range []string{out + partEnd, filepath.Join(out, backupMark), filepath.Join(dir, killed+unfinishedEnd), filepath.Join(out, host.CheckpointsDir)} {
		if _, err := os.Stat(gone); err == nil {
			t.Errorf("%s already exists", gone)
		}
	}
	if _, err := run(t, verify.Command(), "--data", out); err != nil {
		t.Errorf("the copy: %v", err)
	}
}

// TestBackupLeavesOthersAlone finds directories in its way that are not
// provably of a backup to the same place.
func TestBackupLeavesOthersAlone(t *testing.T) {
	dir := filled(t)
	for name, make := range map[string]func(t *testing.T, out string){
		"somebody's": func(t *testing.T, out string) { mustChangeNew(t, filepath.Join(out+partEnd, "notes"), "mine") },
		"another's mark": func(t *testing.T, out string) {
			mustChangeNew(t, filepath.Join(out+partEnd, backupMark), `{"says":"x"}`)
		},
		"to another place": func(t *testing.T, out string) {
			mustLeave(t, out+partEnd, ownership{Source: dir, Destination: out + "2"})
		},
		"an empty mark": func(t *testing.T, out string) {
			mustChangeNew(t, filepath.Join(out+partEnd, backupMark), "")
			mustChangeNew(t, filepath.Join(out+partEnd, "x"), "")
		},
		"not JSON in there": func(t *testing.T, out string) { mustChangeNew(t, filepath.Join(out+partEnd, backupMark), "x") },
	} {
		out := filepath.Join(t.TempDir(), "copy")
		make(t, out)
		before := filesIn(t, out+partEnd)
		_, err := run(t, Command(), dir, out)
		if command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "move it away") {
			t.Errorf("%s: %v", name, err)
		}
		if after := filesIn(t, out+partEnd); !slices.Equal(after, before) {
			t.Errorf("%s: left %v of %v", name, after, before)
		}
	}
	out := filepath.Join(t.TempDir(), "copy")
	if err := os.Mkdir(out+partEnd, 0o700); err != nil {
		t.Fatal(err)
	}
	held, err := ownership{Source: dir, Destination: out}.claim(filepath.Join(out+partEnd, backupMark))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if _, err := run(t, Command(), dir, out); !errors.Is(err, errHeld) || command.ExitCode(err) != command.ExitTryAgain {
		t.Errorf("while another backup makes it: %v", err)
	}
}

func mustChangeNew(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBackupIsHeldAgainstItsSource has a copy that is sound and lacks
// something: it does not get its name.
func TestBackupIsHeldAgainstItsSource(t *testing.T) {
	dir, out := filled(t), filepath.Join(t.TempDir(), "copy")
	cmd := &cobra.Command{}
	cmd.SetErr(new(bytes.Buffer))
	cmd.SetContext(t.Context())
	for _, missing := range []backedUp{{Namespaces: 2, Messages: 3000}, {Namespaces: 1, Messages: 3001}} {
		b := &backup{target: &target.Target{}, cmd: cmd, from: host.Place(dir), made: backedUp{Dir: out}, part: dir, claimed: missing}
		if err := b.check(t.Context()); err == nil || !strings.Contains(err.Error(), "should hold") {
			t.Errorf("of %+v: %v", missing, err)
		}
	}
	b := &backup{target: &target.Target{}, cmd: cmd, from: host.Place(dir), made: backedUp{Dir: out}, part: dir, claimed: backedUp{Namespaces: 1, Messages: 3000}}
	if err := b.check(t.Context()); err != nil {
		t.Error(err)
	}
}
