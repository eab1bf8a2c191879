//go:build !linux

package bench

import (
	"errors"
	"time"
)

var errNoProc = errors.New("this system has no /proc")

func processCPU(int) (time.Duration, error) { return 0, errNoProc }

func peakMemory(int) (int64, error) { return 0, errNoProc }

func lowerPriority() {}
