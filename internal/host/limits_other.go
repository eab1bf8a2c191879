//go:build !unix

package host

// descriptors returns how many files and connections the process may have
// open: the system sets no limit worth minding.
func descriptors() int { return 1 << 16 }
