//go:build unix && !freebsd

package reduce

import "golang.org/x/sys/unix"

func rlimit(most uint64) *unix.Rlimit { return &unix.Rlimit{Cur: most, Max: most} }
