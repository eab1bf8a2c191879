package pebblestore

import "time"

// idleRounds is how many rounds of the janitor make up Options.IdleClose.
const idleRounds = 4

// closeIdlers is the janitor: it closes namespaces that have gone unused.
// Subscriptions wait at the handle and do not count as use.
func (s *Store) closeIdlers() {
	actAs("engine")
	tick := time.NewTicker(max(s.shared.options.IdleClose/idleRounds, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		s.mu.RLock()
		idle := make([]*handle, 0, len(s.open))
		for h := range s.open {
			if h.rested.Add(1) > idleRounds {
				idle = append(idle, h)
			}
		}
		s.mu.RUnlock()
		for _, h := range idle {
			h.closeIdle("unused for a while")
		}
	}
}

// filesPerNamespace is what an open namespace holds besides tables: log,
// manifest, lock, directories.
const filesPerNamespace = 8

// maxOpenFor is how many namespaces may be open so that they take a quarter of
// the process's file descriptors at most.
func maxOpenFor(files int) int { return max(files/4/filesPerNamespace, 4) }

// tablesFor is how many tables the shared file cache may hold open: another
// quarter. The rest is left to connections and to compactions.
func tablesFor(files int) int { return min(max(files/4, 32), 4096) }
