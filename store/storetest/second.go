package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/history"
)

// secondCases are about one place that is opened twice at once: what both promise together.
func secondCases() []testCase {
	return []testCase{
		{"Namespaces", secondNamespaces},
		{"CreatedAtOnce", secondCreatedAtOnce},
		{"Deleted", secondDeleted},
		{"Tokens", secondTokens},
		{"FreshReads", secondFreshReads},
		{"OneWinner", secondOneWinner},
		{"IDs", secondIDs},
		{"SameOrder", secondSameOrder},
		{"Imported", secondImported},
		{"Truncated", secondTruncated},
		{"Linearizable", secondLinearizable},
	}
}

// both opens the place a second time.
func (e *env) both() [2]*env {
	e.t.Helper()
	if e.harness.Second == nil {
		e.t.Skip("this engine's places are opened once at a time")
	}
	st, err := e.harness.Second()
	if err != nil {
		e.t.Fatalf("open a second time: %v", err)
	}
	other := &env{t: e.t, ctx: e.ctx, harness: e.harness, store: st}
	e.t.Cleanup(func() {
		if !e.t.Failed() {
			other.ctx = context.Background()
			other.verifyAll()
		}
		if err := st.Close(); err != nil {
			e.t.Errorf("close the second: %v", err)
		}
	})
	return [2]*env{e, other}
}

// fresh waits until reads show what was acknowledged on either.
func (e *env) fresh(namespace string) error {
	f, ok := e.store.(store.Fresher)
	if !ok {
		return nil
	}
	return f.Fresh(e.ctx, namespace)
}

// soon waits until check returns nil.
func (e *env) soon(what string, check func() error) {
	e.t.Helper()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-time.After(pause):
		case <-e.ctx.Done():
			e.t.Fatalf("%s: %v", what, err)
		}
	}
}

// appears waits until a namespace can be used.
func (e *env) appears(namespace string) {
	e.t.Helper()
	e.soon("the namespace "+namespace+" on the second", func() error { return e.fresh(namespace) })
}

func secondNamespaces(e *env) {
	both := e.both()
	for i, one := range both {
		id := fmt.Sprintf("made-by-%d", i)
		one.namespace(id)
		one.append(id, "a-1", event("x"))
		other := both[1-i]
		hash, err := other.store.TokenHash(e.ctx, id)
		if err != nil || hash != specOf(id).TokenHash {
			e.t.Errorf("the other says of the token of %q: %x, %v", id, hash, err)
		}
		other.appears(id)
		if n := len(other.everything(id)); n != 1 {
			e.t.Errorf("the other has %d messages in %q, want 1", n, id)
		}
		if _, err := other.store.CreateNamespace(e.ctx, specOf(id)); !errors.Is(err, store.ErrNamespaceExists) {
			e.t.Errorf("made again on the other: %v", err)
		}
	}
}

func secondCreatedAtOnce(e *env) {
	both := e.both()
	for round := range 20 {
		id := fmt.Sprintf("n%d", round)
		var made [2]error
		var g errgroup.Group
		for i, one := range both {
			g.Go(func() error {
				spec := specOf(id)
				spec.TokenHash = sha256.Sum256(fmt.Append(nil, i))
				_, made[i] = one.store.CreateNamespace(e.ctx, spec)
				return nil
			})
		}
		_ = g.Wait()
		winner := slices.Index(made[:], nil)
		if winner < 0 || !errors.Is(made[1-winner], store.ErrNamespaceExists) {
			e.t.Fatalf("round %d: %v", round, made)
		}
		for _, one := range both {
			one.appears(id)
			if hash, err := one.store.TokenHash(e.ctx, id); err != nil || hash != sha256.Sum256(fmt.Append(nil, winner)) {
				e.t.Errorf("round %d: %x, %v: not the token of who made it", round, hash, err)
			}
		}
	}
}

