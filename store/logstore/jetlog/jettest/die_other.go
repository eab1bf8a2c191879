//go:build !linux

package jettest

import "syscall"

// dieWithParent leaves it to the server's input, which ends with the test.
func dieWithParent() *syscall.SysProcAttr { return nil }
