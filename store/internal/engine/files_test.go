package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/evtui/evtui/store/internal/filesys"
)

// TestFiles holds all file systems to what Files promises.
func TestFiles(t *testing.T) {
	for name, c := range map[string]struct {
		files filesys.Files
		root  string
	}{"disk": {filesys.Disk{}, t.TempDir()}, "memory": {filesys.NewMemory(), "x"}, "test": {newDisk(), "x"}} {
		t.Run(name, func(t *testing.T) {
			files := c.files
			at := func(parts ...string) string { return files.Join(append([]string{c.root}, parts...)...) }
			for what, err := range map[string]error{
				"read":   func() error { _, err := files.ReadFile(at("no")); return err }(),
				"size":   func() error { _, err := files.Size(at("no")); return err }(),
				"list":   func() error { _, err := files.List(at("no")); return err }(),
				"create": func() error { _, err := files.Create(at("no", "file")); return err }(),
				"rename": files.Rename(at("no"), at("there")),
				"remove": files.Remove(at("no")),
			} {
				if !filesys.IsNotExist(err) {
					t.Errorf("%s what is not there: %v", what, err)
				}
			}
			mustDo(t, files.MakeDir(at("a", "b")))
			mustDo(t, files.MakeDir(at("a", "b")))
			mustDo(t, writeSynced(files, at("a", "b", "file"), []byte("one")))
			f, err := files.Append(at("a", "b", "file"))
			mustDo(t, err)
			_, err = f.Write([]byte("two"))
			mustDo(t, errors.Join(err, f.Sync(), f.Close()))
			if data, err := files.ReadFile(at("a", "b", "file")); err != nil || string(data) != "onetwo" {
				t.Errorf("read %q, %v", data, err)
			}
			if size, err := files.Size(at("a", "b", "file")); err != nil || size != 6 {
				t.Errorf("size %d, %v", size, err)
			}
			if size, err := files.Size(at("a")); err != nil || size != 0 || !files.IsDir(at("a")) || files.IsDir(at("a", "b", "file")) {
				t.Errorf("size of a directory %d, %v", size, err)
			}
			if err := files.Remove(at("a", "b")); err == nil {
				t.Error("a directory that holds something was removed")
			}
			mustDo(t, writeWhole(files, at("a", "b"), "file", []byte("three")))
			mustDo(t, files.Rename(at("a", "b"), at("a", "c")))
			if data, err := files.ReadFile(at("a", "c", "file")); err != nil || string(data) != "three" {
				t.Errorf("read %q, %v", data, err)
			}
			mustDo(t, files.SyncDir(at("a")))
			if names, err := files.List(at("a")); err != nil || !slices.Equal(names, []string{"c"}) {
				t.Errorf("names %q, %v", names, err)
			}
			mustDo(t, files.RemoveAll(at("a", "c")))
			mustDo(t, files.RemoveAll(at("a", "c")))
			mustDo(t, files.Remove(at("a")))
			if exists(files, at("a")) {
				t.Error("what was removed is there")
			}
		})
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes there")
	}
	dir := filepath.Join(t.TempDir(), "data")
	h, err := openHome(filesys.Disk{}, dir, testOptions())
	mustDo(t, err)
	mustMake(t, filesys.Disk{}, h, "default")
	mustDo(t, h.close(true))
	mustDo(t, filepath.WalkDir(dir, func(name string, one fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := one.Info()
		want := os.FileMode(0o600)
		if one.IsDir() {
			want = 0o700
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		return err
	}))
}
