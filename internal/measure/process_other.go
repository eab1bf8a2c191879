//go:build !linux

package measure

import (
	"errors"
	"time"
)

var errNoProc = errors.New("this system has no /proc")

// CPU returns an error: this system does not report another process's time.
func CPU(int) (time.Duration, error) { return 0, errNoProc }

func peakMemory(int) (int64, error) { return 0, errNoProc }

// LowerPriority does nothing here.
func LowerPriority() {}
