// Package failing is a disk in memory, for tests of what lies above the
// engine: its syncs fail when a test says so, as those of a broken disk do.
//
// # Caveats
//
// What was written before a failed sync stays readable, as it does on a real
// disk until the machine is restarted.
package failing

import (
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// Disk is a file system for pebblestore.Options.FS. The embedded FS is what
// the engine sees. Make it with New.
type Disk struct {
	vfs.FS
	broken atomic.Pointer[string] // part of the paths whose syncs fail; nil: none
}

// New returns an empty disk that works.
func New() *Disk {
	d := &Disk{}
	d.FS = errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(d.inject))
	return d
}

// Break lets every sync of a file fail from now on whose path contains part,
// such as the directory of a namespace.
func (d *Disk) Break(part string) { d.broken.Store(&part) }

// Mend lets the disk work again.
func (d *Disk) Mend() { d.broken.Store(nil) }

func (d *Disk) inject(op errorfs.Op) error {
	part := d.broken.Load()
	if part == nil || !strings.Contains(op.Path, *part) {
		return nil
	}
	switch op.Kind {
	case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
		return syscall.EIO
	}
	return nil
}
