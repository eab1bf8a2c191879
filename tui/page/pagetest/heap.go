package pagetest

import (
	"runtime"
	"testing"
)

// Sampled has the heap's profile hold something until the test ends: objects
// are sampled each 512 kB, and told of once a collection has ended.
func Sampled(t testing.TB) {
	held := make([][]byte, 16)
	for i := range held {
		held[i] = make([]byte, 1<<20)
	}
	runtime.GC()
	runtime.GC()
	t.Cleanup(func() { runtime.KeepAlive(held) })
}

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
