package jetlog

import "github.com/evtui/evtui/store"

// Sections tells of the cluster.
func (l *Log) Sections() []store.Section { return nil }
