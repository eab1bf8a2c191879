package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// commitBefore is the last commit with data directories of format 1.
const commitBefore = "e37a52dab8ba1501964fa6aded5d3bb038671df7"

// mustBuildBefore builds the evtui of format 1 out of the repository's history.
func mustBuildBefore(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs tar")
	}
	dir := t.TempDir()
	top, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		t.Skip("there is no git repository here")
	}
	source := filepath.Join(dir, "source")
	if err := os.Mkdir(source, 0o700); err != nil {
		t.Fatal(err)
	}
	archive := exec.Command("git", "-C", strings.TrimSpace(string(top)), "archive", commitBefore)
	files, err := archive.Output()
	if err != nil {
		t.Skipf("the repository's history does not reach back to %s", commitBefore[:7])
	}
	unpack := exec.Command("tar", "-x", "-C", source)
	unpack.Stdin = bytes.NewReader(files)
	if out, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("unpack the version before: %v\n%s", err, out)
	}
	binary := filepath.Join(dir, "evtui-before")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the version before: %v\n%s", err, out)
	}
	return binary
}

// TestUpgradedDirectory upgrades data directories that the version before
// wrote: what they hold is the same by digest, and the version before refuses
// them from then on and deletes nothing, while the upgrade was interrupted too.
func TestUpgradedDirectory(t *testing.T) {
	skipWithDetector(t)
	before := mustBuildBefore(t)
	for _, engine := range []struct{ name, url string }{
		{"pebble", "pebble://%s"}, {"sqlite", "sqlite://%s/meta.db"},
	} {
		t.Run(engine.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			url := fmt.Sprintf(engine.url, dir)
			mustFillBefore(t, before, url)
			want := mustDigests(t, before, url)

			// Looking changes nothing: the directory is not upgraded by it.
			listed := namesBelow(t, dir)
			if got := mustDigests(t, binary, url); got != want {
				t.Errorf("read as it is, digests are\n%s\nwant\n%s", got, want)
			}
			if got := namesBelow(t, dir); !slices.Equal(got, listed) {
				t.Errorf("evtui verify changed the directory from\n%s\nto\n%s", strings.Join(listed, "\n"), strings.Join(got, "\n"))
			}

			mustRunFor(t, binary, 0, "append", "after-1", "Upgraded", `{}`, "--db-url", url)
			mustRunFor(t, binary, 0, "verify", "--db-url", url)
			upgraded := mustDigests(t, binary, url)
			if !strings.Contains(upgraded, digestOf(t, want, "shop")) {
				t.Errorf("upgraded, digests are\n%s\nwhich lacks shop's\n%s", upgraded, want)
			}
			listed = namesBelow(t, dir)
			for _, args := range [][]string{{"verify"}, {"serve", "--listen", "127.0.0.1:0"}, {"ns", "list"}, {"append", "a-1", "T", "{}"}} {
				mustRunFor(t, before, 1, append(args, "--db-url", url)...)
				if got := namesBelow(t, dir); !slices.Equal(got, listed) {
					t.Fatalf("evtui %s of the version before changed the directory from\n%s\nto\n%s", args[0], strings.Join(listed, "\n"), strings.Join(got, "\n"))
				}
			}
			if got := mustDigests(t, binary, url); got != upgraded {
				t.Errorf("after the version before was there, digests are\n%s\nwant\n%s", got, upgraded)
			}
		})
	}
}

// mustFillBefore has the version before make two namespaces with some messages.
func mustFillBefore(t *testing.T, before, url string) {
	t.Helper()
	dir := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(url, "pebble://"), "sqlite://"), "/meta.db")
	server, err := Launch(nil, []string{"EVTUI_CONFIG=none"}, before, "serve", "--db-url", url, "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	awaitFile(t, filepath.Join(dir, "endpoint"))
	mustRunFor(t, before, 0, "ns", "create", "shop", "--db-url", url)
	for i := range 20 {
		for _, ns := range []string{"default", "shop"} {
			mustRunFor(t, before, 0, "append", fmt.Sprintf("order-%d", i%3), "Placed", fmt.Sprintf(`{"n":%d,"customer":"c-1"}`, i), "--ns", ns, "--db-url", url)
		}
	}
	mustStop(t, server)
}

// awaitFile waits until a file is there.
func awaitFile(t *testing.T, name string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(name); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come", name)
		}
		<-tick.C
	}
}

// mustRunFor runs a binary to its end, which must have the exit code.
func mustRunFor(t *testing.T, program string, want int, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	run := exec.CommandContext(ctx, program, args...)
	run.Env = append(os.Environ(), "EVTUI_CONFIG=none", "HOME="+t.TempDir())
	out, err := run.CombinedOutput()
	if code := run.ProcessState.ExitCode(); code != want {
		t.Fatalf("evtui %s exited with %d (%v), want %d:\n%s", strings.Join(args, " "), code, err, want, out)
	}
	return string(out)
}

// aDigest finds a namespace with its digest in what verify prints.
var aDigest = regexp.MustCompile(`"namespace":("[^"]*").*"digest":("[0-9a-f]{64}")`)

// mustDigests returns a line a namespace: its name and digest.
func mustDigests(t *testing.T, program, url string) string {
	t.Helper()
	var digests strings.Builder
	for _, found := range aDigest.FindAllStringSubmatch(mustRunFor(t, program, 0, "verify", "--digest", "--db-url", url, "-o", "ndjson"), -1) {
		fmt.Fprintf(&digests, "%s %s\n", found[1], found[2])
	}
	return digests.String()
}

// digestOf finds a namespace's line.
func digestOf(t *testing.T, digests, namespace string) string {
	t.Helper()
	for line := range strings.Lines(digests) {
		if strings.HasPrefix(line, strconv.Quote(namespace)) {
			return line
		}
	}
	t.Fatalf("there is no digest of %s in\n%s", namespace, digests)
	return ""
}

// namesBelow lists all files of a directory with their sizes.
func namesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			names = append(names, fmt.Sprintf("%s %d", strings.TrimPrefix(name, dir), info.Size()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
