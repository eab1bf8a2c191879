package machine

import (
	"syscall"
	"unsafe"
)

// DiskSpace returns how many bytes the volume of a directory leaves to this
// process, and how many it has; zeros where it does not tell.
func DiskSpace(dir string) (free, size int64) {
	name, err := syscall.UTF16PtrFromString(dir)
	if err != nil || dir == "" {
		return 0, 0
	}
	ask := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	var left, all uint64
	ok, _, _ := ask.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&left)), uintptr(unsafe.Pointer(&all)), 0)
	if ok == 0 {
		return 0, 0
	}
	return int64(left), int64(all)
}
