package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// varied makes a namespace of messages of all kinds: long and short, with and
// without ids, metadata and correlations, in many streams.
func varied(t testing.TB, dir string, messages int, random *rand.Rand) map[int64]store.Message {
	t.Helper()
	s := mustOpen(t, dir, Options{})
	mustCreate(t, s, "n")
	for i := range messages {
		e := store.Event{Type: fmt.Sprintf("T%d", i%5), Data: fmt.Appendf(nil, `{"n":%d,"x":%q}`, i, strings.Repeat("x", random.IntN(300)))}
		if i%17 == 0 { // goes on in pages of its own
			e.Data = fmt.Appendf(nil, `{"n":%d,"x":%q}`, i, strings.Repeat("y", 5000+random.IntN(20_000)))
		}
		if i%3 == 0 {
			e.ID = store.MakeID(unixTime(int64(i)), [10]byte{8: byte(i), 9: byte(i >> 8)})
		}
		if i%4 == 0 {
			e.Metadata, e.Correlation = fmt.Appendf(nil, `{"correlationStreamName":"k%d-1"}`, i%3), fmt.Sprintf("k%d", i%3)
		}
		w := store.Write{Stream: fmt.Sprintf("c%d-%d", i%3, i%41), ExpectedVersion: store.AnyVersion, Events: []store.Event{e}}
		if _, err := s.Append(t.Context(), "n", w); err != nil {
			t.Fatal(err)
		}
	}
	all := map[int64]store.Message{}
	for _, m := range mustRead(t, s, "n") {
		all[m.GlobalPosition] = m
	}
	mustClose(t, s)
	return all
}

func same(a, b store.Message) bool {
	return a.ID == b.ID && a.Stream == b.Stream && a.Type == b.Type && a.Position == b.Position && a.GlobalPosition == b.GlobalPosition &&
		a.Time.Equal(b.Time) && bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Metadata, b.Metadata)
}

// salvaged reads what can be read, and holds it against what was written: all
// of it must be true.
func salvaged(t testing.TB, path string, m engine.Mark, all map[int64]store.Message) (found int, lost []store.Finding, s engine.Salvage) {
	t.Helper()
	b := newBackend(filesys.Disk{}, Options{}, false)
	s, err := b.Salvage(t.Context(), engine.Opening{ID: "n", Dir: filepath.Dir(path), Mark: m})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	seen := map[int64]bool{}
	err = s.Messages(t.Context(), func(m store.ImportMessage, given bool) error {
		was, ok := all[m.GlobalPosition]
		if !ok || !same(was, m.Message) || seen[m.GlobalPosition] {
			t.Errorf("salvaged %+v, was %+v, seen %v", m.Message, was, seen[m.GlobalPosition])
		}
		if want := (m.GlobalPosition-1)%3 == 0; given != want {
			t.Errorf("#%d: given %v", m.GlobalPosition, given)
		}
		if want := (m.GlobalPosition-1)%4 == 0; (m.Correlation != "") != want {
			t.Errorf("#%d: correlation %q", m.GlobalPosition, m.Correlation)
		}
		seen[m.GlobalPosition] = true
		return nil
	}, func(f store.Finding) { lost = append(lost, f) })
	if err != nil {
		t.Fatal(err)
	}
	return len(seen), lost, s
}

