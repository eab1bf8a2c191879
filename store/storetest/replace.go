package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func replaceCases() []testCase {
	cases := []testCase{
		{"Commit", replaceCommit},
		{"Discard", replaceDiscard},
		{"WrittenMeanwhile", replaceWritten},
		{"BadImport", replaceBadImport},
		{"Subscriptions", replaceSubscriptions},
		{"WritesDuringTheSwap", replaceUnderWrites},
		{"NeverCommitted", replaceNeverCommitted},
		{"Deleted", replaceDeleted},
		{"OfNothing", replaceOfNothing},
	}
	for i, c := range cases {
		cases[i].run = func(e *env) {
			_, err := e.importer().Replace(e.ctx, "of no such name")
			e.skipUnoffered(err) // before a case has goroutines that use the store
			c.run(e)
		}
	}
	return cases
}

// replace begins to replace the content of namespace n.
func (e *env) replace() store.Replacement {
	e.t.Helper()
	r, err := e.importer().Replace(e.ctx, "n")
	e.skipUnoffered(err)
	if err != nil {
		e.t.Fatalf("replace: %v", err)
	}
	e.t.Cleanup(func() { _ = r.Discard() })
	return r
}

func (e *env) fillReplacement(r store.Replacement, list []store.ImportMessage) {
	e.t.Helper()
	if err := r.Import(e.ctx, list); err != nil {
		e.t.Fatalf("import into a replacement: %v", err)
	}
}

func replaceCommit(e *env) {
	e.namespace("n")
	e.namespace("other")
	e.fill("other", "a-1")
	given := withIDs(events(3, "old"))
	e.append("n", "a-1", given...)
	e.fill("n", "old-1", "a-2")
	created, err := e.store.Namespace(e.ctx, "n")
	if err != nil {
		e.t.Fatal(err)
	}
	r := e.replace()
	list := sampleImport()
	e.unchanged("n", func() {
		e.fillReplacement(r, list[:2])
		e.fillReplacement(r, list[2:])
	})
	e.unchanged("other", func() {
		if err := r.Commit(e.ctx); err != nil {
			e.t.Fatalf("commit: %v", err)
		}
	})
	if err := r.Discard(); err != nil {
		e.t.Errorf("discard after commit: %v", err)
	}
	e.is(r.Commit(e.ctx), store.ErrClosed, "commit again")
	e.is(r.Import(e.ctx, nil), store.ErrClosed, "import after commit")
	e.alsoReopened(func() {
		e.same(showMessages(e.everything("n")), showMessages(messagesOf(list)), "the content after Commit")
		now, err := e.store.Namespace(e.ctx, "n")
		if err != nil || now.Description != created.Description || !now.CreatedAt.Equal(created.CreatedAt) || now.MessageCount != 5 || now.StreamCount != 3 {
			e.t.Errorf("got %s, %v after Commit, was %s", showNamespace(now), err, showNamespace(created))
		}
		if hash, err := e.store.TokenHash(e.ctx, "n"); err != nil || hash != specOf("n").TokenHash {
			e.t.Errorf("TokenHash after Commit: got %x, %v", hash, err)
		}
		_, err = e.store.MessageByID(e.ctx, "n", given[0].ID)
		e.is(err, store.ErrMessageNotFound, "an old message by its id after Commit")
		if v, err := e.store.Version(e.ctx, "n", "old-1"); err != nil || v != store.NoStream {
			e.t.Errorf("version of an old stream after Commit: got %d, %v", v, err)
		}
		categories, err := e.store.Categories(e.ctx, "n")
		e.same(answer(err, showCategories(categories)...), showCategories([]store.CategoryCount{
			{Category: "a", StreamCount: 2, MessageCount: 4, LastPosition: 1000},
			{Category: "b", StreamCount: 1, MessageCount: 1, LastPosition: 4},
		}), "Categories after Commit")
	})
	a := e.append("n", "a-1", event("after"))
	e.same([]string{showAppended(a)}, []string{"positions 3–3 global 1001–1001"}, "append after Commit")
}

func replaceDiscard(e *env) {
	e.namespace("n")
	e.append("n", "a-1", withIDs(events(3, "old"))...)
	r := e.replace()
	before := e.state("n")
	e.fillReplacement(r, sampleImport())
	for range 2 {
		if err := r.Discard(); err != nil {
			e.t.Errorf("discard: %v", err)
		}
	}
	e.is(r.Import(e.ctx, nil), store.ErrClosed, "import after Discard")
	e.is(r.Commit(e.ctx), store.ErrClosed, "commit after Discard")
	e.alsoReopened(func() { e.same(e.state("n"), before, "the content after Discard") })
	e.append("n", "a-1", event("more"))
}

