package logstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/storetest/history"
)

// started opens a store over the log, with its copy in memory, for the test.
func started(t *testing.T, l *memoryLog) *logstore.Store {
	t.Helper()
	st, err := logstore.Connect(t.Context(), l.connect, "", logstore.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func made(t *testing.T, st store.Store, id string) {
	t.Helper()
	if _, err := st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: id}); err != nil {
		t.Fatal(err)
	}
}

func one(stream string, expected int64, id store.ID) store.Write {
	return store.Write{Stream: stream, ExpectedVersion: expected, Events: []store.Event{{ID: id, Type: "Noted", Data: []byte(`{}`)}}}
}

func in(t *testing.T, timeout time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits until check returns nil.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	ctx := in(t, time.Minute)
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestLostAnswers loses answers at random, records as well, has the log refuse, and be followed
// late: every append is decided all the same, and three stores agree, by one history.
func TestLostAnswers(t *testing.T) {
	for range 3 {
		t.Run("", lostAnswers)
	}
}

func lostAnswers(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	l := newMemoryLog()
	l.lose = func() fate { // under the log's lock
		switch random.IntN(10) {
		case 0, 1:
			return unanswered
		case 2:
			return lost
		case 3:
			return refused
		}
		return answered
	}
	stores := []*logstore.Store{started(t, l), started(t, l), started(t, l)}
	made(t, stores[0], "n")
	defer l.flicker(t)()
	heard := history.New(seed)
	var all errgroup.Group
	for i := range 9 {
		st := stores[i%3]
		all.Go(func() error { return heard.Caller(i).Run(t.Context(), freshly{history.Of(st, "n"), st}, 300) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	heard.Check(t)
	for _, st := range stores {
		if err := st.Fresh(t.Context(), "n"); err != nil {
			t.Fatal(err)
		}
		report, err := st.Verify(t.Context(), "n")
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("verify: %v, %v", report.Findings, err)
		}
	}
}

// flicker keeps one of three clients after the other from following what is new, for some
// milliseconds each. What it returns ends that.
func (l *memoryLog) flicker(t *testing.T) func() {
	ctx, stop := context.WithCancel(t.Context())
	var flickering sync.WaitGroup
	hold := func(held func(int) bool) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.held = held
		l.moveLocked()
	}
	flickering.Go(func() {
		tick := time.NewTicker(8 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ctx.Err() == nil; n++ {
			hold(func(client int) bool { return client == n%3 })
			<-tick.C
		}
		hold(nil)
	})
	return func() { stop(); flickering.Wait() }
}

// freshly reads what is fresh.
type freshly struct {
	history.Streams
	st *logstore.Store
}

func (f freshly) ReadStream(ctx context.Context, q store.StreamQuery) ([]store.Message, error) {
	if err := f.st.Fresh(ctx, "n"); err != nil {
		return nil, err
	}
	return f.Streams.ReadStream(ctx, q)
}

func (f freshly) Version(ctx context.Context, stream string) (int64, error) {
	if err := f.st.Fresh(ctx, "n"); err != nil {
		return 0, err
	}
	return f.Streams.Version(ctx, stream)
}

// TestPlainReadsNeverRunBackwards reads versions on each of two stores while both write.
func TestPlainReadsNeverRunBackwards(t *testing.T) {
	l := newMemoryLog()
	stores := []*logstore.Store{started(t, l), started(t, l)}
	made(t, stores[0], "n")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var readers, writers errgroup.Group
	for _, st := range stores {
		eventually(t, func() error { return st.Fresh(t.Context(), "n") })
		readers.Go(func() error {
			for last := int64(store.NoStream); ctx.Err() == nil; {
				version, err := st.Version(t.Context(), "n", "a-1")
				if err != nil || version < last {
					return fmt.Errorf("version %d after %d: %w", version, last, err)
				}
				last = version
			}
			return nil
		})
		writers.Go(func() error {
			for range 200 {
				a, err := st.Append(ctx, "n", one("a-1", store.AnyVersion, store.ID{}))
				if err != nil {
					return err
				}
				if version, err := st.Version(t.Context(), "n", "a-1"); err != nil || version < a.LastPosition {
					return fmt.Errorf("wrote %d and reads %d, %w", a.LastPosition, version, err)
				}
			}
			return nil
		})
	}
	err := writers.Wait()
	stop()
	if err := errors.Join(err, readers.Wait()); err != nil {
		t.Fatal(err)
	}
}

// TestCutOff: writes are refused within their deadline, reads go on and say how old they are, and all
// heals by itself.
func TestCutOff(t *testing.T) {
	l := newMemoryLog()
	st := started(t, l)
	made(t, st, "n")
	if _, err := st.Append(t.Context(), "n", one("a-1", store.NoStream, store.ID{})); err != nil {
		t.Fatal(err)
	}
	l.cutOff(true)
	_, err := st.Append(in(t, 50*time.Millisecond), "n", one("a-1", 0, store.ID{}))
	var unavailable *store.UnavailableError
	if !errors.As(err, &unavailable) || unavailable.Namespace != "n" || unavailable.After == 0 {
		t.Errorf("append while cut off: %v", err)
	}
	if err := st.Fresh(in(t, 50*time.Millisecond), "n"); !errors.As(err, &unavailable) {
		t.Errorf("a fresh read while cut off: %v", err)
	}
	if version, err := st.Version(t.Context(), "n", "a-1"); err != nil || version != 0 {
		t.Errorf("a read while cut off: %d, %v", version, err)
	}
	eventually(t, func() error {
		ns, err := st.Namespace(t.Context(), "n")
		if err == nil && !strings.Contains(ns.Notice, "cut off from the log") {
			err = fmt.Errorf("the notice is %q", ns.Notice)
		}
		return err
	})
	l.cutOff(false)
	if _, err := st.Append(t.Context(), "n", one("a-1", 0, store.ID{})); err != nil {
		t.Errorf("append after it healed: %v", err)
	}
	eventually(t, func() error {
		ns, err := st.Namespace(t.Context(), "n")
		if err == nil && ns.Notice != "" {
			err = fmt.Errorf("the notice is still %q", ns.Notice)
		}
		return err
	})
	kinds := map[string]int{}
	for _, e := range st.EngineEvents(0) {
		kinds[e.Kind]++
	}
	if kinds[store.EventCutOff] == 0 || kinds[store.EventBack] == 0 {
		t.Errorf("the events are %v", kinds)
	}
}

// TestUnknownOutcome: an append whose answer is lost until it is given up is uncertain, and decided when it
// is asked again with the same ids: on another store too.
func TestUnknownOutcome(t *testing.T) {
	for what, becomes := range map[string]fate{"stored": unanswered, "not stored": lost} {
		t.Run(what, func(t *testing.T) {
			l := newMemoryLog()
			stores := []*logstore.Store{started(t, l), started(t, l)}
			made(t, stores[0], "n")
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			l.mu.Lock()
			l.lose = func() fate { giveUp(); return becomes } // not before: it is known then that nothing was stored
			l.held = func(int) bool { return true }
			l.mu.Unlock()
			id := store.NewID(time.Now())
			_, err := stores[0].Append(ctx, "n", one("a-1", store.NoStream, id))
			var uncertain *store.UncertainError
			if !errors.As(err, &uncertain) {
				t.Fatalf("append: %v, want an *UncertainError", err)
			}
			l.mu.Lock()
			l.lose, l.held = nil, nil
			l.moveLocked()
			l.mu.Unlock()
			a, err := stores[1].Append(t.Context(), "n", one("a-1", store.NoStream, id))
			if err != nil || a.FirstPosition != 0 || a.LastGlobalPosition != 1 {
				t.Errorf("asked again: %+v, %v", a, err)
			}
			b, err := stores[0].Append(t.Context(), "n", one("a-1", store.NoStream, id))
			if err != nil || a != b {
				t.Errorf("asked a third time: %+v, %v, want %+v", b, err, a)
			}
		})
	}
}

// TestForeignRecords: what others publish below evtui's subjects is left out, and verify names it.
func TestForeignRecordsAreNamed(t *testing.T) {
	l := newMemoryLog()
	st := started(t, l)
	made(t, st, "n")
	if _, err := st.Append(t.Context(), "n", one("a-1", store.NoStream, store.ID{})); err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{logstore.Subject("a-1"), logstore.Subject("zzz")} {
		l.foreign("n", subject, []byte(`{"type":"Foreign"}`))
	}
	a, err := st.Append(t.Context(), "n", one("a-1", 0, store.ID{}))
	if err != nil || a.FirstPosition != 1 || a.FirstGlobalPosition != 2 {
		t.Fatalf("append behind it: %+v, %v", a, err)
	}
	report, err := st.Verify(t.Context(), "n")
	if err != nil || len(report.Findings) != 2 || !strings.Contains(report.Findings[0].Where, "sequence 2") || !strings.Contains(report.Findings[0].Detail, "a.i1") {
		t.Errorf("verify: %+v, %v", report.Findings, err)
	}
}

// TestLogThatLost: a log that is shorter than the copy, that has another record, that lacks some, or that lost
// the namespace is refused; nothing of the copy is thrown away.
func TestLogThatLost(t *testing.T) {
	for name, damage := range map[string]func(*memorySpace, *memoryLog){
		"its end": func(s *memorySpace, _ *memoryLog) { s.records, s.next = s.records[:2], 3 },
		"its end, and went on": func(s *memorySpace, l *memoryLog) {
			s.records, s.next = s.records[:2], 3
			s.last[logstore.Subject("a-1")] = 2
			for range 5 {
				l.foreignLocked(s, logstore.Subject("b-1"), []byte("x"))
			}
		},
		"the namespace": func(s *memorySpace, l *memoryLog) { delete(l.spaces, s.ID) },
		"the namespace, and has another": func(s *memorySpace, l *memoryLog) {
			other := s.Namespace
			other.Identity = "another"
			l.spaces[s.ID] = &memorySpace{Namespace: other, next: 1, last: map[string]uint64{}, ids: map[string]uint64{}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, dir := newMemoryLog(), t.TempDir()
			st, err := open(l, dir)
			if err != nil {
				t.Fatal(err)
			}
			made(t, st, "n")
			for range 4 {
				if _, err := st.Append(t.Context(), "n", one("a-1", store.AnyVersion, store.ID{})); err != nil {
					t.Fatal(err)
				}
			}
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
			l.mu.Lock()
			damage(l.spaces["n"], l)
			l.mu.Unlock()
			st, err = open(l, dir)
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			eventually(t, func() error {
				_, err := st.Append(in(t, time.Second), "n", one("a-1", store.AnyVersion, store.ID{}))
				var unavailable *store.UnavailableError
				var damaged *store.DamagedError
				if !errors.As(err, &damaged) && (!errors.As(err, &unavailable) || !strings.Contains(err.Error(), "evtui verify")) {
					return fmt.Errorf("append: %v", err)
				}
				return nil
			})
			report, err := st.(store.Verifier).Verify(t.Context(), "n")
			if err != nil || len(report.Findings) == 0 {
				t.Errorf("verify: %+v, %v", report.Findings, err)
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
			kept, err := pebblestore.Open(dir, pebblestore.Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close()
			if ns, err := kept.Namespace(t.Context(), "n"); err != nil || ns.MessageCount != 4 {
				t.Errorf("the copy holds %d messages, %v", ns.MessageCount, err)
			}
		})
	}
}

// TestFollowedCopyTakesNoWrites: who opens a copy by itself cannot make it differ from the log.
func TestFollowedCopyTakesNoWrites(t *testing.T) {
	l, dir := newMemoryLog(), t.TempDir()
	st, err := open(l, dir)
	if err != nil {
		t.Fatal(err)
	}
	made(t, st, "n")
	if _, err := st.Append(t.Context(), "n", one("a-1", store.NoStream, store.ID{})); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	alone, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if _, err := alone.Append(t.Context(), "n", one("a-1", 0, store.ID{})); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("append: %v, want ErrReadOnly", err)
	}
}

// TestRepairBuildsTheCopyAgain from the log, while writes come.
func TestRepairBuildsTheCopyAgain(t *testing.T) {
	l := newMemoryLog()
	st := started(t, l)
	made(t, st, "n")
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	acknowledged := 0
	writing.Go(func() {
		for ctx.Err() == nil {
			if _, err := st.Append(t.Context(), "n", one("a-1", store.AnyVersion, store.NewID(time.Now()))); err == nil {
				acknowledged++
			}
		}
	})
	eventually(t, func() error {
		if head, err := st.Head(t.Context(), "n"); err != nil || head < 100 {
			return fmt.Errorf("head %d, %w", head, err)
		}
		return nil
	})
	report, err := st.Repair(t.Context(), "n", store.RepairOptions{})
	stop()
	writing.Wait()
	if err != nil || report.Messages < 100 {
		t.Fatalf("repair: %+v, %v", report, err)
	}
	if err := st.Fresh(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	verified, err := st.Verify(t.Context(), "n")
	if err != nil || len(verified.Findings) > 0 || verified.Messages < int64(acknowledged) {
		t.Errorf("verify: %+v, %v, and %d were acknowledged", verified, err, acknowledged)
	}
}

// TestLargeAppend goes into the log in several parts, and comes out whole.
func TestLargeAppend(t *testing.T) {
	l := newMemoryLog()
	a, b := started(t, l), started(t, l)
	made(t, a, "n")
	w := store.Write{Stream: "a-1", ExpectedVersion: store.NoStream}
	for i := range 10_000 {
		w.Events = append(w.Events, store.Event{Type: "Noted", Data: fmt.Appendf(nil, `{"n":%d,"text":%q}`, i, strings.Repeat("x", 500))})
	}
	stored, err := a.Append(t.Context(), "n", w)
	if err != nil || stored.LastPosition != 9999 {
		t.Fatalf("append: %+v, %v", stored, err)
	}
	if len(l.spaces["n"].records) < 3 {
		t.Errorf("the record has %d parts", len(l.spaces["n"].records))
	}
	eventually(t, func() error { return b.Fresh(t.Context(), "n") })
	n := 0
	for m, err := range b.ReadStream(t.Context(), "n", store.StreamQuery{Stream: "a-1", Limit: store.NoLimit}) {
		if err != nil || string(m.Data) != string(w.Events[n].Data) {
			t.Fatalf("message %d: %s, %v", n, m.Data, err)
		}
		n++
	}
	if n != 10_000 {
		t.Errorf("%d messages", n)
	}
}

// TestMeantForAnotherNamespace: what was sent to a namespace that was deleted meanwhile, and made again,
// is no message of the new one.
func TestMeantForAnotherNamespace(t *testing.T) {
	l := newMemoryLog()
	st := started(t, l)
	made(t, st, "n")
	before := l.spaces["n"].Identity
	if _, err := st.DeleteNamespace(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	made(t, st, "n")
	subject, body := logstore.EncodeForTest(before, "a-1", store.NoStream)
	l.foreign("n", subject, body)
	if a, err := st.Append(t.Context(), "n", one("a-1", store.NoStream, store.ID{})); err != nil || a.FirstGlobalPosition != 1 {
		t.Errorf("append behind it: %+v, %v", a, err)
	}
}
