package filesys

import (
	"errors"
	"io"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// Files is the file system that a data directory lies on: the disk, or one in
// memory for tests. Files and directories that it makes are for their owner alone.
type Files interface {
	// ReadFile returns a file's content, fs.ErrNotExist when it is not there.
	ReadFile(name string) ([]byte, error)
	// Create makes a file, or empties one, to be written.
	Create(name string) (File, error)
	// Append opens a file to add to its end, making it if need be.
	Append(name string) (File, error)
	// Size returns how long a file is; fs.ErrNotExist when it is not there. It
	// is 0 for directories.
	Size(name string) (int64, error)
	// List returns the names in a directory, in order; fs.ErrNotExist when it
	// is not there.
	List(dir string) ([]string, error)
	IsDir(name string) bool
	// MakeDir makes a directory with its missing parents, durably.
	MakeDir(dir string) error
	// Rename and Remove are durable after SyncDir of the directory.
	Rename(from, to string) error
	// Remove removes a file or an empty directory.
	Remove(name string) error
	// RemoveAll removes a directory with all that it holds. It is no error when
	// there is none.
	RemoveAll(dir string) error
	SyncDir(dir string) error
	// Lock takes a lock file, making it if need be. It returns store.ErrLocked
	// when another process, or this one, has it.
	Lock(name string) (io.Closer, error)
	Join(parts ...string) string
}

// File is a file that is written.
type File interface {
	io.WriteCloser
	Sync() error
}

// URL is the URL of a file or directory on this machine, and [PathOf] its inverse.
func URL(scheme, name string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // C:/…
	}
	return (&url.URL{Scheme: scheme, Path: name}).String()
}

// PathOf is the name of the file or directory that a URL leads to.
func PathOf(u *url.URL) string {
	name := u.Path
	if runtime.GOOS == "windows" {
		name = strings.TrimPrefix(name, "/") // /C:/…
	}
	return filepath.FromSlash(name)
}

// IsNotExist reports whether a file is not there.
func IsNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
