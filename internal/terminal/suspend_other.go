//go:build !unix

package terminal

// Resumable reports false: this system has no job control.
func Resumable() bool { return false }
