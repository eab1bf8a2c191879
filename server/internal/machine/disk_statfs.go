//go:build linux || darwin || freebsd

package machine

import "syscall"

// DiskSpace returns how many bytes the file system of a directory leaves to
// this process, and how many it has; zeros where it does not tell.
func DiskSpace(dir string) (free, size int64) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, 0
	}
	block := int64(fs.Bsize) //nolint:unconvert // narrower outside Linux
	return int64(fs.Bavail) * block, int64(fs.Blocks) * block
}
