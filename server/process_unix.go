//go:build unix

package server

import (
	"syscall"
	"time"
)

// ProcessCPU returns the processor time that the process has used, 0 where
// the system does not tell.
func ProcessCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
