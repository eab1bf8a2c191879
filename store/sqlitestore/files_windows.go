package sqlitestore

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// fileLimit returns how many file handles the process may have: the system
// sets no limit worth minding.
func fileLimit() int { return 1 << 16 }

// lockFile takes the file for this process; held is true when another has it.
func lockFile(f *os.File) (held bool, err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION), err
}

// syncDir does nothing: the system has no such call, and keeps a directory's
// entries by itself.
func syncDir(string) error { return nil }
