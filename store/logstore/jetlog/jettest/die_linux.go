package jettest

import "syscall"

// dieWithParent has the system kill a server whose test is gone, also one that is stopped.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
