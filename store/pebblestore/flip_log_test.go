package pebblestore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestFlippedBitInTheLog flips a bit of the log that a crash left behind,
// before its last part: what was acknowledged after it must not be gone
// without a word, be it the namespace's first log or a later one.
func TestFlippedBitInTheLog(t *testing.T) {
	for _, first := range []bool{true, false} {
		t.Run(fmt.Sprintf("first %v", first), func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpenDisk(t, dir)
			mustCreate(t, s, "a")
			if !first {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = mustOpenDisk(t, dir)
			}
			const messages = 600
			for i := range messages {
				if _, err := appendOne(s, "a", fmt.Sprintf("x-%d", i%7)); err != nil {
					t.Fatal(err)
				}
			}
			for percent := range 6 { // the log's last 32 kB can as well be torn
				checkFlippedLog(t, dir, percent*10, messages)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func mustOpenDisk(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkFlippedLog opens a copy of a directory that is in use, as a crash would
// leave it, with one bit of the namespace's log flipped.
func checkFlippedLog(t *testing.T, dir string, percent, messages int) {
	t.Helper()
	crashed := t.TempDir()
	if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(crashed, "ns", "*", "*.log"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs %q, %v", logs, err)
	}
	raw, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)*percent/100] ^= 0x10
	if err := os.WriteFile(logs[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpenDisk(t, crashed)
	report, err := s.Verify(context.Background(), "a")
	if err != nil || len(report.Findings) == 0 && report.Messages != int64(messages) {
		t.Errorf("flipped at %d%%: %d of %d messages, nothing found, %v", percent, report.Messages, messages, err)
	}
	if _, err := appendOne(s, "a", "x-1"); err == nil && len(report.Findings) > 0 {
		t.Errorf("flipped at %d%%: it is written to as if nothing were", percent)
	}
	_ = s.Close()
}
