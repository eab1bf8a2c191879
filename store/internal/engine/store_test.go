package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/store"
)

// TestWakesWhomItConcerns looks at which subscriptions a commit has look.
func TestWakesWhomItConcerns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := openFake(t, newFake(), Options{})
		s.create("n", "other")
		s.mustAppend("n", "a-1", 1)
		synctest.Wait() // it wakes whoever is there, after it was answered
		owner := 0
		if !(store.Group{Member: 0, Size: 2}).Owns("a-1") {
			owner = 1
		}
		concerned := []store.SubscribeQuery{
			{}, {Category: "a"}, {Stream: "a-1"},
			{Category: "a", Group: store.Group{Member: owner, Size: 2}}, {Group: store.Group{Member: owner, Size: 2}},
		}
		others := []store.SubscribeQuery{
			{Category: "b"}, {Stream: "a-2"}, {Stream: "a"}, {Category: "aa"},
			{Category: "a", Group: store.Group{Member: 1 - owner, Size: 2}}, {Group: store.Group{Member: 1 - owner, Size: 2}},
		}
		var woken, asleep []*subscription
		for i := range concerned {
			concerned[i].From = store.FromNow
			woken = append(woken, s.subscribe("n", concerned[i]))
		}
		for i := range others {
			others[i].From = store.FromNow
			asleep = append(asleep, s.subscribe("n", others[i]))
		}
		asleep = append(asleep, s.subscribe("other", store.SubscribeQuery{From: store.FromNow}))
		closed := s.subscribe("n", store.SubscribeQuery{From: store.FromNow})
		mustDo(t, closed.Close())
		s.mustAppend("n", "a-1", 3)
		synctest.Wait()
		for _, sub := range woken {
			if len(sub.wake) != 1 {
				t.Errorf("a subscription %+v was not woken", sub.q)
			}
		}
		for _, sub := range append(asleep, closed) {
			if len(sub.wake) != 0 {
				t.Errorf("a subscription %+v was woken by what does not concern it", sub.q)
			}
		}
		// An import may lie below what they have seen: all look.
		mustDo(t, s.Import(t.Context(), "n", []store.ImportMessage{{Message: store.Message{Stream: "z-1", Type: "T", GlobalPosition: 50, Time: time.Now()}}}))
		synctest.Wait()
		for _, sub := range append(woken, asleep[:len(others)]...) {
			if len(sub.wake) != 1 {
				t.Errorf("a subscription %+v was not woken by an import", sub.q)
			}
		}
	})
}

// TestListenersForget adds and removes subscriptions: none may be left behind.
func TestListenersForget(t *testing.T) {
	s := openFake(t, newFake(), Options{})
	s.create("n")
	for _, q := range []store.SubscribeQuery{{}, {Category: "a"}, {Stream: "a-1"}, {Group: store.Group{Size: 2}}} {
		for range 3 {
			sub, err := s.Subscribe(t.Context(), "n", q)
			mustDo(t, err)
			mustDo(t, sub.Close())
			mustDo(t, sub.Close())
		}
	}
	l := &s.handle("n").listeners
	if l.count.Load() != 0 || len(l.byTopic) != 0 {
		t.Errorf("%d subscriptions are left: %v", l.count.Load(), l.byTopic)
	}
}

