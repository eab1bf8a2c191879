package sqlitestore

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// logged is a database with its log, as a kill leaves them.
type logged struct {
	path    string
	commits map[int64]int // messages by where their transaction ends in the log
}

// makeLog stores messages one by one and copies database and log meanwhile.
func makeLog(t testing.TB, messages int) logged {
	t.Helper()
	s, inside := mustSpy(t, t.TempDir(), Options{})
	mustCreate(t, s, "n")
	d := inside.database(t, "n")
	l := logged{commits: map[int64]int{0: 0, logHeader: 0}}
	for i := range messages {
		mustAppend(t, s, "n", "a-1", 1)
		l.commits[sizeOf(d.path+logSuffix)] = i + 1
	}
	l.path = mustCopyAside(t, d.path)
	mustClose(t, s)
	return l
}

// mustCopyAside copies a database and its log as they are.
func mustCopyAside(t testing.TB, path string) (copied string) {
	t.Helper()
	copied = filepath.Join(t.TempDir(), dataFile)
	for _, suffix := range []string{"", logSuffix} {
		if err := copyFile(path+suffix, copied+suffix); err != nil {
			t.Fatal(err)
		}
	}
	return copied
}

// messages is what SQLite finds, in a copy.
func (l logged) messages(t testing.TB) (n int) {
	t.Helper()
	p, err := openPool(mustCopyAside(t, l.path), 1, 0, reads)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.one(`SELECT count(*) FROM messages`, nil, &n); err != nil {
		t.Fatal(err)
	}
	if err := p.db.Close(); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestLogEnd cuts logs and flips their bits: the walk must find the end that
// SQLite finds, and count all behind it as dropped.
func TestLogEnd(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	l := makeLog(t, 20)
	whole, err := os.ReadFile(l.path + logSuffix)
	if err != nil {
		t.Fatal(err)
	}
	if end, err := readLog(l.path + logSuffix); err != nil || end.dropped() != 0 || end.valid != int64(len(whole)) {
		t.Fatalf("whole: %+v, %v", end, err)
	}
	for i := range 60 {
		b := append([]byte(nil), whole...)
		at := random.IntN(len(b))
		if i%2 == 0 {
			b = b[:at]
		} else {
			b[at] ^= 1 << random.IntN(8)
		}
		if err := os.WriteFile(l.path+logSuffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
		end, err := readLog(l.path + logSuffix)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := l.commits[end.valid]
		if got := l.messages(t); !ok || got != want {
			t.Errorf("damaged at %d of %d, i=%d: the walk ends at %d with %d messages, SQLite finds %d", at, len(whole), i, end.valid, want, got)
		}
		if end.dropped() != int64(len(b))-end.valid {
			t.Errorf("damaged at %d: dropped %d of %d bytes from %d on", at, end.dropped(), len(b), end.valid)
		}
	}
}

// TestLogStartsOver checks that what an earlier log left in the file is not
// taken for dropped: its content is in the database.
func TestLogStartsOver(t *testing.T) {
	s, inside := mustSpy(t, t.TempDir(), Options{})
	mustCreate(t, s, "n")
	mustAppend(t, s, "n", "a-1", 30)
	d := inside.database(t, "n")
	if _, err := d.writer.db.Exec("PRAGMA wal_checkpoint(RESTART)"); err != nil {
		t.Fatal(err)
	}
	size := sizeOf(d.path + logSuffix)
	mustAppend(t, s, "n", "a-1", 2)
	end, err := readLog(d.path + logSuffix)
	if err != nil || end.size != size || end.valid >= size || end.valid <= logHeader || end.dropped() != 0 {
		t.Errorf("the log had %d bytes, and has the end %+v, %v", size, end, err)
	}
	mustClose(t, s)
}
