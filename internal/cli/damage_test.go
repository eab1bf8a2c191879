package cli

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// eachEngine runs a test on a directory of each engine with three messages in
// default and in shop.
func eachEngine(t *testing.T, test func(t *testing.T, dir string)) {
	for _, one := range host.Engines().All() {
		if one.Place != nil {
			continue // others keep the data
		}
		t.Run(one.Scheme, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			url := "--db-url=" + one.URL(dir)
			mustRun(t, "ns", "create", "shop", url)
			for i := range 3 {
				mustRun(t, "append", fmt.Sprintf("a-%d", i), "T", `{"a":1}`, "--ns", "shop", url)
				mustRun(t, "append", fmt.Sprintf("b-%d", i), "T", `{"b":1}`, url)
			}
			test(t, dir)
		})
	}
}

// mustRun runs a command that must succeed, and returns what it printed.
func mustRun(t *testing.T, args ...string) (out, errs string) {
	t.Helper()
	out, errs, err := runCommand(t, args...)
	if err != nil {
		t.Fatalf("%q: %q, %v", args, errs, err)
	}
	return out, errs
}

// mustFail runs a command that must end with the code and say all that, on
// standard error or by its error.
func mustFail(t *testing.T, code int, say []string, args ...string) {
	t.Helper()
	out, errs, err := runCommand(t, args...)
	said := errs
	if err != nil {
		said += err.Error()
	}
	if command.ExitCode(err) != code {
		t.Errorf("%q ends with %d, want %d: %s%s", args, command.ExitCode(err), code, out, said)
	}
	for _, want := range say {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not say %q: %s", args, want, said)
		}
	}
}

// snapshot is all files below a directory, with the sums of their contents.
func snapshot(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	files := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		files[name] = sha256.Sum256(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func mustCopy(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// mustFind returns the one file or directory that a pattern names.
func mustFind(t *testing.T, pattern ...string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", filepath.Join(pattern...), found, err)
	}
	return found[0]
}

func mustRemove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}

// mustChange rewrites a file.
func mustChange(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, change(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func flipped(content []byte) []byte {
	content[300] ^= 1
	return content
}

// TestLookingChangesNothing runs what only reads: no file is made or changed,
// and no token is needed.
func TestLookingChangesNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		mustRemove(t, host.Place(dir).TokenFile())
		before := snapshot(t, dir)
		for _, args := range [][]string{
			{"verify"}, {"verify", "--digest"}, {"ns", "list"}, {"ns", "info", "shop"}, {"export", "-"}, {"messages", "--all"}, {"streams"}, {"categories"},
			{"groups"}, {"events"}, {"log"}, {"stats"}, {"stats", "--storage"}, {"tail", "--no-follow"}, {"messages", "a-1", "--ns", "shop"},
		} {
			mustRun(t, append(args, "--data", dir)...)
			if after := snapshot(t, dir); !maps.Equal(before, after) {
				t.Fatalf("%q changed the directory: %v, before %v", args, slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
			}
		}
	})
}

// TestDamagedRegistry damages what a data directory knows of its namespaces:
// every command refuses and changes nothing, and --repair brings all back.
func TestDamagedRegistry(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		digests, _ := mustRun(t, "verify", "--digest", "-o", "json", "--data", dir)
		for name, damage := range map[string]func(t *testing.T, dir string){
			"a flipped bit": func(t *testing.T, dir string) {
				mustChange(t, filepath.Join(dir, "registry", "namespaces.log"), flipped)
			},
			"an empty file": func(t *testing.T, dir string) {
				mustChange(t, filepath.Join(dir, "registry", "namespaces.log"), func([]byte) []byte { return nil })
			},
			"no file":      func(t *testing.T, dir string) { mustRemove(t, filepath.Join(dir, "registry", "namespaces.log")) },
			"no directory": func(t *testing.T, dir string) { mustRemove(t, filepath.Join(dir, "registry")) },
			"nothing but namespaces": func(t *testing.T, dir string) {
				mustRemove(t, filepath.Join(dir, "registry"))
				mustRemove(t, filepath.Join(dir, "meta.db"))
			},
		} {
			t.Run(name, func(t *testing.T) {
				damaged := mustCopy(t, dir)
				damage(t, damaged)
				before := snapshot(t, damaged)
				mustFail(t, command.ExitFailed, []string{"registry", "nothing was changed", "--repair"}, "verify", "--data", damaged)
				for _, args := range [][]string{{"ns", "list"}, {"append", "b-1", "T", "{}"}, {"messages", "--all"}, {"serve", "--listen", "127.0.0.1:0"}, {"backup", "--to", damaged + "2"}} {
					mustFail(t, command.ExitFailed, []string{"registry of namespaces is damaged"}, append(args, "--data", damaged)...)
				}
				after := snapshot(t, damaged)
				delete(after, filepath.Join(damaged, "LOCK"))
				delete(before, filepath.Join(damaged, "LOCK"))
				if !maps.Equal(before, after) {
					t.Fatalf("changed: %v, before %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
				}
				_, errs := mustRun(t, "verify", "--repair", "--data", damaged)
				if !strings.Contains(errs, "rebuilt with 2 namespaces: default, shop") {
					t.Errorf("repair said %q", errs)
				}
				if again, _ := mustRun(t, "verify", "--digest", "-o", "json", "--data", damaged); again != digests {
					t.Errorf("repaired: %s, before %s", again, digests)
				}
				mustRun(t, "append", "a-1", "T", "{}", "--ns", "shop", "--data", damaged)
			})
		}
	})
}

