package machine

import (
	"bytes"
	"os"
	"strconv"
)

// RSS returns the memory that the process holds, in bytes, 0 where the
// system does not tell.
func RSS() uint64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(statm) // size, resident, … in pages
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}
