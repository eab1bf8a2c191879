//go:build !linux

package machine

// RSS returns 0: only Linux tells how much memory the process holds
// just now without cgo.
func RSS() uint64 { return 0 }
