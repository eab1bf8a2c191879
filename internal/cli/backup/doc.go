// Package backup is the command `evtui backup`: it copies a data directory, of a
// running server too, checks the copy, and only then gives it its name.
//
// What a backup makes says whose it is by a file that is locked while somebody is
// at it, so that the next one can tell what a killed one left, and what is not its
// own to remove.
package backup