// TestReadersOfThePastTakeTurns holds the scans of many subscriptions up: few
// read at once, and writes and small reads do not wait for them.
func TestReadersOfThePastTakeTurns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newFake()
		s := openFake(t, b, Options{})
		s.create("n")
		s.mustAppend("n", "a-1", 2*longPast)
		s.mustAppend("n", "b-1", 1)
		var reading, most atomic.Int64
		hold := make(chan struct{})
		var subs []*subscription
		for i := range 20 {
			q := store.SubscribeQuery{Category: "a"}
			if i%2 == 0 {
				q = store.SubscribeQuery{Stream: "a-1"}
			}
			subs = append(subs, s.subscribe("n", q))
		}
		held := atomic.Bool{}
		held.Store(true)
		b.onRead = func() {
			if held.Load() {
				most.Store(max(most.Load(), reading.Add(1)))
				<-hold
				reading.Add(-1)
			}
		}
		var done sync.WaitGroup
		for _, sub := range subs {
			done.Go(func() {
				buf, got := make([]store.Announcement, 100), 0
				for got < 2*longPast {
					n, err := sub.Next(t.Context(), buf)
					if err != nil {
						t.Errorf("next: %v", err)
						return
					}
					got += n
				}
			})
		}
		synctest.Wait()
		if n := int(reading.Load()); n != cap(s.turns) {
			t.Errorf("%d subscriptions read the past at once, want %d", n, cap(s.turns))
		}
		s.mustAppend("n", "b-1", 1) // it must not wait for them
		if v, err := s.Version(t.Context(), "n", "b-1"); err != nil || v != 1 {
			t.Errorf("version: %d, %v", v, err)
		}
		now := s.subscribe("n", store.SubscribeQuery{Stream: "b-1", From: store.FromNow})
		s.mustAppend("n", "b-1", 1)
		if n, err := now.Next(t.Context(), make([]store.Announcement, 5)); err != nil || n != 1 {
			t.Errorf("a subscription that keeps up: %d, %v", n, err)
		}
		held.Store(false)
		close(hold)
		done.Wait()
		if n := int(most.Load()); n > cap(s.turns) {
			t.Errorf("%d subscriptions read the past at once, want %d at most", n, cap(s.turns))
		}
		if len(s.turns) != 0 {
			t.Errorf("%d turns were not given back", len(s.turns))
		}
	})
}

// TestTurnsEndWithTheirCaller gives up while waiting for a turn.
func TestTurnsEndWithTheirCaller(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := openFake(t, newFake(), Options{})
		s.create("n")
		s.mustAppend("n", "a-1", 2*longPast)
		for range cap(s.turns) {
			s.turns <- struct{}{}
		}
		sub := s.subscribe("n", store.SubscribeQuery{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := sub.Next(ctx, make([]store.Announcement, 1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("next without a turn: %v", err)
		}
		if _, err := s.Turn(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a turn where there is none: %v", err)
		}
		for range cap(s.turns) {
			<-s.turns
		}
		end, err := s.Turn(t.Context())
		if err != nil || len(s.turns) != 1 {
			t.Fatalf("a turn where there is one: %v, %d taken", err, len(s.turns))
		}
		end()
		if len(s.turns) != 0 {
			t.Error("the turn was not given back")
		}
		if n, err := sub.Next(t.Context(), make([]store.Announcement, 1)); n != 1 || err != nil {
			t.Errorf("next: %d, %v", n, err)
		}
	})
}

// TestWithdraw takes ops back: before a group has them at once, and later not
// before the group borrows nothing any more.
func TestWithdraw(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newQueue()
		one, two := newOp(), newOp()
		q.put(one)
		q.put(two)
		if !q.withdraw(one) {
			t.Error("an op that waits cannot be withdrawn")
		}
		if group := q.take(nil); len(group) != 1 || group[0] != two {
			t.Errorf("the group is %v, want what was not withdrawn", group)
		}
		var back atomic.Bool
		var done sync.WaitGroup
		done.Go(func() {
			if q.withdraw(two) {
				t.Error("an op that a group has was withdrawn")
			}
			back.Store(true)
		})
		synctest.Wait()
		if back.Load() {
			t.Error("withdraw returned while the group borrows what the op points to")
		}
		q.seal()
		done.Wait()
		q.close()
	})
}

