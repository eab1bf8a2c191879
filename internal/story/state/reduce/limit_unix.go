//go:build unix

package reduce

import (
	"os"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"
)

// beyondHeap is what the process may map beside its heap: the runtime maps in
// steps of 64 MiB, and objects that are garbage already are there for a while.
const beyondHeap = 256 << 20

// limitMemory has the collector keep to the limit, and the system refuse what
// goes far beyond it at once. No file can be written, no core dumped.
func limitMemory(heap int64) {
	debug.SetMemoryLimit(heap / 4 * 3)
	for resource, most := range map[int]uint64{unix.RLIMIT_DATA: uint64(heap) + beyondHeap, unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0} {
		// What a system does not bound is bounded by the watcher.
		_ = unix.Setrlimit(resource, rlimit(most))
	}
}

// closeInherited closes the files that came with the process beside the three
// that it talks by. Those that the Go runtime opened since are closed on exec;
// what was inherited is not.
func closeInherited() {
	names, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, name := range names {
		fd, err := strconv.Atoi(name.Name())
		if err != nil || fd < 3 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
}
