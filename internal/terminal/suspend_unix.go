//go:build unix

package terminal

import "golang.org/x/sys/unix"

// Resumable reports whether something would resume this process if it suspended
// itself: a shell with job control above it. Without one the system discards
// the signal that suspends, and a program that waits to be resumed waits for
// ever.
func Resumable() bool {
	session, err := unix.Getsid(0)
	if err != nil {
		return false
	}
	parents, err := unix.Getsid(unix.Getppid())
	return err == nil && resumable(session, unix.Getpgrp(), parents)
}

// resumable decides by POSIX's rule on orphaned process groups. A shell with
// job control gives each job a process group apart from its own, which is the
// session's first; a parent in another session cannot resume anything here.
func resumable(session, group, parents int) bool {
	return group != session && parents == session
}