// TestAppendGivenUp ends the contexts of appends that wait for a sync, and of
// those that wait for a group.
func TestAppendGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b, g := newFake(), newGate()
		s := openFake(t, b, Options{})
		s.create("n")
		b.onSync = g.pass
		ctx, cancel := context.WithCancel(t.Context())
		errs := make([]error, 2)
		var done sync.WaitGroup
		for i := range errs {
			done.Go(func() {
				w := writeOf(fmt.Sprintf("a-%d", i), 1)
				_, errs[i] = s.Append(ctx, "n", w)
				for j := range w.Events[0].Data {
					w.Events[0].Data[j] = '!'
				}
			})
			synctest.Wait()
		}
		cancel()
		done.Wait()
		var uncertain *store.UncertainError
		if !errors.As(errs[0], &uncertain) {
			t.Errorf("a write that was given up while its group syncs: %v", errs[0])
		}
		var unavailable *store.UnavailableError
		if !errors.As(errs[1], &unavailable) {
			t.Errorf("a write that was given up before a group had it: %v", errs[1])
		}
		// Its op may be the next caller's by now: one that stayed would be stored
		// as whatever that caller made of it, or as nothing at all.
		left, err := on(s.Store, "n", func(ns *namespace) (int, error) { return len(ns.queue.waiting), nil })
		if mustDo(t, err); left != 0 {
			t.Errorf("%d writes wait, want none: both were given up or are in a group", left)
		}
		b.onSync = nil
		g.let(nil)
		s.mustAppend("n", "a-2", 1)
		var got []string
		for m, err := range s.ReadCategory(t.Context(), "n", store.CategoryQuery{Limit: store.NoLimit}) {
			mustDo(t, err)
			got = append(got, m.Stream+" "+string(m.Data))
		}
		if want := []string{`a-0 {"n":0}`, `a-2 {"n":0}`}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestNothingIsSeenBeforeTheSync looks while a sync is held up: at reads, the
// head, counts and subscriptions.
func TestNothingIsSeenBeforeTheSync(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b, g := newFake(), newGate()
		s := openFake(t, b, Options{})
		s.create("n")
		sub := s.subscribe("n", store.SubscribeQuery{From: store.FromNow})
		b.onSync = g.pass
		var answered atomic.Bool
		var done sync.WaitGroup
		done.Go(func() {
			s.mustAppend("n", "a-1", 2)
			answered.Store(true)
		})
		synctest.Wait()
		if answered.Load() {
			t.Fatal("a write was acknowledged before the sync")
		}
		if head, err := s.Head(t.Context(), "n"); err != nil || head != 0 {
			t.Errorf("the head is %d, %v before the sync", head, err)
		}
		if v, err := s.Version(t.Context(), "n", "a-1"); err != nil || v != store.NoStream {
			t.Errorf("the version is %d, %v before the sync", v, err)
		}
		for m, err := range s.ReadCategory(t.Context(), "n", store.CategoryQuery{Limit: store.NoLimit}) {
			t.Errorf("%v, %v can be read before the sync", m, err)
		}
		if list, err := s.Categories(t.Context(), "n"); err != nil || len(list) != 0 {
			t.Errorf("the categories are %v, %v before the sync", list, err)
		}
		if ns, err := s.Namespace(t.Context(), "n"); err != nil || ns.MessageCount != 0 {
			t.Errorf("%d messages are counted, %v, before the sync", ns.MessageCount, err)
		}
		if len(sub.wake) != 0 {
			t.Error("a subscription was woken before the sync")
		}
		g.let(nil)
		done.Wait()
		if n, err := sub.Next(t.Context(), make([]store.Announcement, 5)); n != 2 || err != nil {
			t.Errorf("next: %d, %v", n, err)
		}
	})
}