// replaceWritten writes while a replacement is built, in each way there is.
func replaceWritten(e *env) {
	im := e.importer()
	for what, write := range map[string]func() error{
		"an append": func() error { _, err := e.put("n", "a-1", event("x")); return err },
		"an import": func() error {
			return im.Import(e.ctx, "n", []store.ImportMessage{imported("z-1", 0, 90, time.Now())})
		},
		"a truncation": func() error { return im.Truncate(e.ctx, "n") },
		"a truncation and as many appends": func() error {
			err := im.Truncate(e.ctx, "n")
			for range 3 {
				_, one := e.put("n", "b-1", event("other"))
				err = errors.Join(err, one)
			}
			return err
		},
		"another replacement of the same size": func() error {
			other, err := im.Replace(e.ctx, "n")
			if err != nil {
				return err
			}
			var list []store.ImportMessage
			for i := range int64(3) {
				list = append(list, imported("c-1", i, i+1, longAgo()))
			}
			if err := other.Import(e.ctx, list); err != nil {
				return err
			}
			return other.Commit(e.ctx)
		},
	} {
		e.namespace("n")
		e.append("n", "a-1", events(3, "old")...)
		r := e.replace()
		e.fillReplacement(r, sampleImport())
		if err := write(); err != nil {
			e.t.Fatalf("%s while a replacement is built: %v", what, err)
		}
		e.unchanged("n", func() { e.is(r.Commit(e.ctx), store.ErrChanged, "commit after %s", what) })
		if err := r.Discard(); err != nil {
			e.t.Errorf("discard after %s: %v", what, err)
		}
		if _, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil {
			e.t.Fatalf("delete: %v", err)
		}
	}
}

func replaceBadImport(e *env) {
	e.namespace("n")
	e.append("n", "a-1", withIDs(events(3, "old"))...)
	before := e.state("n")
	r := e.replace()
	list := sampleImport()
	e.fillReplacement(r, list[:3])
	err := r.Import(e.ctx, list[1:])
	e.same(answer(err), answer(&store.ImportError{Index: 0, Err: store.ErrPositionExists}), "import of what is there into a replacement")
	bad := list[4]
	bad.GlobalPosition = 0
	e.refused(r.Import(e.ctx, []store.ImportMessage{list[3], bad}), "import of a bad message into a replacement")
	e.same(e.state("n"), before, "the content beside a bad import")
	if err := r.Discard(); err != nil {
		e.t.Errorf("discard: %v", err)
	}
	e.alsoReopened(func() { e.same(e.state("n"), before, "the content after a bad import") })
	// A refused batch leaves nothing in a replacement that goes on.
	r = e.replace()
	e.fillReplacement(r, list[:3])
	e.refused(r.Import(e.ctx, []store.ImportMessage{list[3], bad}), "import of a bad message into a replacement")
	e.fillReplacement(r, list[3:])
	if err := r.Commit(e.ctx); err != nil {
		e.t.Fatalf("commit: %v", err)
	}
	e.alsoReopened(func() {
		e.same(showMessages(e.everything("n")), showMessages(messagesOf(list)), "the content after Commit")
	})
}

func replaceSubscriptions(e *env) {
	e.namespace("n")
	e.fill("n", "a-1", "a-1")
	queries := []store.SubscribeQuery{
		{From: store.FromNow},
		{Category: "a", From: store.FromNow},
		{Stream: "a-1", From: store.FromNow},
		{},
	}
	var subs []store.Subscription
	for _, q := range queries {
		subs = append(subs, e.subscribe("n", q))
	}
	var waiting []<-chan error
	for _, sub := range subs[:3] {
		waiting = append(waiting, e.inBackground(func() error {
			_, err := sub.Next(e.ctx, make([]store.Announcement, 10))
			return err
		}))
	}
	r := e.replace()
	e.fillReplacement(r, sampleImport())
	if err := r.Commit(e.ctx); err != nil {
		e.t.Fatalf("commit: %v", err)
	}
	for i, ended := range waiting {
		e.is(<-ended, store.ErrReplaced, "a waiting subscription %+v, when the content is replaced", queries[i])
	}
	for i, sub := range subs {
		_, err := sub.Next(e.ctx, make([]store.Announcement, 10))
		e.is(err, store.ErrReplaced, "a subscription %+v after the content was replaced", queries[i])
	}
	fresh := e.subscribe("n", store.SubscribeQuery{Category: "a"})
	e.same(announced(e.next(fresh, 4)), []string{"#3 a-1@0", "#10 a-1@1", "#11 a@0", "#1000 a-1@2"}, "a new subscription")
}

