package sqlitestore

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/store"
)

var (
	crashSeed   = flag.Uint64("crash.seed", 0, "seed of the crash test; 0 takes a random one")
	crashRounds = flag.Int("crash.rounds", 3, "how many processes the crash test kills")
)

// crashDir names, to the process that the crash test kills, where to write.
const crashDir = "SQLITESTORE_CRASH_DIR"

func crashNamespaces() []string { return []string{"a", "b"} }

// TestCrash kills processes that write, and checks what they leave: the store
// must open, agree with itself and hold every message acknowledged before, in
// every round also those of the rounds before. Messages are large, so that
// checkpoints of the log run all the time.
func TestCrash(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		writeUntilKilled(t, dir)
		return
	}
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d (replay with -crash.seed)", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	acked := map[string]int64{}
	for round := range *crashRounds {
		killWriter(t, dir, 1+random.IntN(3000), acked)
		checkSurvivors(t, dir, acked)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

// killWriter starts a writer, kills it after so many acknowledgements, and
// notes the highest acknowledged position of each namespace.
func killWriter(t *testing.T, dir string, after int, acked map[string]int64) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrash$")
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); {
		id, position, ok := strings.Cut(lines.Text(), " ")
		var gpos int64
		if _, err := fmt.Sscan(position, &gpos); !ok || err != nil {
			t.Errorf("the writer said %q", lines.Text())
			break
		}
		acked[id] = max(acked[id], gpos)
		// What was printed before the kill counts too, and is read to the end.
		if seen++; seen == after {
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := child.Wait(); err == nil {
		t.Error("the writer ended by itself")
	}
}

// writeUntilKilled is the writer: each acknowledgement is a line, written at
// once. An append that fails ends it, which the test sees.
func writeUntilKilled(t *testing.T, dir string) {
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range crashNamespaces() {
		if _, err := s.CreateNamespace(t.Context(), store.NamespaceSpec{ID: id}); err != nil && !errors.Is(err, store.ErrNamespaceExists) {
			t.Fatal(err)
		}
	}
	data := []byte(`{"filler":"` + strings.Repeat("x", 6000) + `"}`)
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := 0; ; i++ {
				id := crashNamespaces()[(w+i)%2]
				a, err := s.Append(context.Background(), id, store.Write{
					Stream: fmt.Sprintf("c%d-%d", i%3, i%17), ExpectedVersion: store.AnyVersion,
					Events: []store.Event{{Type: "T", Data: data}},
				})
				if err != nil {
					t.Error(err)
					return
				}
				fmt.Fprintf(os.Stdout, "%s %d\n", id, a.LastGlobalPosition)
			}
		})
	}
	writers.Wait()
}

func checkSurvivors(t *testing.T, dir string, acked map[string]int64) {
	t.Helper()
	s := mustOpen(t, dir, Options{})
	for _, id := range crashNamespaces() {
		head, err := s.Head(t.Context(), id)
		if errors.Is(err, store.ErrNamespaceNotFound) && acked[id] == 0 {
			continue // killed before it was made
		}
		if err != nil {
			t.Fatal(err)
		}
		if head < acked[id] {
			t.Errorf("namespace %s ends at %d, %d was acknowledged", id, head, acked[id])
		}
		next := int64(1)
		for m, err := range s.ReadCategory(t.Context(), id, store.CategoryQuery{Limit: store.NoLimit}) {
			if err != nil {
				t.Fatal(err)
			}
			if m.GlobalPosition != next || len(m.Data) != 6000+len(`{"filler":""}`) {
				t.Fatalf("namespace %s: #%d of %d bytes where #%d is due", id, m.GlobalPosition, len(m.Data), next)
			}
			next++
		}
		report, err := s.Verify(t.Context(), id)
		if err != nil || len(report.Findings) > 0 || report.Messages != head || next != head+1 {
			t.Errorf("namespace %s: head %d, read up to %d, %+v, %v", id, head, next-1, report, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
