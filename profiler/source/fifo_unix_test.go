//go:build unix

package source

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// TestContextEndsOpening opens a pipe that nobody writes to.
func TestContextEndsOpening(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip(err)
	}
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	context.AfterFunc(t.Context(), func() { cancel(nil) })
	go cancel(cause)
	if _, err := (Reader{}).Open(ctx, []string{name}); !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	// Let the read that is left behind end.
	if fd, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		_ = syscall.Close(fd)
	}
}
