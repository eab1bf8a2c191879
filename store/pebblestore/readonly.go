package pebblestore

import (
	"io"
	"os"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// readOnly is a file system of which nothing can be changed. It locks nothing:
// whoever looks into a directory by it has locked it by other means, or does
// not need to.
type readOnly struct{ vfs.FS }

func refused(op, name string) error {
	return &os.PathError{Op: op, Path: name, Err: syscall.EROFS}
}

func (r readOnly) Link(_, newname string) error             { return refused("link", newname) }
func (r readOnly) Remove(name string) error                 { return refused("remove", name) }
func (r readOnly) RemoveAll(name string) error              { return refused("remove", name) }
func (r readOnly) Rename(_, newname string) error           { return refused("rename", newname) }
func (r readOnly) MkdirAll(dir string, _ os.FileMode) error { return refused("make directory", dir) }

func (r readOnly) Create(name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, refused("create", name)
}

func (r readOnly) OpenReadWrite(name string, _ vfs.DiskWriteCategory, _ ...vfs.OpenOption) (vfs.File, error) {
	return nil, refused("open", name)
}

func (r readOnly) ReuseForWrite(_, newname string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, refused("rename", newname)
}

// Lock takes no lock, and makes no file.
func (r readOnly) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// Unwrap returns the file system below.
func (r readOnly) Unwrap() vfs.FS { return r.FS }

// changesNothing reports whether a file system, or one that it is a cover of, is
// readOnly.
func changesNothing(files vfs.FS) bool {
	for ; files != nil; files = files.Unwrap() {
		switch files.(type) {
		case readOnly, wholeLogs:
			return true
		}
	}
	return false
}
