//go:build unix

package server_test

import "syscall"

// umask sets what new files may not be, and returns what that was.
func umask(mask int) int { return syscall.Umask(mask) }
