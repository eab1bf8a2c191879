//go:build unix

package command

import (
	"os"
	"syscall"
)

func endingSignals() []os.Signal {
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}
}
