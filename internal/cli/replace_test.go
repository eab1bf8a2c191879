package cli

import (
	"errors"
	"github.com/evtui/evtui/internal/cli/command"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplaceFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	broken := errors.New("broken off")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, failed := io.WriteString(w, text)
			return errors.Join(err, failed)
		}
	}
	want := func(what, file, text string) {
		t.Helper()
		got, err := os.ReadFile(file)
		if string(got) != text || (text == "") != errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %s holds %q, %v; want %q", what, filepath.Base(file), got, err, text)
		}
	}
	if err := replaceFile(name, write("", broken)); !errors.Is(err, broken) || strings.Contains(err.Error(), ".part") {
		t.Errorf("nothing written: %v", err)
	}
	want("nothing written", name, "")
	want("nothing written", name+".part", "")
	if err := replaceFile(name, write("one", nil)); err != nil {
		t.Error(err)
	}
	want("written", name, "one")
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(name, write("tw", broken)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "what came before is in "+name+".part") {
		t.Errorf("broken off: %v", err)
	}
	want("broken off", name, "one")
	want("broken off", name+".part", "tw")
	if err := replaceFile(name, write("two", nil)); err != nil {
		t.Error(err)
	}
	want("written again", name, "two")
	want("written again", name+".part", "")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 && info.Mode().Perm() != 0o666 {
		t.Errorf("its owner alone could read it before, now %v", info.Mode())
	}
	if err := replaceFile(filepath.Dir(name), write("x", nil)); err == nil {
		t.Error("a directory is written over")
	}
	if err := replaceFile(os.DevNull, write("x", nil)); err != nil {
		t.Errorf("a device: %v", err)
	}
}

// TestFailedExportKeepsTheLast: a nightly export whose token no longer holds
// leaves the one of the night before.
func TestFailedExportKeepsTheLast(t *testing.T) {
	dir := filled(t, 100)
	name := filepath.Join(t.TempDir(), "shop.ndjson")
	if _, errs, err := runCommand(t, "export", name, "--data", dir); err != nil || !strings.Contains(errs, "exported 100 messages") {
		t.Fatal(errs, err)
	}
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := runCommand(t, "export", name, "--data", dir, "--ns", "nothing"); command.ExitCode(err) != command.ExitFailed {
		t.Errorf("exit %d, %v", command.ExitCode(err), err)
	}
	if after, err := os.ReadFile(name); err != nil || string(after) != string(before) {
		t.Errorf("%d bytes of %d are left, %v", len(after), len(before), err)
	}
	if files, _ := os.ReadDir(filepath.Dir(name)); len(files) != 1 {
		t.Errorf("left: %v", files)
	}
}