// TestFailedLog fails a sync: who is under way gets an *UncertainError, who comes
// later the *PoisonedError, until the namespace is opened again.
func TestFailedLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b, g := newFake(), newGate()
		s := openFake(t, b, Options{IdleClose: time.Minute})
		s.create("n", "other")
		s.mustAppend("n", "a-1", 1)
		b.onSync = g.pass
		errs := make([]error, 2)
		var done sync.WaitGroup
		done.Go(func() { errs[0] = s.append("n", "a-1", 1) })
		synctest.Wait()
		done.Go(func() { errs[1] = s.append("n", "a-2", 1) })
		synctest.Wait()
		b.onSync = nil
		g.let(errors.New("the disk is gone"))
		done.Wait()
		var uncertain *store.UncertainError
		var poisoned *store.PoisonedError
		if !errors.As(errs[0], &uncertain) {
			t.Errorf("a write under way when the log failed: %v", errs[0])
		}
		for i := range 2 {
			if i == 1 {
				errs[1] = s.append("n", "a-1", 1)
			}
			if !errors.As(errs[1], &poisoned) || errors.As(errs[1], &uncertain) || poisoned.Reason != "sync failed" {
				t.Errorf("a write after the log failed: %v", errs[1])
			}
		}
		if head, err := s.Head(t.Context(), "n"); err != nil || head != 1 {
			t.Errorf("the head is %d, %v after the log failed", head, err)
		}
		s.mustAppend("other", "a-1", 1)
		time.Sleep(10 * time.Minute) // the janitor must not hide it: this is the bubble's clock
		if err := s.append("n", "a-1", 1); !errors.As(err, &poisoned) {
			t.Errorf("a write after the janitor came by: %v", err)
		}
		mustDo(t, s.Reopen(t.Context(), "n"))
		s.mustAppend("n", "a-1", 1)
	})
}

// TestReopenLooksAgain has Reopen wait for a deletion that waits for a reader.
func TestReopenLooksAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := openFake(t, newFake(), Options{})
		s.create("n")
		s.mustAppend("n", "a-1", 1)
		user, err := s.acquire("n")
		mustDo(t, err)
		var done sync.WaitGroup
		var deleting, reopening error
		done.Go(func() { _, deleting = s.DeleteNamespace(t.Context(), "n") })
		synctest.Wait()
		done.Go(func() { reopening = s.Reopen(t.Context(), "n") })
		synctest.Wait()
		user.h.release()
		done.Wait()
		mustDo(t, deleting)
		if !errors.Is(reopening, store.ErrNamespaceNotFound) {
			t.Errorf("reopen of a namespace that was deleted meanwhile: %v", reopening)
		}
		if open := s.openIDs(); len(open) != 0 {
			t.Errorf("open: %v", open)
		}
	})
}

// TestChangesAtOnce has a namespace truncated, reopened, replaced, written and
// deleted at once, again and again.
func TestChangesAtOnce(t *testing.T) {
	b := newFake()
	s := openFake(t, b, Options{})
	for round := range 100 {
		s.create("n")
		s.mustAppend("n", "a-1", 1)
		var all sync.WaitGroup
		for what, call := range map[string]func() error{
			"truncate": func() error { return s.Truncate(t.Context(), "n") },
			"reopen":   func() error { return s.Reopen(t.Context(), "n") },
			"append":   func() error { return s.append("n", "a-1", 1) },
			"delete":   func() error { _, err := s.DeleteNamespace(t.Context(), "n"); return err },
			"replace": func() error {
				r, err := s.Replace(t.Context(), "n")
				if err != nil {
					return err
				}
				return errors.Join(r.Commit(t.Context()), r.Discard())
			},
		} {
			all.Go(func() {
				err := call()
				var unavailable *store.UnavailableError
				if err != nil && !errors.Is(err, store.ErrNamespaceNotFound) && !errors.Is(err, store.ErrChanged) && !errors.As(err, &unavailable) {
					t.Errorf("round %d: %s: %v", round, what, err)
				}
			})
		}
		all.Wait()
		if _, err := s.Head(t.Context(), "n"); !errors.Is(err, store.ErrNamespaceNotFound) {
			t.Fatalf("round %d: the head of a deleted namespace: %v", round, err)
		}
		if left, err := b.files.List("data/ns"); err != nil || len(left) > 0 || len(s.openIDs()) > 0 {
			t.Fatalf("round %d: %v are left, %v; open are %v", round, left, err, s.openIDs())
		}
	}
}

