//go:build !unix

package command

import (
	"os"
	"syscall"
)

// endingSignals has what these systems can deliver: ctrl-c, and the closing
// of the console, which Go presents as SIGTERM.
func endingSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }
