package pebblestore

// filesPerNamespace is what an open namespace holds besides tables: log,
// manifest, lock, directories.
const filesPerNamespace = 8

// maxOpenFor is how many namespaces may be open so that they take a quarter of
// the process's file descriptors at most.
func maxOpenFor(files int) int { return max(files/4/filesPerNamespace, 4) }

// tablesFor is how many tables the shared file cache may hold open: another
// quarter. The rest is left to connections and to compactions.
func tablesFor(files int) int { return min(max(files/4, 32), 4096) }