// TestMissingNamespace takes a namespace's directory away: it refuses, the
// others go on, and nothing is made in its place.
func TestMissingNamespace(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		away := filepath.Join(t.TempDir(), "away")
		place := mustFind(t, dir, "ns", "shop.*")
		if err := os.Rename(place, away); err != nil {
			t.Fatal(err)
		}
		mustFail(t, command.ExitFailed, []string{"shop: namespace: damaged: its directory is missing"}, "verify", "--data", dir)
		mustFail(t, command.ExitFailed, []string{"is damaged", wire.NamespaceDamaged}, "append", "a-1", "T", "{}", "--ns", "shop", "--data", dir)
		mustFail(t, command.ExitFailed, []string{"is damaged"}, "messages", "a-1", "--ns", "shop", "--data", dir)
		mustFail(t, command.ExitFailed, []string{"nothing to repair it from", "--accept-older"}, "verify", "--repair", "--data", dir)
		if out, _ := mustRun(t, "ns", "list", "--data", dir); !strings.Contains(out, "damaged: its directory is missing") {
			t.Errorf("ns list: %q", out)
		}
		mustRun(t, "append", "b-1", "T", "{}", "--data", dir)
		if _, err := os.Stat(place); err == nil {
			t.Error("it was made again")
		}
		if err := os.Rename(away, place); err != nil {
			t.Fatal(err)
		}
		mustRun(t, "verify", "--data", dir)
	})
}

// TestSwappedNamespaces swaps two namespaces' directories: neither is served, or
// repaired from what is the other's, and nothing is lost once they are back.
func TestSwappedNamespaces(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		one, other, aside := mustFind(t, dir, "ns", "shop.*"), mustFind(t, dir, "ns", "default.*"), filepath.Join(dir, "aside")
		swap := func() {
			t.Helper()
			for _, move := range [][2]string{{one, aside}, {other, one}, {aside, other}} {
				if err := os.Rename(move[0], move[1]); err != nil {
					t.Fatal(err)
				}
			}
		}
		swap()
		for _, words := range [][]string{{"verify"}, {"verify", "--repair"}, {"verify", "--repair", "--accept-loss"}} {
			mustFail(t, command.ExitFailed, []string{`its directory is namespace "default"'s`, `its directory is namespace "shop"'s`}, append(words, "--data", dir)...)
		}
		mustFail(t, command.ExitFailed, []string{"is damaged"}, "messages", "a-1", "--ns", "shop", "--data", dir)
		swap()
		mustRun(t, "verify", "--data", dir)
	})
}

// TestRepairOfAnOlderCopy does not take what is whole for all that was there.
func TestRepairOfAnOlderCopy(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		older := mustCopy(t, dir)
		mustRun(t, "append", "a-1", "T", `{"lost":1}`, "--ns", "shop", "--data", dir)
		shop := mustFind(t, dir, "ns", "shop.*")
		mustRemove(t, shop)
		if err := os.CopyFS(shop, os.DirFS(mustFind(t, older, "ns", "shop.*"))); err != nil {
			t.Fatal(err)
		}
		mustFail(t, command.ExitFailed, []string{"1 are lost", "--accept-loss"}, "verify", "--repair", "--data", dir)
		mustFail(t, command.ExitFailed, []string{"shop: namespace: damaged"}, "verify", "--data", dir)
		mustRun(t, "verify", "--repair", "--accept-loss", "--data", dir)
		mustRun(t, "verify", "--data", dir)
	})
}

