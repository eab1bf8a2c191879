//go:build unix

package machine

import (
	"syscall"
	"time"
)

// CPUTime returns the processor time that the process has used, 0 where
// the system does not tell.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
