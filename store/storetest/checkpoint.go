package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func checkpointCases() []testCase {
	return []testCase{
		{"Holds", checkpointHolds},
		{"SameNameAtOnce", checkpointAtOnce},
		{"Names", checkpointNames},
	}
}

func (e *env) checkpointer() store.Checkpointer {
	e.t.Helper()
	c := offered[store.Checkpointer](e, "makes no checkpoints")
	if e.harness.OpenAt == nil {
		e.t.Skip("nothing is known of how to open a checkpoint")
	}
	return c
}

// checkpointOf opens a checkpoint and compares it with what was said of it.
func (e *env) checkpointOf(c store.Checkpoint, look func(copied *env)) {
	e.t.Helper()
	st, err := e.harness.OpenAt(c.Dir)
	if err != nil {
		e.t.Fatalf("open checkpoint %q: %v", c.Name, err)
	}
	copied := &env{t: e.t, ctx: e.ctx, store: st}
	defer copied.close()
	list, err := st.Namespaces(e.ctx)
	if err != nil || len(list) != c.Namespaces {
		e.t.Errorf("checkpoint %q holds %d namespaces, %v, and %d are claimed", c.Name, len(list), err, c.Namespaces)
	}
	messages := int64(0)
	for _, ns := range list {
		all := copied.everything(ns.ID)
		messages += int64(len(all))
		if ns.MessageCount != int64(len(all)) {
			e.t.Errorf("checkpoint %q counts %d messages in %q, and %d can be read", c.Name, ns.MessageCount, ns.ID, len(all))
		}
	}
	if messages != c.Messages {
		e.t.Errorf("checkpoint %q holds %d messages, and %d are claimed", c.Name, messages, c.Messages)
	}
	copied.verifyAll()
	look(copied)
}

func checkpointHolds(e *env) {
	maker := e.checkpointer()
	e.namespace("n")
	e.namespace("empty")
	e.append("n", "a-1", withIDs(events(30, "x"))...)
	e.append("n", "b-1", correlated("c-1"))
	before := e.state("n")
	c, err := maker.Checkpoint(e.ctx, "c1")
	if err != nil {
		e.t.Fatalf("checkpoint: %v", err)
	}
	if c.Name != "c1" || c.Namespaces != 2 || c.Messages != 31 || len(c.Damaged) > 0 {
		e.t.Errorf("checkpoint says %+v", c)
	}
	e.append("n", "a-1", event("later"))
	e.checkpointOf(c, func(copied *env) {
		copied.same(copied.state("n"), before, "the copy")
		if hash, err := copied.store.TokenHash(e.ctx, "n"); err != nil || hash != specOf("n").TokenHash {
			e.t.Errorf("TokenHash in the copy: got %x, %v", hash, err)
		}
		copied.append("n", "a-1", event("in the copy"))
	})
	if n := len(e.everything("n")); n != 32 {
		e.t.Errorf("%d messages are in the store after its copy was used, want 32", n)
	}
}

// checkpointAtOnce makes checkpoints of one name at once, under writes: one is
// whole, the others are refused.
func checkpointAtOnce(e *env) {
	const rounds, spaces = 4, 3
	maker := e.checkpointer()
	for i := range spaces {
		e.namespace(fmt.Sprintf("n%d", i))
		e.append(fmt.Sprintf("n%d", i), "a-1", events(100, "x")...)
	}
	var writing errgroup.Group
	stop := make(chan struct{})
	var written atomic.Int64
	writing.Go(func() error {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return nil
			default:
			}
			if _, err := e.put(fmt.Sprintf("n%d", i%spaces), "w-1", event("x")); err != nil {
				return err
			}
			written.Add(1)
		}
	})
	for round := range rounds {
		before := 100*spaces + written.Load()
		made := e.checkpointsAtOnce(maker, fmt.Sprintf("c%d", round))
		if len(made) != 1 {
			e.t.Fatalf("%d checkpoints of one name were made at once, want 1", len(made))
		}
		if made[0].Messages < before {
			e.t.Errorf("a checkpoint holds %d messages, and %d were acknowledged before", made[0].Messages, before)
		}
		e.checkpointOf(made[0], func(*env) {})
	}
	close(stop)
	if err := writing.Wait(); err != nil {
		e.t.Errorf("append while checkpoints are made: %v", err)
	}
	for round := range rounds {
		_, err := maker.Checkpoint(e.ctx, fmt.Sprintf("c%d", round))
		e.is(err, store.ErrCheckpointExists, "a checkpoint of a name that is taken")
	}
}

// checkpointsAtOnce asks four times at once for a checkpoint of one name, and
// returns those that were made.
func (e *env) checkpointsAtOnce(maker store.Checkpointer, name string) (made []store.Checkpoint) {
	e.t.Helper()
	var mu sync.Mutex
	var g errgroup.Group
	start := make(chan struct{})
	for range 4 {
		g.Go(func() error {
			<-start
			c, err := maker.Checkpoint(e.ctx, name)
			if errors.Is(err, store.ErrCheckpointExists) {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			made = append(made, c)
			return err
		})
	}
	close(start)
	if err := g.Wait(); err != nil {
		e.t.Fatalf("checkpoint: %v", err)
	}
	return made
}

func checkpointNames(e *env) {
	maker := e.checkpointer()
	e.namespace("n")
	e.append("n", "a-1", event("x"))
	for _, name := range []string{".", "..", ".hidden", "a/b", `a\b`, "a b", "ü", "c1.part", "x\x00"} {
		_, err := maker.Checkpoint(e.ctx, name)
		e.refused(err, "a checkpoint named %q", name)
	}
	c, err := maker.Checkpoint(e.ctx, "")
	if err != nil || c.Name == "" {
		e.t.Fatalf("a checkpoint without a name: %+v, %v", c, err)
	}
	e.checkpointOf(c, func(*env) {})
}
