package damage

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
)

// Engine is an engine whose data directories on disk are damaged.
type Engine struct {
	Open     func(dir string) (store.Store, error)
	ReadOnly func(dir string) (store.Store, error)
	Seed     uint64 // 0: a new one
	Runs     int    // how many damages, over all kinds of stops
}

// Verdicts of a damage.
const (
	verdictWhole    = "whole"      // all that was acknowledged is there, and reads right
	verdictTold     = "told"       // something is not, and the store says so
	verdictUnproved = "unprovable" // the newest is gone that nothing outside of its log knew of yet
	verdictSilent   = "SILENT"     // something is not, and nothing says so
	verdictDeleted  = "DELETED"    // something went that the damage had left
	verdictHanging  = "HANGS"
	damageDeadline  = time.Minute
)

// Run fills stores, stops them cleanly or drops them as a kill would,
// damages their directories in every way, and opens them again: to look, and to go on. What
// was acknowledged must be there, or the store must say what is wrong; nothing may be
// deleted, made again or hang. It prints the seed of what fails.
func Run(t *testing.T, d Engine) {
	if d.Seed == 0 {
		d.Seed = rand.Uint64() >> 1
	}
	if race.Enabled {
		d.Runs = (d.Runs + 4) / 5
	}
	t.Logf("-dirs.seed %d -dirs.runs %d", d.Seed, d.Runs)
	stops := []string{"clean", "killed", "clean", "killed", "killed in writing"}
	var mu sync.Mutex
	verdicts := map[string]int{}
	t.Run("stops", func(t *testing.T) {
		for i, stop := range stops {
			t.Run(fmt.Sprintf("%d-%s", i, strings.ReplaceAll(stop, " ", "-")), func(t *testing.T) {
				t.Parallel()
				seed := d.Seed + uint64(i)
				w := fillWorld(t, d, seed, stop)
				w.sound(t, d)
				for n := i; n < d.Runs; n += len(stops) {
					verdict, kind := w.damage(t, d, rand.New(rand.NewPCG(seed, uint64(n)+1)), n)
					mu.Lock()
					verdicts[verdict]++
					verdicts[kind+": "+verdict]++
					mu.Unlock()
				}
			})
		}
	})
	for _, v := range slices.Sorted(maps.Keys(verdicts)) {
		t.Logf("%4d %s", verdicts[v], v)
	}
}

// sound checks that the store is whole before anything is damaged: else no
// verdict would mean anything.
func (w *world) sound(t *testing.T, d Engine) {
	t.Helper()
	dir := filepath.Join(memoryDir(t), "sound")
	mustCopy(t, w.dir, dir)
	p := w.probe(d, dir)
	// After a kill an engine may speak of the end of a log without anything missing.
	if p.verdict != verdictWhole && (p.verdict != verdictTold || len(p.words) > 0) {
		t.Fatalf("a store that was not damaged is %s: %s", p.verdict, strings.Join(p.words, "; "))
	}
	w.notes = p.said
}

// damage damages a copy of the world in one way and tells what became of it.
func (w *world) damage(t *testing.T, d Engine, random *rand.Rand, n int) (verdict, kind string) {
	t.Helper()
	root := memoryDir(t)
	defer func() { _ = os.RemoveAll(root) }()
	dir := filepath.Join(root, "damaged")
	mustCopy(t, w.dir, dir)
	done := w.strike(t, random, dir)
	probed := make(chan probe, 1)
	go func() { probed <- w.probe(d, dir, done.touched...) }()
	var p probe
	select {
	case p = <-probed:
	case <-time.After(damageDeadline):
		p = probe{verdict: verdictHanging}
	}
	what := fmt.Sprintf("damage %d, %s stop: %s", n, w.stop, done.what)
	said := strings.Join(p.words, "; ")
	switch p.verdict {
	case verdictWhole, verdictTold, verdictUnproved:
		if testing.Verbose() {
			t.Logf("%s: %s %s", p.verdict, what, said)
		}
	default:
		t.Errorf("%s: %s (replay with -dirs.seed %d): %s", p.verdict, what, d.Seed, said)
	}
	return p.verdict, done.kind
}
