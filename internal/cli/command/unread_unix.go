//go:build unix

package command

import (
	"errors"
	"io/fs"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// onUnread calls f when the other end of a pipe or a socket is closed, until
// release is called. Of other files that cannot be known.
func onUnread(file *os.File, f func()) (release func()) {
	info, err := file.Stat()
	if err != nil || info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) == 0 {
		return func() {}
	}
	// Closing its writing end wakes the watch below.
	wake, sleep, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	fds := []unix.PollFd{{Fd: int32(file.Fd())}, {Fd: int32(wake.Fd())}}
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			_, err := unix.Poll(fds, -1)
			switch {
			case errors.Is(err, unix.EINTR):
				continue
			case err != nil || fds[1].Revents != 0:
				return
			case fds[0].Revents != 0: // no more than errors was asked for
				f()
				return
			}
		}
	})
	return func() {
		_ = sleep.Close()
		watch.Wait()
		_ = wake.Close()
	}
}
