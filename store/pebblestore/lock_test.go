package pebblestore

import (
	"errors"
	"testing"

	"github.com/evtui/evtui/store"
)

// TestReadersKeepWritersOut opens a directory on the disk to read it: not while
// somebody writes, together with other readers, and nobody writes meanwhile.
func TestReadersKeepWritersOut(t *testing.T) {
	dir := t.TempDir()
	writer, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{ReadOnly: true}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("read while another writes: %v", err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		reader, err := Open(dir, Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("written while others read: %v", err)
	}
}
