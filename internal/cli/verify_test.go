package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// mustFillDir makes a data directory whose one table is large enough for many blocks.
func mustFillDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	st, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "shop"}); err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		w := store.Write{Stream: fmt.Sprintf("order-%d", i%20), ExpectedVersion: store.AnyVersion}
		for j := range 10 {
			w.Events = append(w.Events, store.Event{Type: "T", Data: fmt.Appendf(nil, `{"n":%d,"filler":"%x"}`, i*10+j, uint64(i*10+j)*0x9e3779b97f4a7c15)})
		}
		if _, err := st.Append(t.Context(), "shop", w); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Compact(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// mustFlipBit changes one bit of the directory's largest table.
func mustFlipBit(t *testing.T, dir string, percent int) {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(dir, "ns", "*", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("tables %v, %v", tables, err)
	}
	raw, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)*percent/100] ^= 4
	if err := os.WriteFile(tables[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyTellsAndMends follows what someone does whose disk flipped a bit.
func TestVerifyTellsAndMends(t *testing.T) {
	dir := mustFillDir(t)
	if out, errs, err := runCommand(t, "verify", "--data", dir, "--repair"); err != nil || !strings.Contains(out, "3,000") || errs != "" {
		t.Fatalf("a sound directory: %q, %q, %v", out, errs, err)
	}
	mustFlipBit(t, dir, 30)
	_, errs, err := runCommand(t, "verify", "--data", dir)
	if command.ExitCode(err) != command.ExitFailed || !strings.Contains(errs, `shop: messages, after global position`) || !strings.Contains(errs, `category "order"`) {
		t.Errorf("verify: %q, %v", errs, err)
	}
	_, errs, err = runCommand(t, "verify", "--data", dir, "--repair")
	if command.ExitCode(err) != command.ExitFailed || !strings.Contains(errs, "are lost:") || !strings.Contains(err.Error(), "--accept-loss") {
		t.Errorf("repair: %q, %v", errs, err)
	}
	if _, errs, err := runCommand(t, "verify", "--data", dir); command.ExitCode(err) != command.ExitFailed || !strings.Contains(errs, "messages") {
		t.Errorf("refused, but changed: %q, %v", errs, err)
	}
	out, errs, err := runCommand(t, "verify", "--data", dir, "--repair", "--accept-loss", "-o", "json", "--digest")
	if err != nil || !strings.Contains(errs, "the damaged database is kept in") || !strings.Contains(out, `"digest"`) {
		t.Errorf("repair with losses: %q, %q, %v", out, errs, err)
	}
	if out, errs, err := runCommand(t, "verify", "--data", dir); err != nil || errs != "" {
		t.Errorf("after the repair: %q, %q, %v", out, errs, err)
	}
	if kept, err := filepath.Glob(filepath.Join(dir, "ns", "*.damaged-*")); err != nil || len(kept) != 1 {
		t.Errorf("kept: %v, %v", kept, err)
	}
	if _, _, err := runCommand(t, "verify", "--data", dir, "--accept-loss"); command.ExitCode(err) != command.ExitUsage {
		t.Errorf("--accept-loss alone: %v", err)
	}
}

// TestVerifyRebuildsIndexes flips a bit in an index and in a filter: verify
// names the keys, and --repair makes all again without losing a message.
func TestVerifyRebuildsIndexes(t *testing.T) {
	dir := mustFillDir(t)
	digest := []string{"verify", "--ns", "shop", "--digest", "-o", "json", "--data"}
	before, _, err := runCommand(t, append(digest, dir)...)
	if err != nil || !strings.Contains(before, `"digest"`) {
		t.Fatalf("before: %q, %v", before, err)
	}
	for _, c := range []struct {
		found    string
		percents []int // one of them is where that lies: a table begins with messages, and ends with filters
	}{
		{"shop: stream index, ", []int{94, 92, 90, 88, 86}},
		{"shop: tables, table ", []int{98, 97, 96, 95, 99}},
	} {
		damaged := mustDamage(t, dir, c.found, c.percents)
		if _, errs, err := runCommand(t, "verify", "--data", damaged, "--repair"); err != nil || !strings.Contains(errs, "all 3,000 messages are whole") {
			t.Errorf("repair of %q: %q, %v", c.found, errs, err)
		}
		if after, _, err := runCommand(t, append(digest, damaged)...); err != nil || after != before {
			t.Errorf("repaired %q: %q, %v; before it was %q", c.found, after, err, before)
		}
	}
}

// mustDamage flips a bit in copies of a directory until verify finds what is
// wanted, and no message damaged.
func mustDamage(t *testing.T, dir, found string, percents []int) (damaged string) {
	t.Helper()
	said := ""
	for _, percent := range percents {
		damaged := t.TempDir()
		if err := os.CopyFS(damaged, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		mustFlipBit(t, damaged, percent)
		_, errs, err := runCommand(t, "verify", "--data", damaged)
		if command.ExitCode(err) != command.ExitFailed {
			t.Errorf("at %d%% nothing is found: %v", percent, err)
		}
		if strings.Contains(errs, found) && !strings.Contains(errs, "shop: messages") {
			return damaged
		}
		said += errs
	}
	t.Fatalf("nowhere %q:\n%s", found, said)
	return ""
}

// TestBackupOfDamageIsRefused keeps a backup that is not sound from looking
// like one that is.
func TestBackupOfDamageIsRefused(t *testing.T) {
	dir := mustFillDir(t)
	out := filepath.Join(t.TempDir(), "copy")
	if _, errs, err := runCommand(t, "backup", dir, out); err != nil || !strings.Contains(errs, "3,000 messages in 1 namespace") {
		t.Fatalf("backup: %q, %v", errs, err)
	}
	if _, _, err := runCommand(t, "backup", dir, out); command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("over an earlier one: %v", err)
	}
	mustFlipBit(t, dir, 30)
	other := filepath.Join(t.TempDir(), "other")
	if _, _, err := runCommand(t, "backup", dir, other); command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("of a damaged directory: %v", err)
	}
	if left, err := filepath.Glob(other + "*"); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*")); err != nil || len(left) > 0 {
		t.Errorf("checkpoints left: %v, %v", left, err)
	}
	for _, args := range [][]string{{"backup"}, {"backup", dir}, {"backup", dir, out, "--data", dir}} {
		if _, _, err := runCommand(t, args...); command.ExitCode(err) != command.ExitUsage {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// TestBackupOfSQLite backs the other engine up by the same command.
func TestBackupOfSQLite(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	url := host.Place(from).URL(sqliteBackend)
	for range 3 {
		if _, errs, err := runCommand(t, "append", "a-1", "T", "{}", "--db-url", url); err != nil {
			t.Fatalf("append: %q, %v", errs, err)
		}
	}
	if _, errs, err := runCommand(t, "backup", "--db-url", url, "--to", to); err != nil || !strings.Contains(errs, "3 messages in 1 namespace") {
		t.Fatalf("backup: %q, %v", errs, err)
	}
	digests := map[string]bool{}
	for _, dir := range []string{from, to} {
		out, errs, err := runCommand(t, "verify", "--data", dir, "--digest", "-o", "json")
		if err != nil || !strings.Contains(out, `"messages": 3`) {
			t.Errorf("verify %s: %q, %q, %v", dir, out, errs, err)
		}
		digests[out] = true
	}
	if len(digests) != 1 {
		t.Errorf("the copy is not the same: %v", digests)
	}
}
