//go:build unix

package e2e

import (
	"os/exec"
	"syscall"
)

// ownTerminal makes the command's standard input its controlling terminal, so
// that window changes and hang-ups reach it as signals.
func ownTerminal(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
}