// TestGivingUpADamagedNamespace deletes one of which nothing is left.
func TestGivingUpADamagedNamespace(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		mustRemove(t, mustFind(t, dir, "ns", "shop.*"))
		if _, errs := mustRun(t, "ns", "delete", "shop", "--yes", "--data", dir); !strings.Contains(errs, "with 3 messages") {
			t.Errorf("deleted: %q", errs)
		}
		mustRun(t, "verify", "--data", dir)
		mustRun(t, "ns", "create", "shop", "--data", dir)
	})
}

// TestDefaultDamaged keeps the namespace of the admin token from standing in
// the way of the others.
func TestDefaultDamaged(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		mustRemove(t, mustFind(t, dir, "ns", "default.*"))
		mustRun(t, "append", "a-1", "T", "{}", "--ns", "shop", "--data", dir)
		mustRun(t, "messages", "a-1", "--ns", "shop", "--data", dir)
		out := filepath.Join(t.TempDir(), "copy")
		mustFail(t, command.ExitFailed, []string{"namespace default is damaged", "4 messages in 1 namespace copied to"}, "backup", dir, out)
		mustFail(t, command.ExitFailed, []string{"default: namespace: damaged"}, "verify", "--data", out)
		mustRun(t, "verify", "--data", out, "--ns", "shop")
	})
}

// TestUnknownIsLeftAlone puts things into a data directory that evtui did not
// make.
func TestUnknownIsLeftAlone(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		if err := os.CopyFS(filepath.Join(dir, "ns", "shop-before"), os.DirFS(mustFind(t, dir, "ns", "shop.*"))); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "ns", "notes", "mine"), 0o700); err != nil {
			t.Fatal(err)
		}
		_, errs := mustRun(t, "append", "b-1", "T", "{}", "--data", dir)
		if !strings.Contains(errs, "ns/notes") || !strings.Contains(errs, "ns/shop-before") {
			t.Errorf("a command that writes says %q", errs)
		}
		_, errs = mustRun(t, "verify", "--data", dir)
		for _, want := range []string{"note: ns/notes: is nothing that evtui knows", `note: ns/shop-before: is a copy of namespace "shop"`} {
			if !strings.Contains(errs, want) {
				t.Errorf("verify does not say %q: %q", want, errs)
			}
		}
		mustFind(t, dir, "ns", "notes", "mine")
		mustFind(t, dir, "ns", "shop-before", "identity")
	})
}

// TestAcceptOlder restores a namespace from before its last writes: it is
// noticed, and taken only when asked to.
func TestAcceptOlder(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		older := mustCopy(t, dir)
		mustRun(t, "append", "a-1", "T", `{"lost":1}`, "--ns", "shop", "--data", dir)
		shop := mustFind(t, dir, "ns", "shop.*")
		mustRemove(t, shop)
		if err := os.CopyFS(shop, os.DirFS(mustFind(t, older, "ns", "shop.*"))); err != nil {
			t.Fatal(err)
		}
		mustFail(t, command.ExitFailed, []string{"shop: namespace: damaged"}, "verify", "--data", dir)
		mustFail(t, command.ExitUsage, []string{"--yes"}, "verify", "--accept-older", "shop", "--data", dir)
		mustFail(t, command.ExitUsage, []string{"give one of them"}, "verify", "--accept-older", "shop", "--repair", "--data", dir)
		mustFail(t, command.ExitUsage, []string{"--accept-older"}, "verify", "--yes", "--data", dir)
		_, errs := mustRun(t, "verify", "--accept-older", "shop", "--yes", "--data", dir)
		if !strings.Contains(errs, "taken as it is, with 3 messages") {
			t.Errorf("accepted: %q", errs)
		}
		mustRun(t, "append", "a-1", "T", "{}", "--ns", "shop", "--data", dir)
		mustRun(t, "verify", "--data", dir)
	})
}

