// Package filesys is the file system that a data directory lies on ([Files]):
// the [Disk], or one in memory ([NewMemory]) for tests and for stores that keep
// nothing.
//
// What it makes is for its owner alone (modes 0600 and 0700), and durable when
// its words say so: files after Sync, entries of a directory after SyncDir. A
// lock on the disk keeps out other processes, those of versions before included,
// which took other kinds of locks on the same file.
package filesys