// TestEviction keeps few namespaces open: those that were used last, and those
// in use.
func TestEviction(t *testing.T) {
	s := openFake(t, newFake(), Options{MaxOpen: 2})
	for _, id := range []string{"a", "b", "c", "d"} {
		s.create(id)
		_, err := s.Head(t.Context(), id)
		mustDo(t, err)
	}
	if open := s.openIDs(); !slices.Equal(open, []string{"c", "d"}) {
		t.Errorf("open: %v, want the last two", open)
	}
	user, err := s.acquire("a")
	mustDo(t, err)
	for _, id := range []string{"b", "c", "d"} {
		s.mustAppend(id, "x-1", 1)
	}
	if open := s.openIDs(); !slices.Equal(open, []string{"a", "d"}) {
		t.Errorf("open: %v, want the one in use and the last", open)
	}
	user.h.release()
	for _, id := range []string{"b", "c", "d"} {
		if head, err := s.Head(t.Context(), id); err != nil || head != 1 {
			t.Errorf("head of %s: %d, %v", id, head, err)
		}
	}
}

// TestJanitor closes what goes unused. A subscription does not keep its namespace
// open, and goes on when it is opened again.
func TestJanitor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := openFake(t, newFake(), Options{IdleClose: 4 * time.Minute})
		s.create("idle", "busy")
		sub := s.subscribe("idle", store.SubscribeQuery{From: store.FromNow})
		next := make(chan error, 1)
		go func() {
			_, err := sub.Next(t.Context(), make([]store.Announcement, 1))
			next <- err
		}()
		for range 8 {
			s.mustAppend("busy", "a-1", 1)
			time.Sleep(time.Minute)
		}
		if open := s.openIDs(); !slices.Equal(open, []string{"busy"}) {
			t.Errorf("open: %v", open)
		}
		if e, _ := s.home.reg.find("idle"); !e.Mark.Clean {
			t.Errorf("the mark of a closed namespace is %+v", e.Mark)
		}
		s.mustAppend("idle", "a-1", 1)
		if err := <-next; err != nil {
			t.Errorf("next: %v", err)
		}
		if e, _ := s.home.reg.find("idle"); e.Mark.Clean {
			t.Errorf("the mark of a namespace that was written to is %+v", e.Mark)
		}
	})
}

// TestMarksOnceASecond counts what is noted outside of the logs.
func TestMarksOnceASecond(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := newFake()
		s := openFake(t, b, Options{IdleClose: -1})
		s.create("n", "other")
		noted := func() int {
			data, err := b.files.ReadFile("data/registry/" + registryName)
			mustDo(t, err)
			return strings.Count(string(data), `"marks"`)
		}
		time.Sleep(5 * time.Second)
		if n := noted(); n != 0 {
			t.Errorf("%d marks were noted, and nothing was written", n)
		}
		time.Sleep(100 * time.Millisecond)
		for range 50 {
			s.mustAppend("n", "a-1", 1)
			s.mustAppend("other", "a-1", 1)
			time.Sleep(10 * time.Millisecond)
		}
		if n := noted(); n != 0 {
			t.Errorf("%d marks were noted within a second", n)
		}
		time.Sleep(time.Second)
		if e, _ := s.home.reg.find("n"); noted() != 1 || e.Mark.Head != 50 || e.Mark.Messages != 50 || e.Mark.Clean {
			t.Errorf("%d marks after a second, the last is %+v", noted(), e.Mark)
		}
		time.Sleep(time.Minute)
		if n := noted(); n != 1 {
			t.Errorf("%d marks were noted, and nothing was written since the first", n)
		}
	})
}

// TestMissingDatabase loses a database behind the store's back: the namespace is
// damaged, and is not made again.
func TestMissingDatabase(t *testing.T) {
	b := newFake()
	s, err := Open(b, "data", Options{})
	mustDo(t, err)
	for _, id := range []string{"n", "other"} {
		_, err := s.CreateNamespace(t.Context(), store.NamespaceSpec{ID: id})
		mustDo(t, err)
	}
	dir := s.home.dirOf(s.handles["n"].entry)
	mustDo(t, s.Close())
	mustDo(t, b.files.RemoveAll(dir))
	opened := b.opened
	again := openFake(t, b, Options{})
	_, err = again.Head(t.Context(), "n")
	var damaged *store.DamagedError
	if !errors.As(err, &damaged) || damaged.Namespace != "n" {
		t.Errorf("the head of a namespace whose directory is missing: %v", err)
	}
	if list := again.Damaged(); len(list) != 1 || list[0].Namespace != "n" {
		t.Errorf("damaged are %v", list)
	}
	again.mustAppend("other", "a-1", 1)
	if exists(b.files, dir) || b.opened != opened+1 {
		t.Errorf("the directory was made again: %t; %d databases were opened", exists(b.files, dir), b.opened-opened)
	}
	if ns, err := again.Namespace(t.Context(), "n"); err != nil || !ns.Damaged {
		t.Errorf("it is described as %+v, %v", ns, err)
	}
}

