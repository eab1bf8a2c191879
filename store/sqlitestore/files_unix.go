//go:build unix

package sqlitestore

import "golang.org/x/sys/unix"

// fileLimit returns how many file descriptors the process may have. Go has
// raised the soft limit to the hard one at the start.
func fileLimit() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20))
}
