package durable

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestReplace(t *testing.T) {
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
	if err := Replace(name, write("", broken)); !errors.Is(err, broken) || strings.Contains(err.Error(), ".part") {
		t.Errorf("nothing written: %v", err)
	}
	want("nothing written", name, "")
	want("nothing written", name+".part", "")
	if err := Replace(name, write("one", nil)); err != nil {
		t.Error(err)
	}
	want("written", name, "one")
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Replace(name, write("tw", broken)); !errors.Is(err, broken) || !strings.Contains(err.Error(), "what came before is in "+name+".part") {
		t.Errorf("broken off: %v", err)
	}
	want("broken off", name, "one")
	want("broken off", name+".part", "tw")
	if err := Replace(name, write("two", nil)); err != nil {
		t.Error(err)
	}
	want("written again", name, "two")
	want("written again", name+".part", "")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 && info.Mode().Perm() != 0o666 {
		t.Errorf("its owner alone could read it before, now %v", info.Mode())
	}
	if err := Replace(filepath.Dir(name), write("x", nil)); err == nil {
		t.Error("a directory is written over")
	}
	if err := Replace(os.DevNull, write("x", nil)); err != nil {
		t.Errorf("a device: %v", err)
	}
}

func TestWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "small")
	for _, text := range []string{"one", "another"} {
		if err := Write(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf("it holds %q, %v", got, err)
		}
	}
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", info.Mode())
	}
	if err := Write(filepath.Join(name, "below"), nil); err == nil {
		t.Error("written below a file")
	}
	if err := Write(filepath.Dir(name), nil); err == nil {
		t.Error("a directory is written over")
	}
	if left, _ := os.ReadDir(filepath.Dir(name)); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

func TestCopyTree(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	for name, text := range map[string]string{"a/one": "1", "a/b/two": "2", "left/three": "3"} {
		name = filepath.Join(from, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(from, "left"), filepath.Join(from, "a", "link")); err != nil {
		t.Skip("no links here: ", err)
	}
	err := CopyTree(t.Context(), from, to, func(name string) bool { return name != "left" })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a/one": "1", "a/b/two": "2", "a/link/three": "3", "left/three": ""} {
		name := filepath.Join(to, filepath.FromSlash(name))
		got, err := os.ReadFile(name)
		if string(got) != want || (want == "") != errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
		}
		if info, err := os.Lstat(name); err == nil && runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if err := CopyFile(filepath.Join(from, "a", "one"), filepath.Join(to, "a", "one")); !errors.Is(err, os.ErrExist) {
		t.Errorf("over what is there: %v", err)
	}
}
