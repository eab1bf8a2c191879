package machine_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/evtui/evtui/server/internal/machine"
)

// TestTheSystemTells asks where systems are known to answer.
func TestTheSystemTells(t *testing.T) {
	before := machine.CPUTime()
	for n := 0; machine.CPUTime() == before; n++ { // the clock ticks every 10 ms, at worst
		if n > 1<<24 {
			t.Fatalf("working took no time: %v", before)
		}
	}
	if rss := machine.RSS(); runtime.GOOS == "linux" && rss < 1<<20 {
		t.Errorf("the process holds %d bytes", rss)
	}
	dir := t.TempDir()
	if free, size := machine.DiskSpace(dir); size <= 0 || free < 0 || free > size {
		t.Errorf("%d bytes left of %d", free, size)
	}
	if free, size := machine.DiskSpace(filepath.Join(dir, "gone")); free != 0 || size != 0 {
		t.Errorf("%d bytes left of %d in a directory that is not there", free, size)
	}
}