// TestTwoOfOneNamespace finds two directories that say they are the same, with
// no registry to decide: neither is taken until one is gone.
func TestTwoOfOneNamespace(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		other := filepath.Join(dir, "ns", "shop.77")
		if err := os.CopyFS(other, os.DirFS(mustFind(t, dir, "ns", "shop.*"))); err != nil {
			t.Fatal(err)
		}
		mustRemove(t, filepath.Join(dir, "registry", "namespaces.log"))
		mustFail(t, command.ExitFailed, []string{"rebuilt with 1 namespace: default", "ns/shop.77", `all say that they are namespace "shop": none is taken`},
			"verify", "--repair", "--data", dir)
		mustFail(t, command.ExitFailed, []string{"none is taken"}, "verify", "--repair", "--data", dir)
		mustRemove(t, other)
		mustFail(t, command.ExitFailed, []string{"the registry does not name it"}, "verify", "--data", dir)
		if _, errs := mustRun(t, "verify", "--repair", "--data", dir); !strings.Contains(errs, "rebuilt with 2 namespaces: default, shop") {
			t.Errorf("repaired: %q", errs)
		}
		mustRun(t, "messages", "a-1", "--ns", "shop", "--data", dir)
	})
}

// newer raises the format number in the first line of one of evtui's files.
func newer(content []byte) []byte {
	line, rest, _ := bytes.Cut(content, []byte("\n"))
	text := bytes.Replace(line[9:], []byte(`"format":2`), []byte(`"format":3`), 1)
	sum := crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
	return append(fmt.Appendf(nil, "%08x %s\n", sum, text), rest...)
}

// TestNewerFormat refuses a data directory, and a namespace, of a format that
// this evtui does not know, with the reason, and leaves them as they are.
func TestNewerFormat(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		whole, one := mustCopy(t, dir), mustCopy(t, dir)
		mustChange(t, filepath.Join(whole, "registry", "namespaces.log"), newer)
		mustChange(t, filepath.Join(mustFind(t, one, "ns", "shop.*"), "identity"), newer)
		before := snapshot(t, whole)
		for _, args := range [][]string{
			{"verify"}, {"verify", "--repair"}, {"verify", "--accept-older", "shop", "--yes"}, {"ns", "list"}, {"append", "b-1", "T", "{}"},
			{"messages", "--all"}, {"export"}, {"backup", "--to", whole + "2"}, {"serve", "--listen", "127.0.0.1:0"},
		} {
			mustFail(t, command.ExitFailed, []string{"has format 3, newer than this evtui reads (2)"}, append(args, "--data", whole)...)
		}
		if after := snapshot(t, whole); !maps.Equal(before, after) {
			t.Errorf("changed: %v, before %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
		}
		shop := mustFind(t, one, "ns", "shop.*")
		before = snapshot(t, shop)
		for _, args := range [][]string{
			{"verify"}, {"verify", "--repair"}, {"verify", "--accept-older", "shop", "--yes"}, {"append", "a-1", "T", "{}", "--ns", "shop"},
			{"messages", "--all", "--ns", "shop"}, {"stats", "--storage", "--ns", "shop"}, {"backup", "--to", one + "2"}, {"ns", "delete", "shop", "--yes"},
		} {
			mustFail(t, command.ExitFailed, []string{"has format 3, newer than this evtui reads (2)"}, append(args, "--data", one)...)
		}
		if after := snapshot(t, shop); !maps.Equal(before, after) {
			t.Errorf("changed: %v, before %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
		}
		mustRun(t, "append", "b-1", "T", "{}", "--data", one)
	})
}

// TestCheckpointIsADataDirectory looks into a checkpoint, writes to it, and
// serves it, where it lies and elsewhere.
func TestCheckpointIsADataDirectory(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		st, err := host.OpenStore(t.Context(), host.Config{Dir: host.Place(dir)})
		if err != nil {
			t.Fatal(err)
		}
		made, err := st.(store.Checkpointer).Checkpoint(t.Context(), "c1")
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		mustRun(t, "verify", "--data", made.Dir)
		elsewhere := mustCopy(t, made.Dir)
		h := mustHost(t, host.Config{Dir: host.Place(made.Dir), Listen: "127.0.0.1:0"})
		mustRun(t, "ns", "list", "--data", made.Dir) // it took the token of the directory above
		h2 := mustHost(t, host.Config{Dir: host.Place(elsewhere), Listen: "127.0.0.1:0"})
		if h.Token == "" || h2.Token != "" {
			t.Errorf("tokens: %q and %q", h.Token, h2.Token)
		}
		mustFail(t, command.ExitFailed, []string{"--token-file"}, "ns", "create", "other", "--data", elsewhere)
		mustRun(t, "ns", "create", "other", "--data", elsewhere, "--token-file", host.Place(dir).TokenFile())
	})
}