// replaceUnderWrites commits while others write: either nothing was acknowledged
// since Replace and the new content is there, with what was acknowledged later
// behind it; or it was, and the old content is there with all of it.
func replaceUnderWrites(e *env) {
	e.namespace("n")
	swapped, changed := 0, 0
	for round := range 20 {
		const size = 200
		before := int64(len(e.everything("n")))
		r := e.replace()
		var list []store.ImportMessage
		for i := range int64(size) {
			list = append(list, imported("imported-1", i, i+1, longAgo()))
		}
		e.fillReplacement(r, list)
		// In every other round the writers begin only after the commit.
		acknowledged, err := e.commitUnderWrites(r, round%2 == 0)
		want := before + acknowledged
		switch {
		case err == nil:
			swapped++
			want = size + acknowledged
		case errors.Is(err, store.ErrChanged):
			changed++
		default:
			e.t.Fatalf("commit while others write: %v", err)
		}
		if got := int64(len(e.everything("n"))); got != want {
			e.t.Fatalf("round %d, commit said %v: %d messages are there, want %d", round, err, got, want)
		}
		_ = r.Discard()
	}
	e.t.Logf("%d swapped, %d changed", swapped, changed)
	if swapped == 0 {
		e.t.Error("no commit succeeded, though half of them began without writers")
	}
}

// commitUnderWrites commits with writers that begin before it or after it, and
// returns how many of their writes were acknowledged: at least one.
func (e *env) commitUnderWrites(r store.Replacement, early bool) (acknowledged int64, committed error) {
	e.t.Helper()
	var count atomic.Int64
	var g errgroup.Group
	begin, stop := make(chan struct{}), make(chan struct{})
	for w := range 4 {
		g.Go(func() error {
			<-begin
			for {
				select {
				case <-stop:
					return nil
				default:
				}
				switch _, err := e.put("n", fmt.Sprintf("w-%d", w), event("x")); {
				case err == nil:
					count.Add(1)
				case !isUnavailable(err):
					return err
				}
			}
		})
	}
	if early {
		close(begin)
	}
	committed = r.Commit(e.ctx)
	if !early {
		close(begin)
	}
	for count.Load() == 0 && e.ctx.Err() == nil {
		if _, err := e.put("n", "w-own", event("x")); err == nil {
			count.Add(1)
		}
	}
	close(stop)
	if err := g.Wait(); err != nil {
		e.t.Fatalf("append while the content is replaced: %v", err)
	}
	return count.Load(), committed
}

// replaceNeverCommitted closes the store while a replacement is built.
func replaceNeverCommitted(e *env) {
	if !e.harness.Persistent {
		e.t.Skip("this engine keeps nothing")
	}
	e.namespace("n")
	e.append("n", "a-1", withIDs(events(3, "old"))...)
	before := e.state("n")
	r := e.replace()
	e.fillReplacement(r, sampleImport())
	e.close()
	if err := r.Commit(e.ctx); err == nil {
		e.t.Error("commit after the store was closed: no error")
	}
	_ = r.Discard()
	e.open()
	e.same(e.state("n"), before, "the content after a replacement that was never committed")
	e.append("n", "a-1", event("more"))
}

func replaceDeleted(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("old"))
	r := e.replace()
	e.fillReplacement(r, sampleImport())
	if n, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil || n != 1 {
		e.t.Fatalf("delete while a replacement is built: %d, %v", n, err)
	}
	e.is(r.Commit(e.ctx), store.ErrNamespaceNotFound, "commit after the namespace was deleted")
	e.namespace("n")
	if err := r.Commit(e.ctx); err == nil {
		e.t.Error("commit into another namespace of the same id: no error")
	}
	_ = r.Discard()
	e.alsoReopened(func() { e.same(places(e.everything("n")), nil, "a namespace made again") })
}

func replaceOfNothing(e *env) {
	e.namespace("n")
	r := e.replace()
	e.fillReplacement(r, sampleImport())
	if err := r.Commit(e.ctx); err != nil {
		e.t.Fatalf("commit into an empty namespace: %v", err)
	}
	r = e.replace()
	if err := r.Commit(e.ctx); err != nil {
		e.t.Fatalf("commit of nothing: %v", err)
	}
	e.alsoReopened(func() { e.same(places(e.everything("n")), nil, "the content after a replacement by nothing") })
}
