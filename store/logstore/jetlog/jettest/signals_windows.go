package jettest

import "syscall"

// Windows has no such signals: sending one fails, and the test with it.
const (
	pauseSignal  = syscall.Signal(0x13)
	resumeSignal = syscall.Signal(0x12)
)