// TestSalvage reads sound files and files of which any one page is zero: what is
// found is as it was, and what is not is told. Without its first page nothing
// can be read, and without another that does not lie above others no more than
// its own messages are lost.
func TestSalvage(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dir := t.TempDir()
	all := varied(t, dir, 300, rand.New(rand.NewPCG(seed, 0)))
	path := fileOf(t, dir, "n")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mark := engine.Mark{Known: true, Head: 300, Messages: 300, Streams: 41}
	if n, lost, s := salvaged(t, path, mark, all); n != 300 || len(lost) > 0 || s.Next() != 301 || s.Count() != 300 {
		t.Fatalf("sound: %d messages, lost %+v, next %d, count %d", n, lost, s.Next(), s.Count())
	}
	if n, _, s := salvaged(t, path, engine.Mark{}, all); n != 300 || s.Next() != 301 || s.Count() != 300 {
		t.Fatalf("sound, without a mark: %d messages, next %d, count %d", n, s.Next(), s.Count())
	}
	above := 0 // pages
	for page := 0; page*pageBytes < len(whole); page++ {
		damaged := bytes.Clone(whole)
		clear(damaged[page*pageBytes : (page+1)*pageBytes])
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if page == 0 {
			b := newBackend(filesys.Disk{}, Options{}, false)
			var damage *engine.DamageError
			if _, err := b.Salvage(t.Context(), engine.Opening{ID: "n", Dir: filepath.Dir(path), Mark: mark}); !errors.As(err, &damage) || !strings.Contains(err.Error(), "backup") {
				t.Errorf("without page 1: %v", err)
			}
			continue
		}
		n, lost, s := salvaged(t, path, mark, all)
		if n < 300 && len(lost) == 0 || s.Next() != 301 || s.Count() != 300 {
			t.Errorf("without page %d: %d messages, lost %+v, next %d, count %d", page+1, n, lost, s.Next(), s.Count())
		}
		if n < 300-60 {
			above++
		}
		_ = s.Close()
	}
	if above > 3 {
		t.Errorf("%d pages of %d keep many messages from being found", above, len(whole)/pageBytes)
	}
}

