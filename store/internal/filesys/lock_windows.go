package filesys

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// FileLimit returns how many file handles the process may have: the system
// sets no limit worth minding.
func FileLimit() int { return 1 << 16 }

// lockFile takes the file for this process.
func lockFile(f *os.File, shared bool) error {
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if !shared {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
}

// isHeld reports whether an error of opening or locking says that another has
// the file: versions before opened it for themselves alone.
func isHeld(err error) bool {
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}

// syncDir does nothing: the system has no such call, and keeps a directory's
// entries by itself.
func syncDir(string) error { return nil }
