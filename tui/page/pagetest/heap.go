package pagetest

import (
	"bytes"
	"io"
	"runtime"
	"testing"
)

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

// HoldHeap keeps memory to the end of the test that a heap profile surely shows:
// more than is sampled, and made by nobody who counts as the UI, whose own share
// is left out.
func HoldHeap(t testing.TB) {
	t.Helper()
	held, source := &bytes.Buffer{}, &zeros{left: 16 << 20, end: make(chan struct{})}
	go io.Copy(held, source) //nolint:errcheck // it cannot fail; called as it is, so that no frame of ours is below it
	<-source.end
	t.Cleanup(func() { runtime.KeepAlive(held) })
}

// zeros is so many zeros, and then the end.
type zeros struct {
	left int
	end  chan struct{}
}

// Read implements io.Reader.
func (z *zeros) Read(p []byte) (int, error) {
	if z.left <= 0 {
		close(z.end)
		return 0, io.EOF
	}
	n := min(len(p), z.left)
	z.left -= n
	return n, nil
}
