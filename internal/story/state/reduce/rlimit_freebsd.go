package reduce

import "golang.org/x/sys/unix"

func rlimit(most uint64) *unix.Rlimit { return &unix.Rlimit{Cur: int64(most), Max: int64(most)} }