// TestNotOffered asks for what the fake does not have.
func TestNotOffered(t *testing.T) {
	s := openFake(t, newFake(), Options{})
	s.create("n")
	calls := map[string]func() error{
		"checkpoint": func() error { _, err := s.Checkpoint(t.Context(), "c"); return err },
		"storage":    func() error { _, err := s.Storage(t.Context(), "n"); return err },
		"flush":      func() error { return s.Flush(t.Context(), "n") },
		"compact":    func() error { return s.Compact(t.Context(), "n") },
		"repair":     func() error { _, err := s.Repair(t.Context(), "n", store.RepairOptions{DryRun: true}); return err },
	}
	for what, call := range calls {
		if err := call(); !errors.Is(err, store.ErrNotOffered) {
			t.Errorf("%s: %v", what, err)
		}
	}
	s.mustAppend("n", "a-1", 1)
	if left, err := s.b.files.List("data/checkpoints"); err == nil && len(left) > 0 {
		t.Errorf("a checkpoint that was not made left %v", left)
	}
}

// TestAnsweredAndReadableBeforeTheBell holds up the waking of subscriptions: who
// wrote is answered all the same, and what was written can be read.
func TestAnsweredAndReadableBeforeTheBell(t *testing.T) {
	s := openFake(t, newFake(), Options{})
	s.create("n")
	s.subscribe("n", store.SubscribeQuery{From: store.FromNow})
	l := &s.handle("n").listeners
	l.mu.Lock()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	answered := s.appendIn(ctx, "n", "a-1", 1)
	head, err := s.Head(t.Context(), "n")
	l.mu.Unlock()
	if answered != nil {
		t.Errorf("a write is not answered before subscriptions are woken: %v", answered)
	}
	if err != nil || head != 1 {
		t.Errorf("the head is %d, %v when subscriptions are to be woken", head, err)
	}
}

// TestRegistryLineIsNotLeftOut flips a bit in each line of a registry but the
// last: the store refuses to open, and leaves the file as it is.
func TestRegistryLineIsNotLeftOut(t *testing.T) {
	b := newFake()
	s, err := Open(b, "data", Options{})
	mustDo(t, err)
	for _, id := range []string{"a", "b", "c"} {
		_, err := s.CreateNamespace(t.Context(), store.NamespaceSpec{ID: id})
		mustDo(t, err)
	}
	const name = "data/registry/" + registryName
	running, err := b.files.ReadFile(name)
	mustDo(t, err)
	mustDo(t, s.Close())
	stopped, err := b.files.ReadFile(name)
	mustDo(t, err)
	for _, whole := range [][]byte{running, stopped} {
		lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
		at := 0
		for i, line := range lines[:len(lines)-1] {
			data := []byte(string(whole))
			data[at+len(line)/2] ^= 4
			at += len(line)
			mustDo(t, writeSynced(b.files, name, data))
			opened, err := Open(b, "data", Options{})
			var damaged *store.DamagedError
			if !errors.As(err, &damaged) || damaged.Namespace != "" {
				t.Errorf("line %d of %d is damaged: %v", i+1, len(lines), err)
				if err == nil {
					_ = opened.Close()
				}
			}
			if left, err := b.files.ReadFile(name); err != nil || string(left) != string(data) {
				t.Errorf("line %d of %d is damaged: the file was changed, %v", i+1, len(lines), err)
			}
		}
	}
}
