package pebblestore

import (
	"io"
	"os"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// private is a file system on the disk whose new files and directories only
// their owner may read: what is in them is as secret as the tokens that guard
// the way to it over the network. Pebble itself leaves modes to the umask.
type private struct{ vfs.FS }

const (
	privateFile = 0o600
	privateDir  = 0o700
)

// Unwrap is how Pebble finds what a file system is a cover of.
func (p private) Unwrap() vfs.FS { return p.FS }

func (p private) MkdirAll(dir string, _ os.FileMode) error { return p.FS.MkdirAll(dir, privateDir) }

// Create makes a file. It is empty as long as others may open it.
func (p private) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := p.FS.Create(name, category)
	return shut(name, f, err)
}

func (p private) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := p.FS.OpenReadWrite(name, category, opts...)
	return shut(name, f, err)
}

func (p private) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := p.FS.ReuseForWrite(oldname, newname, category)
	return shut(newname, f, err)
}

func (p private) Lock(name string) (io.Closer, error) {
	l, err := p.FS.Lock(name)
	return shut(name, l, err)
}

// shut takes a file that is open away from others than its owner.
func shut[F io.Closer](name string, f F, err error) (F, error) {
	if err != nil {
		return f, err
	}
	if err := os.Chmod(name, privateFile); err != nil {
		var none F
		_ = f.Close() // it is of no use
		return none, err
	}
	return f, nil
}

// trim gives back the room that was laid in behind a file's end. Nobody may have
// it open.
func (p private) trim(name string) error {
	info, err := os.Stat(name)
	if err == nil {
		// To the length that it has: file systems free what lies behind.
		err = os.Truncate(name, info.Size())
	}
	return err
}
