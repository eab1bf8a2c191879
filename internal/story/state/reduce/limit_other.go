//go:build !unix

package reduce

import "runtime/debug"

// limitMemory has the collector keep to the limit. What goes beyond it the watcher
// ends.
func limitMemory(heap int64) { debug.SetMemoryLimit(heap / 4 * 3) }

// closeInherited has nothing to close: the system hands on what is asked for alone.
func closeInherited() {}