func secondDeleted(e *env) {
	both := e.both()
	e.namespace("n")
	e.append("n", "a-1", event("old"))
	both[1].appears("n")
	sub, err := both[1].store.Subscribe(e.ctx, "n", store.SubscribeQuery{From: store.FromNow})
	if err != nil {
		e.t.Fatal(err)
	}
	if n, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil || n != 1 {
		e.t.Fatalf("delete: %d, %v", n, err)
	}
	var buf [1]store.Announcement
	if _, err := sub.Next(e.ctx, buf[:]); !errors.Is(err, store.ErrNamespaceNotFound) {
		e.t.Errorf("a subscription on the other ends with %v", err)
	}
	both[1].soon("the other lets go", func() error {
		if _, err := both[1].store.Version(e.ctx, "n", "a-1"); !errors.Is(err, store.ErrNamespaceNotFound) {
			return fmt.Errorf("version: %w", err)
		}
		return nil
	})
	both[1].namespace("n") // another one of the same id
	e.appears("n")
	if list := e.everything("n"); len(list) != 0 {
		e.t.Errorf("the new one holds %s", showMessages(list))
	}
	if a := e.append("n", "a-1", event("new")); a.FirstPosition != 0 || a.FirstGlobalPosition != 1 {
		e.t.Errorf("its first message got %s", showAppended(a))
	}
}

func secondTokens(e *env) {
	both := e.both()
	e.tokenKeeper()
	e.namespace("n")
	both[1].appears("n")
	e.setTokens("n", rotated())
	both[1].soon("the other takes the new token", func() error {
		hash, err := both[1].store.TokenHash(e.ctx, "n")
		if err == nil && hash != rotated()[0].Hash {
			err = fmt.Errorf("it has %x", hash)
		}
		return err
	})
	both[1].wantTokens("n", rotated())
}

// secondFreshReads: what one acknowledged, the other shows after Fresh.
func secondFreshReads(e *env) {
	both := e.both()
	e.namespace("n")
	both[1].appears("n")
	for i := range int64(100) {
		one, other := both[i%2], both[1-i%2]
		one.write("n", store.Write{Stream: "a-1", Events: []store.Event{event(fmt.Sprint(i))}, ExpectedVersion: i - 1})
		if err := other.fresh("n"); err != nil {
			e.t.Fatal(err)
		}
		if version, err := other.store.Version(e.ctx, "n", "a-1"); err != nil || version != i {
			e.t.Fatalf("after %d: version %d, %v", i, version, err)
		}
	}
}

// secondOneWinner: of many appends with one expected version on both, one wins.
func secondOneWinner(e *env) {
	const rounds, callers = 20, 8
	both := e.both()
	e.namespace("n")
	both[1].appears("n")
	for round := range int64(rounds) {
		var won atomic.Int64
		var g errgroup.Group
		for caller := range callers {
			g.Go(func() error {
				_, err := both[caller%2].store.Append(e.ctx, "n", store.Write{
					Stream: "a-1", Events: []store.Event{event(fmt.Sprint(round, caller))}, ExpectedVersion: round - 1,
				})
				var conflict *store.ConflictError
				if errors.As(err, &conflict) {
					if conflict.Actual != round {
						return fmt.Errorf("the conflict says version %d, want %d", conflict.Actual, round)
					}
					return nil
				}
				if err == nil {
					won.Add(1)
				}
				return err
			})
		}
		if err := g.Wait(); err != nil || won.Load() != 1 {
			e.t.Fatalf("round %d: %d won, %v", round, won.Load(), err)
		}
	}
}

// secondIDs: a write that is sent again goes in once, whichever it is sent to, also at the
// same time.
func secondIDs(e *env) {
	both := e.both()
	e.namespace("n")
	both[1].appears("n")
	for round := range 20 {
		list := events(1+round%3, fmt.Sprint("r", round))
		for i := range list {
			list[i].ID = store.NewID(time.Now())
		}
		var got [4]store.Appended
		var g errgroup.Group
		for i := range got {
			g.Go(func() (err error) {
				got[i], err = both[i%2].store.Append(e.ctx, "n", store.Write{Stream: fmt.Sprintf("a-%d", round%2), Events: list, ExpectedVersion: store.AnyVersion})
				return err
			})
		}
		if err := g.Wait(); err != nil {
			e.t.Fatalf("round %d: %v", round, err)
		}
		for _, a := range got[1:] {
			if a != got[0] {
				e.t.Fatalf("round %d: %s and %s", round, showAppended(got[0]), showAppended(a))
			}
		}
		_, err := both[1].store.Append(e.ctx, "n", store.Write{Stream: "b-1", Events: list, ExpectedVersion: store.AnyVersion})
		var conflict *store.IDConflictError
		if !errors.As(err, &conflict) {
			e.t.Fatalf("round %d, the ids in another stream: %v", round, err)
		}
	}
}

