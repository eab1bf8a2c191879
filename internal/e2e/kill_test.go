package e2e

import (
	"flag"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/server/client"
)

var (
	killRuns = flag.Int("kill.runs", 0, "how often TestKilledAgainAndAgain kills the server; 0: 30, with -short 5, under the race detector 2")
	killSeed = flag.Uint64("kill.seed", 0, "seed of TestKilledAgainAndAgain; 0 for a random one")
)

// killsOfADirectory is how many kills one data directory lives through: all
// of it is read after each.
const killsOfADirectory = 50

// TestKilledAgainAndAgain kills the server as kill -9 does, under writers, at
// random moments, also while it starts. After each kill every message that was
// acknowledged, or seen after an earlier kill, must be there as it was sent,
// positions without gaps, appends and batches of imports as a whole or not at
// all, and evtui verify must find nothing.
func TestKilledAgainAndAgain(t *testing.T) {
	runs := *killRuns
	switch {
	case runs > 0:
	case race.Enabled: // its programs take seconds to start
		runs = 2
	case testing.Short():
		runs = 5
	default:
		runs = 30
	}
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay with -kill.seed=%d; what is under way at a kill is up to the system", seed)
	for ; runs > 0 && !t.Failed(); runs -= killsOfADirectory {
		liveThrough(t, seed, min(runs, killsOfADirectory))
		seed++
	}
}

func liveThrough(t *testing.T, seed uint64, kills int) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	told := newKilledStore(seed)
	for range kills {
		server, at := mustComeBack(t, random, dir, told)
		mustLoadAndKill(t, random, server, at, told)
	}
	server, _ := mustComeBack(t, random, dir, told)
	mustStop(t, server)
	mustVerify(t, dir)
	t.Logf("%d kills; %s", kills, told)
}

// mustComeBack starts the server on what a kill left, and compares. Now and
// then it is killed once more while it starts; now and then evtui verify, and
// not the server, is the first to recover the directory.
func mustComeBack(t *testing.T, random *rand.Rand, dir string, told *killedStore) (*Process, rpc) {
	t.Helper()
	if random.IntN(4) == 0 {
		p := mustLaunch(t, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--memory", "32MiB")
		pass(t, time.Duration(random.IntN(100))*time.Millisecond)
		p.Kill()
	}
	verifyFirst := random.IntN(2) == 0 && told.filled()
	if verifyFirst {
		mustVerify(t, dir)
	}
	server, at := mustServeSmall(t, dir)
	told.check(t, at)
	if verifyFirst || !told.filled() {
		return server, at
	}
	mustStop(t, server)
	mustVerify(t, dir)
	return mustServeSmall(t, dir)
}

// mustServeSmall serves with memtables so small that tables are written and
// compacted under the kills.
func mustServeSmall(t *testing.T, dir string) (*Process, rpc) {
	t.Helper()
	return mustServeWith(t, dir, "--memory", "32MiB")
}

// mustLoadAndKill kills the server once a random number of calls was
// answered, and a moment has passed.
func mustLoadAndKill(t *testing.T, random *rand.Rand, server *Process, at rpc, told *killedStore) {
	t.Helper()
	mustLoad(t, server, at, told, func(answered *atomic.Int64) {
		// As many short rounds as long ones.
		awaitCount(t, answered, 1+random.Int64N(2<<random.IntN(11)))
		pass(t, time.Duration(random.IntN(20_000))*time.Microsecond)
	})
}

// mustLoad writes while something is done, and then kills the server.
func mustLoad(t *testing.T, server *Process, at rpc, told *killedStore, do func(answered *atomic.Int64)) {
	t.Helper()
	var (
		answered atomic.Int64
		under    sync.WaitGroup
		gone     = make(chan struct{})
	)
	for _, write := range told.writers(&answered, gone) {
		c, err := client.New(at.url, client.WithToken(at.token))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		under.Go(func() {
			if err := write(t.Context(), c); !client.Unreachable(err) {
				t.Errorf("a writer ended with: %v", err)
			}
		})
	}
	do(&answered)
	server.Kill()
	close(gone)
	under.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// pass lets time pass, so that what it ends is cut off anywhere.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	moment := time.NewTimer(d)
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-t.Context().Done():
		t.Fatal("the test ends")
	}
}

func mustStop(t *testing.T, server *Process) {
	t.Helper()
	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	mustExit(t, server, 0)
}

func mustVerify(t *testing.T, dir string) {
	t.Helper()
	verify := mustLaunch(t, "verify", "--data", dir, "-o", "json")
	mustExit(t, verify, 0)
	if out := verify.Stdout(); strings.Count(out, `"findings": []`) != strings.Count(out, `"namespace"`) {
		t.Fatalf("verify says\n%s%s", out, verify.Stderr())
	}
}