// TestDamageIsNotSilent flips bits and zeroes blocks in a stopped file whose
// length stays. A message that differs must never be read as if it were true,
// and verify must tell of whatever is missing or differs. What is salvaged is
// true, and repair brings it back.
func TestDamageIsNotSilent(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	all := varied(t, dir, 300, random)
	name := fileOf(t, dir, "n")
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	for round := range rounds {
		copied := copyTree(t, dir)
		path := filepath.Join(copied, strings.TrimPrefix(name, dir))
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at := random.IntN(len(b))
		what := fmt.Sprintf("round %d: bit flipped at byte %d (page %d)", round, at, at/pageBytes+1)
		if round%4 == 3 {
			what = fmt.Sprintf("round %d: 512 bytes zeroed at %d (page %d)", round, at&^511, at/pageBytes+1)
			clear(b[at&^511 : at&^511+512])
		} else {
			b[at] ^= 1 << random.IntN(8)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		checkDamaged(t, what, copied, all)
	}
}

// TestRepairOfDamagedOwner damages what state says of whose database it is:
// zeroed, or differing by a bit, it is damage to be repaired and no other namespace.
func TestRepairOfDamagedOwner(t *testing.T) {
	dir := t.TempDir()
	all := varied(t, dir, 50, rand.New(rand.NewPCG(1, 0)))
	owner := sealed("n")
	flips := []func(b []byte, at int){func(b []byte, at int) { b[at+len(owner)-1] ^= 1 }, func(b []byte, at int) { b[at] ^= 1 }}
	for i, damage := range append(flips, func(b []byte, at int) { clear(b[at&^511 : at&^511+512]) }) {
		copied := copyTree(t, dir)
		path := fileOf(t, copied, "n")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(b, []byte(owner))
		if at < 0 {
			t.Fatal("the owner is not in the file")
		}
		damage(b, at)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		checkDamaged(t, fmt.Sprintf("damage %d", i), copied, all)
	}
}

func checkDamaged(t *testing.T, what, dir string, all map[int64]store.Message) {
	t.Helper()
	s := mustOpen(t, dir, Options{})
	read, failed := 0, error(nil)
	for m, err := range s.ReadCategory(t.Context(), "n", store.CategoryQuery{Limit: store.NoLimit}) {
		if failed = err; err != nil {
			break
		}
		if was, ok := all[m.GlobalPosition]; !ok || !same(was, m) {
			t.Errorf("%s: read %+v, was %+v", what, m, was)
		}
		read++
	}
	report, err := s.Verify(t.Context(), "n")
	told := err != nil || len(report.Findings) > 0
	if (failed != nil || read != len(all)) && !told {
		t.Errorf("%s: read %d messages, %v, and verify says %+v, %v", what, read, failed, report, err)
	}
	var newer *engine.FormatError
	if told && !errors.As(failed, &newer) {
		repaired(t, what, s, all)
	}
	mustClose(t, s)
}

// repaired has the store repair the namespace and holds it against what was there.
func repaired(t *testing.T, what string, s *Store, all map[int64]store.Message) {
	t.Helper()
	report, err := s.Repair(context.Background(), "n", store.RepairOptions{})
	var damage *engine.DamageError
	if errors.As(err, &damage) && strings.Contains(err.Error(), "backup") {
		return // the first page is gone
	}
	if errors.Is(err, store.ErrMessagesDamaged) {
		if len(report.Lost) == 0 {
			t.Errorf("%s: %v without a word on what is lost", what, err)
		}
		report, err = s.Repair(context.Background(), "n", store.RepairOptions{AcceptLoss: true})
	}
	if err != nil {
		t.Errorf("%s: repair: %+v, %v", what, report, err)
		return
	}
	n := 0
	for _, m := range mustRead(t, s, "n") {
		if was, ok := all[m.GlobalPosition]; !ok || !same(was, m) {
			t.Errorf("%s: after the repair %+v, was %+v", what, m, was)
		}
		n++
	}
	if n < len(all) && len(report.Lost) == 0 {
		t.Errorf("%s: %d messages after the repair, which said %+v", what, n, report)
	}
	if r, err := s.Verify(context.Background(), "n"); err != nil || len(r.Findings) > 0 {
		t.Errorf("%s: verify after the repair: %+v, %v", what, r, err)
	}
	if _, err := appendOne(s, "n", "c0-1"); err != nil {
		t.Errorf("%s: append after the repair: %v", what, err)
	}
}

// TestSalvageBehindLogDamage flips bits in a log. What lies before is found, and
// of what lies behind and was known to be durable it is told that it is missing.
func TestSalvageBehindLogDamage(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	l := makeLog(t, 30)
	all := logMessages(t, l)
	whole, err := os.ReadFile(l.path + logSuffix)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		b := bytes.Clone(whole)
		at := logHeader + random.IntN(len(b)-logHeader)
		b[at] ^= 1 << random.IntN(8)
		if err := os.WriteFile(l.path+logSuffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := newBackend(filesys.Disk{}, Options{}, false).Salvage(t.Context(), engine.Opening{
			ID: "n", Dir: filepath.Dir(l.path), Mark: engine.Mark{Known: true, Head: 30, Messages: 30},
		})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = s.Messages(t.Context(), func(m store.ImportMessage, _ bool) error {
			if was := all[m.GlobalPosition]; !same(was, m.Message) {
				t.Errorf("flipped at %d: #%d differs", at, m.GlobalPosition)
			}
			n++
			return nil
		}, func(f store.Finding) { t.Errorf("flipped at %d: lost %+v", at, f) })
		if settled := l.messages(t); err != nil || n != settled || s.Count() != 30 || s.Next() != 31 {
			t.Errorf("flipped at %d: SQLite finds %d, salvaged %d, %v; next %d, count %d", at, settled, n, err, s.Next(), s.Count())
		}
		_ = s.Close()
	}
}

func logMessages(t testing.TB, l logged) map[int64]store.Message {
	t.Helper()
	b := newBackend(filesys.Disk{}, Options{}, false)
	d, err := b.open(engine.Opening{ID: "n", Dir: filepath.Dir(l.path), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	all := map[int64]store.Message{}
	_, err = d.ReadCategory(engine.NewWatch(t.Context()), store.CategoryQuery{Limit: store.NoLimit}, engine.MaxPosition, func(m store.Message) bool {
		all[m.GlobalPosition] = m.Clone()
		return true
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return all
}
