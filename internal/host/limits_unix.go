//go:build unix

package host

import "golang.org/x/sys/unix"

// descriptors returns how many files and connections the process may have
// open. Go has raised the soft limit to the hard one at the start.
func descriptors() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<20))
}
