package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// files shows Pebble's file system to the shared layer; see filesys.Files.
type files struct{ vfs.FS }

var _ filesys.Files = files{}

// category says in Pebble's figures who writes.
const category = vfs.WriteCategoryUnspecified

func (f files) ReadFile(name string) ([]byte, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(file)
	return data, errors.Join(err, file.Close())
}

func (f files) Create(name string) (filesys.File, error) {
	file, err := f.FS.Create(name, category)
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f files) Append(name string) (filesys.File, error) {
	file, err := f.FS.OpenReadWrite(name, category)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &appended{File: file, end: info.Size()}, nil
}

// appended is a file that is written at its end.
type appended struct {
	vfs.File
	end int64
}

func (a *appended) Write(p []byte) (int, error) {
	n, err := a.WriteAt(p, a.end)
	a.end += int64(n)
	return n, err
}

func (f files) Size(name string) (int64, error) {
	info, err := f.Stat(name)
	if err != nil || info.IsDir() {
		return 0, err
	}
	return info.Size(), nil
}

func (f files) List(dir string) ([]string, error) {
	names, err := f.FS.List(dir)
	slices.Sort(names)
	return names, err
}

func (f files) IsDir(name string) bool {
	info, err := f.Stat(name)
	return err == nil && info.IsDir()
}

func (f files) MakeDir(dir string) error { return makeDirs(f.FS, dir) }

func (f files) SyncDir(dir string) error { return syncDir(f.FS, dir) }

// onDisk reports whether the files are the system's own, whatever covers them.
func (f files) onDisk() bool {
	for below := f.FS; below != nil; below = below.Unwrap() {
		if below == vfs.Default {
			return true
		}
	}
	return false
}

// LockShared takes a lock file that is there together with other readers. Only
// the system's own files have such locks.
func (f files) LockShared(name string) (io.Closer, error) {
	if !f.onDisk() {
		return io.NopCloser(nil), nil
	}
	return filesys.Disk{}.LockShared(name)
}

// Lock takes a lock file.
func (f files) Lock(name string) (io.Closer, error) {
	if f.onDisk() && !changesNothing(f.FS) {
		return filesys.Disk{}.Lock(name) // which knows shared locks
	}
	lock, err := f.FS.Lock(name)
	switch {
	case err == nil:
		return lock, nil
	case errors.Is(err, syscall.EAGAIN):
		return nil, store.ErrLocked // which says it all
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EROFS):
		return nil, err
	default:
		return nil, fmt.Errorf("%w: %w", store.ErrLocked, err)
	}
}

func (f files) Join(parts ...string) string { return f.PathJoin(parts...) }

// makeDirs makes dir with its missing parents (mode 0700) and syncs every
// directory that got an entry: without that a crash can take a directory back
// together with all that was synced below it.
func makeDirs(files vfs.FS, dir string) error {
	changed := []string{dir}
	for at := dir; files.PathDir(at) != at; at = files.PathDir(at) {
		_, err := files.Stat(at)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make directory: %w", err)
		}
		changed = append(changed, files.PathDir(at))
	}
	if err := files.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	for _, d := range changed {
		if err := syncDir(files, d); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(files vfs.FS, dir string) error {
	f, err := files.OpenDir(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
