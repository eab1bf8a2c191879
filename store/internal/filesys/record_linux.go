package filesys

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lockRecord takes the file against those who lock it by fcntl, as versions
// before did for the pebble engine: Linux keeps the two kinds of locks apart.
// This one belongs to the open file, not to the process, so that closing another
// file of that name does not drop it.
func lockRecord(f *os.File, shared bool) error {
	spec := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	if shared {
		spec.Type = unix.F_RDLCK
	}
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &spec)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOLCK) || errors.Is(err, unix.ENOSYS) {
		return nil // a kernel or file system without them; the other kind holds
	}
	if errors.Is(err, unix.EACCES) {
		return unix.EAGAIN // POSIX lets a lock that is held be either
	}
	return err
}
