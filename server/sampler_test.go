package server_test

import (
	"path/filepath"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
)

// TestSamplesTellTheRoomLeft looks at a directory that is there, one that is
// not, and none: what is not known is no figure.
func TestSamplesTellTheRoomLeft(t *testing.T) {
	there := t.TempDir()
	for dir, known := range map[string]bool{there: true, filepath.Join(there, "gone"): false, "": false} {
		h := newHost(t, func(c *server.Config) { c.DataDir = dir })
		var sample wire.Sample
		h.quietly(`["engine.sample"]`, &sample)
		if got := sample.DiskSize > 0; got != known || sample.DiskFree > sample.DiskSize || sample.DiskFree < 0 {
			t.Errorf("of %q: %d left of %d, known is %v", dir, sample.DiskFree, sample.DiskSize, known)
		}
	}
}
