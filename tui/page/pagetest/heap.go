package pagetest

import "runtime"

// Held returns how many bytes of the heap are in use by what make returns, and
// by whatever else it leaves behind.
func Held(make func() any) int64 {
	before := heap()
	held := make()
	used := int64(heap() - before)
	runtime.KeepAlive(held)
	return used
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
