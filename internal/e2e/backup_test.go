package e2e

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/server/client"
)

// TestBackupUnderLoad backs a directory up while its server is written to: the
// copy holds all that was acknowledged before, byte for byte, and nothing that
// nobody sent; it verifies and is served as it is, and the original goes on.
func TestBackupUnderLoad(t *testing.T) {
	skipWithDetector(t)
	told := newKilledStore(1)
	dir, made := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	server, at := mustServeSmall(t, dir)
	mustLoad(t, server, at, told, func(answered *atomic.Int64) { awaitCount(t, answered, 500) })
	server, at = mustServeSmall(t, dir)
	told.check(t, at)
	least, imported := told.state()
	mustLoad(t, server, at, told, func(answered *atomic.Int64) {
		awaitCount(t, answered, 200)
		backup := mustLaunch(t, "backup", dir, made)
		mustExit(t, backup, 0)
		awaitCount(t, answered, answered.Load()+50)
	})
	_, at = mustServeSmall(t, dir)
	told.check(t, at)

	mustVerify(t, made)
	_, at = mustServeSmall(t, made)
	c, err := client.New(at.url, client.WithToken(at.token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	there, copied := told.read(t, c)
	if copied < imported || copied > told.imported || copied%importedBatch != 0 {
		t.Errorf("the copy has %d imported messages, before it were %d, in the end %d", copied, imported, told.imported)
	}
	most, _ := told.state()
	for name, n := range there {
		if n < least[name] || n > most[name] || n%int64(told.streams[name].batch) != 0 {
			t.Errorf("stream %s has %d messages in the copy, before it were %d, in the end %d", name, n, least[name], most[name])
		}
	}
	if _, err := c.Write(t.Context(), "after-1", client.Event{Type: "T", Data: []byte(`{}`)}, client.NewStream()); err != nil {
		t.Errorf("the copy takes no writes: %v", err)
	}
}

// TestImportResumesAfterAKill kills the server in the middle of evtui import:
// with --resume the rest is stored, and what is there then has the digest of a
// store that took it all at once.
func TestImportResumesAfterAKill(t *testing.T) {
	skipWithDetector(t)
	const messages = 9_000
	file := mustExported(t, messages)
	whole, cut := t.TempDir(), t.TempDir()
	mustExit(t, mustLaunch(t, "import", file, "--data", whole), 0)

	server, at := mustServe(t, cut)
	sender, end := mustSendPart(t, file, "import", "-", "--data", cut)
	c, err := client.New(at.url, client.WithToken(at.token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	awaitHead(t, c, importedBatch)
	server.Kill()
	end()
	if code, err := sender.Wait(patience); err != nil || code == 0 {
		t.Fatalf("the import ends with %d, %v, despite the kill; it said\n%s", code, err, sender.Stderr())
	}
	mustExit(t, mustLaunch(t, "import", file, "--data", cut), 1)
	again := mustLaunch(t, "import", file, "--data", cut, "--resume", "-o", "json")
	mustExit(t, again, 0)
	var result struct{ Imported, Skipped int64 }
	if err := json.Unmarshal([]byte(again.Stdout()), &result); err != nil {
		t.Fatal(err)
	}
	if result.Skipped == 0 || result.Skipped%importedBatch != 0 || result.Imported+result.Skipped != messages {
		t.Errorf("--resume says %+v, of %d messages", result, messages)
	}
	if one, other := mustDigest(t, whole), mustDigest(t, cut); one != other {
		t.Errorf("imported at once it has the digest %s, resumed %s", one, other)
	}
}

// skipWithDetector leaves out what starts many programs: each takes seconds
// under the race detector, and what is looked at is the disk.
func skipWithDetector(t *testing.T) {
	t.Helper()
	if race.Enabled {
		t.Skip("starts many programs, each slow under the race detector")
	}
}

// mustExported makes a file as evtui export writes them.
func mustExported(t *testing.T, messages int64) string {
	t.Helper()
	told := newKilledStore(2)
	var lines []byte
	for global := int64(1); global <= messages; global++ {
		line, err := exportedLine(told.importedMessage(global))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line...)
	}
	file := filepath.Join(t.TempDir(), "export.ndjson")
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// mustSendPart starts a program that reads two thirds of a file, and then
// waits for the rest until end.
func mustSendPart(t *testing.T, file string, args ...string) (p *Process, end func()) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in, out := io.Pipe()
	p, err = Launch(in, []string{"HOME=" + t.TempDir()}, binary, args...)
	if err != nil {
		t.Fatal(err)
	}
	var sent sync.WaitGroup
	sent.Go(func() { _, _ = out.Write(text[:len(text)*2/3]) }) // the program may end before
	end = func() { _ = in.Close() }
	t.Cleanup(func() {
		end()
		p.Kill()
		sent.Wait()
	})
	return p, end
}

// awaitHead waits until a namespace has come so far.
func awaitHead(t *testing.T, c *client.Client, global int64) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		head, err := c.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if head >= global {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("global position %d was waited for, the head is at %d", global, head)
		}
	}
}

// mustDigest returns the digest of a directory's default namespace.
func mustDigest(t *testing.T, dir string) string {
	t.Helper()
	verify := mustLaunch(t, "verify", "--data", dir, "--ns", "default", "--digest", "-o", "json")
	mustExit(t, verify, 0)
	found := regexp.MustCompile(`"digest": "([0-9a-f]{64})"`).FindStringSubmatch(verify.Stdout())
	if found == nil || !strings.Contains(verify.Stdout(), `"findings": []`) {
		t.Fatalf("verify says\n%s%s", verify.Stdout(), verify.Stderr())
	}
	return found[1]
}

// TestBackupAfterAKill kills a backup in the middle of its copy: the next one,
// to another place, says what it left and removes it, and is whole.
func TestBackupAfterAKill(t *testing.T) {
	skipWithDetector(t)
	dir, out := t.TempDir(), t.TempDir()
	server, _ := mustServe(t, dir)
	mustExit(t, mustLaunch(t, "load", "--data", dir, "--fill", "60000"), 0)
	cut := filepath.Join(out, "cut")
	killed := mustLaunch(t, "backup", dir, cut)
	awaitMade(t, filepath.Join(cut+".part", "ns", "*", "*"))
	killed.Kill()
	if code, err := killed.Wait(patience); err != nil || code == 0 {
		t.Fatalf("the backup ends with %d, %v, despite the kill", code, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*")); err != nil || len(left) != 1 {
		t.Fatalf("checkpoints that the backup left: %v, %v", left, err)
	}
	other := mustLaunch(t, "backup", dir, filepath.Join(out, "other"))
	mustExit(t, other, 0)
	if !strings.Contains(other.Stderr(), "removed checkpoint backup-") {
		t.Errorf("the next backup says %q", other.Stderr())
	}
	again := mustLaunch(t, "backup", dir, cut)
	mustExit(t, again, 0)
	if !strings.Contains(again.Stderr(), "removed "+cut+".part") {
		t.Errorf("the next backup to the same place says %q", again.Stderr())
	}
	for _, pattern := range []string{filepath.Join(dir, "checkpoints", "*"), filepath.Join(dir, "backup-*"), filepath.Join(out, "*.part")} {
		if left, err := filepath.Glob(pattern); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	}
	mustVerify(t, cut)
	mustVerify(t, filepath.Join(out, "other"))

	// The server under it: the backup fails, and leaves nothing but what the
	// server's next start removes.
	lost := filepath.Join(out, "lost")
	orphan := mustLaunch(t, "backup", dir, lost)
	awaitMade(t, filepath.Join(dir, "backup-*"))
	server.Kill()
	code, err := orphan.Wait(patience)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(lost + "*"); err != nil || code == 0 && len(left) != 1 || code != 0 && len(left) > 0 {
		t.Errorf("it ended with %d and left %v, %v", code, left, err)
	}
	mustServe(t, dir)
	if left, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*")); err != nil || len(left) > 0 {
		t.Errorf("checkpoints left: %v, %v", left, err)
	}
}

// awaitMade waits until there is a file that the pattern names.
func awaitMade(t *testing.T, pattern string) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		if found, err := filepath.Glob(pattern); err != nil || len(found) > 0 {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("no %s", pattern)
		}
	}
}