// secondSameOrder writes on both while subscriptions on both follow.
func secondSameOrder(e *env) {
	const writers, writes = 4, 50
	both := e.both()
	e.namespace("n")
	both[1].appears("n")
	var heard [2][]store.Announcement
	var readers errgroup.Group
	for i, one := range both {
		sub, err := one.store.Subscribe(e.ctx, "n", store.SubscribeQuery{From: 1})
		if err != nil {
			e.t.Fatal(err)
		}
		readers.Go(func() error {
			defer func() { _ = sub.Close() }()
			var buf [64]store.Announcement
			for len(heard[i]) < 2*writers*writes {
				n, err := sub.Next(e.ctx, buf[:])
				if err != nil {
					return err
				}
				heard[i] = append(heard[i], buf[:n]...)
			}
			return nil
		})
	}
	var g errgroup.Group
	for w := range 2 * writers {
		g.Go(func() error {
			for i := range writes {
				_, err := both[w%2].store.Append(e.ctx, "n", store.Write{Stream: fmt.Sprintf("a-%d", (w+i)%5), Events: []store.Event{event(fmt.Sprint(w, i))}, ExpectedVersion: store.AnyVersion})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := errors.Join(g.Wait(), readers.Wait()); err != nil {
		e.t.Fatal(err)
	}
	if !slices.Equal(heard[0], heard[1]) {
		e.t.Error("the two announce different things, or in another order")
	}
	for i, a := range heard[0] {
		if a.GlobalPosition != int64(i)+1 {
			e.t.Fatalf("announcement %d is of global position %d", i, a.GlobalPosition)
		}
	}
	e.sameOnBoth(both, "n")
}

// sameOnBoth compares all that both hold, to the letter.
func (e *env) sameOnBoth(both [2]*env, namespace string) {
	e.t.Helper()
	if err := errors.Join(both[0].fresh(namespace), both[1].fresh(namespace)); err != nil {
		e.t.Fatal(err)
	}
	a, b := showMessages(both[0].everything(namespace)), showMessages(both[1].everything(namespace))
	if !slices.Equal(a, b) {
		e.t.Errorf("the two hold different messages:\n%v\n%v", a, b)
	}
}

func secondImported(e *env) {
	both := e.both()
	im := e.importer()
	e.namespace("n")
	both[1].appears("n")
	if err := im.Import(e.ctx, "n", sampleImport()); err != nil {
		e.t.Fatal(err)
	}
	both[1].append("n", "later-1", event("x"))
	e.sameOnBoth(both, "n")
	if n := len(e.everything("n")); n != len(sampleImport())+1 {
		e.t.Errorf("%d messages are there, want %d", n, len(sampleImport())+1)
	}
}

func secondTruncated(e *env) {
	both := e.both()
	im := e.importer()
	e.namespace("n")
	both[1].appears("n")
	e.fill("n", "a-1", "a-2", "a-1")
	if err := im.Truncate(e.ctx, "n"); err != nil {
		e.t.Fatal(err)
	}
	if a := both[1].append("n", "a-1", event("new")); a.FirstPosition != 0 || a.FirstGlobalPosition != 1 {
		e.t.Errorf("the first message on the other got %s", showAppended(a))
	}
	e.append("n", "a-1", event("second"))
	e.sameOnBoth(both, "n")
}

// freshStreams reads only what is fresh.
type freshStreams struct {
	history.Streams
	e *env
}

func (s freshStreams) ReadStream(ctx context.Context, q store.StreamQuery) ([]store.Message, error) {
	if err := s.e.fresh("n"); err != nil {
		return nil, err
	}
	return s.Streams.ReadStream(ctx, q)
}

func (s freshStreams) Version(ctx context.Context, stream string) (int64, error) {
	if err := s.e.fresh("n"); err != nil {
		return 0, err
	}
	return s.Streams.Version(ctx, stream)
}

// secondLinearizable: appends and fresh reads on both are one history.
func secondLinearizable(e *env) {
	const callers, calls = 6, 60
	both := e.both()
	e.namespace("n")
	both[1].appears("n")
	heard := history.New(e.setting("STORETEST_SEED", rand.Uint64()>>1))
	var all errgroup.Group
	for n := range callers {
		one := both[n%2]
		all.Go(func() error {
			return heard.Caller(n).Run(e.ctx, freshStreams{history.Of(one.store, "n"), one}, calls)
		})
	}
	if err := all.Wait(); err != nil {
		e.t.Fatal(err)
	}
	heard.Check(e.t)
}
