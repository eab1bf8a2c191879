package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// recordsOf counts a namespace's messages by how they are stored.
func recordsOf(t *testing.T, s *Store, id string) (whole, shaped int) {
	t.Helper()
	d, err := s.backend.look(id, namespaceDir(t, s, id), s.backend.reading())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	err = scanFamily(d.db, familyMessage, func(_, value []byte) error {
		if value[0]&flagShaped != 0 {
			shaped++
		} else {
			whole++
		}
		return nil
	}, func(g gap) { t.Error(g.err) })
	if err != nil {
		t.Fatal(err)
	}
	return whole, shaped
}

// TestShapesAreLearned has many writers of a few kinds of events: what is read
// is what was written, before and after the store is opened again.
func TestShapesAreLearned(t *testing.T) {
	files := vfs.NewMem()
	s := mustOpenFS(t, files, Options{})
	mustCreate(t, s, "a")
	const writers, each, kinds = 8, 60, 5
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				e := store.Event{
					Type:     fmt.Sprintf("Kind%d", i%kinds),
					Data:     fmt.Appendf(nil, `{"kind%d":%d,"by":"writer %d","ok":%t,"at":"2026-11-23T10:%02d:00Z"}`, i%kinds, i, w, i%2 == 0, i%60),
					Metadata: []byte([]string{"", `{"traceId":"00ff00ff00ff00ff"}`}[i%2]),
				}
				if i%2 == 0 {
					e.Metadata = nil
				}
				if _, err := s.Append(context.Background(), "a", store.Write{
					Stream: fmt.Sprintf("w-%d", w), ExpectedVersion: int64(i) - 1, Events: []store.Event{e},
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	check := func() {
		t.Helper()
		for w := range writers {
			i := 0
			q := store.StreamQuery{Stream: fmt.Sprintf("w-%d", w), Limit: store.NoLimit}
			for m, err := range s.ReadStream(context.Background(), "a", q) {
				if err != nil {
					t.Fatal(err)
				}
				want := fmt.Sprintf(`{"kind%d":%d,"by":"writer %d","ok":%t,"at":"2026-11-23T10:%02d:00Z"}`, i%kinds, i, w, i%2 == 0, i%60)
				if string(m.Data) != want || m.Type != fmt.Sprintf("Kind%d", i%kinds) || (m.Metadata == nil) != (i%2 == 0) {
					t.Fatalf("message %d of writer %d: %s %s %s", i, w, m.Type, m.Data, m.Metadata)
				}
				i++
			}
			if i != each {
				t.Fatalf("%d messages of writer %d", i, w)
			}
		}
	}
	check()
	want := content(t, s, "a")
	whole, shaped := recordsOf(t, s, "a")
	// Several may cut the same outline before one of them has it learned.
	if most := 2 * kinds * (learnAfter + writers); whole > most || shaped != writers*each-whole {
		t.Errorf("%d messages are stored whole, at most %d expected; %d shaped", whole, most, shaped)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpenFS(t, files, Options{})
	defer func() { _ = s.Close() }()
	mustBeSound(t, s, "a", want)
	check()
	if _, err := s.Append(context.Background(), "a", store.Write{
		Stream: "w-0", ExpectedVersion: each - 1,
		Events: []store.Event{{Type: "Kind0", Data: []byte(`{"kind0":0,"by":"x","ok":null,"at":""}`)}},
	}); err != nil {
		t.Fatal(err)
	}
	if again, _ := recordsOf(t, s, "a"); again != whole {
		t.Error("what was learned was forgotten")
	}
}

// TestShapesHaveBounds writes more kinds of events than a namespace learns.
func TestShapesHaveBounds(t *testing.T) {
	known := newShapes()
	outline := func(i int) []byte { return fmt.Appendf([]byte{0, 0, 0, 0}, `{"key%d":`+"\x00}", i) }
	learned := 0
	for i := range 2 * maxShapes {
		for n := range learnAfter {
			number, again := known.find(outline(i))
			if number != 0 {
				t.Fatalf("outline %d is known before it was learned", i)
			}
			if again != (n == learnAfter-1) && i < maxShapes {
				t.Fatalf("outline %d is worth learning %v after %d times", i, again, n+1)
			}
			if again {
				if number, fresh := known.learn(outline(i)); int(number) != i+1 || !fresh {
					t.Fatalf("outline %d has number %d, fresh %v", i, number, fresh)
				}
				learned++
			}
		}
	}
	if learned != maxShapes {
		t.Errorf("%d learned, want %d", learned, maxShapes)
	}
	if number, fresh := known.learn(outline(maxShapes + 1)); number != 0 || fresh {
		t.Errorf("one more has number %d", number)
	}
	if number, _ := known.find(outline(7)); number != 8 {
		t.Errorf("outline 7 has number %d", number)
	}
	long := newShapes()
	for i := range 1000 {
		_, _ = long.learn([]byte(string(outline(i)) + strings.Repeat(" ", 4000)))
	}
	if n := long.known.Load().bytes; n > maxShapeBytes || n < maxShapeBytes/2 {
		t.Errorf("%d bytes of outlines are kept", n)
	}
	for i := range 3 * maxSightings {
		long.find(outline(i))
	}
	if len(long.seen) > maxSightings {
		t.Errorf("%d outlines are watched", len(long.seen))
	}
}

// TestLostShape takes both records of a shape away: its messages are damaged
// then, and nobody makes them up.
func TestLostShape(t *testing.T) {
	files := vfs.NewMem()
	s := mustOpenFS(t, files, Options{})
	mustFill(t, s, "a")
	dir := namespaceDir(t, s, "a")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustTamper(t, files, dir, func(b *pebble.Batch) {
		_ = b.Delete(appendShapeKey(nil, familyShape, 1), nil)
		_ = b.Delete(appendShapeKey(nil, familyShapeAgain, 1), nil)
	})
	s = mustOpenFS(t, files, Options{})
	defer func() { _ = s.Close() }()
	mustFind(t, s, "a", "messages")
	_, err := s.Repair(context.Background(), "a", store.RepairOptions{})
	if !errors.Is(err, store.ErrMessagesDamaged) {
		t.Errorf("repair says %v", err)
	}
}

// TestOlderFormat reads and goes on with a namespace from before shapes.
func TestOlderFormat(t *testing.T) {
	files := vfs.NewMem()
	s := mustOpenFS(t, files, Options{})
	mustCreate(t, s, "a")
	for range learnAfter - 1 {
		if _, err := appendOne(s, "a", "c-1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, shaped := recordsOf(t, s, "a"); shaped > 0 {
		t.Fatal("there are shapes already")
	}
	want, dir := content(t, s, "a"), namespaceDir(t, s, "a")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustTamper(t, files, dir, func(b *pebble.Batch) {
		old := encodeMeta(nil, engine.State{Next: learnAfter, LastTime: 1, Messages: learnAfter - 1, Streams: 1})
		old[0] = metaFormatWhole
		_ = b.Set(metaKey, old, nil)
	})
	s = mustOpenFS(t, files, Options{})
	defer func() { _ = s.Close() }()
	mustAccept(t, s, "a")
	mustBeSound(t, s, "a", want)
	for range 2 * learnAfter {
		if _, err := appendOne(s, "a", "c-1"); err != nil {
			t.Fatal(err)
		}
	}
	whole, shaped := recordsOf(t, s, "a")
	if whole+shaped != 3*learnAfter-1 || shaped == 0 {
		t.Errorf("%d whole, %d shaped", whole, shaped)
	}
	mustBeSound(t, s, "a", content(t, s, "a"))
}
