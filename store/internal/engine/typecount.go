package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// countPatience is how long a call waits for counts that are nearly there: what a
// crash, or a store that only reads, left to count is mostly counted by then.
const countPatience = 100 * time.Millisecond

// CountTypes implements [store.TypeCounter], from memory.
func (s *Store) CountTypes(ctx context.Context, namespace, category string) (store.TypeCounts, error) {
	ns, t, err := s.acquireTally(ctx, namespace)
	if err != nil {
		return store.TypeCounts{}, err
	}
	defer ns.h.release()
	counts := t.types(category)
	counts.Messages, counts.Fault = ns.uncounted(t, category, counts.Counted), ns.miscounted(t)
	return counts, nil
}

// Transitions implements [store.TypeCounter], from memory.
func (s *Store) Transitions(ctx context.Context, namespace, category string) (store.Transitions, error) {
	ns, t, err := s.acquireTally(ctx, namespace)
	if err != nil {
		return store.Transitions{}, err
	}
	defer ns.h.release()
	seen := t.transitions(category)
	seen.Messages, seen.Fault = ns.uncounted(t, category, seen.Counted), ns.miscounted(t)
	return seen, nil
}

// acquireTally opens the namespace and returns its tally, once that is whole or
// has been waited for. The caller must release the handle.
func (s *Store) acquireTally(ctx context.Context, namespace string) (*namespace, *tally, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return nil, nil, err
	}
	t := ns.tally.Load()
	if t == nil {
		ns.h.release()
		return nil, nil, store.ErrNotOffered
	}
	if t.isWhole() {
		return ns, t, nil
	}
	if s.options.ReadOnly {
		ns.looking.Do(func() {
			ns.counting.Go(func() {
				ActAs("engine")
				ns.countToRead()
			})
		})
	}
	wait := time.NewTimer(countPatience)
	defer wait.Stop()
	select {
	case <-t.whole:
	case <-wait.C:
	case <-ctx.Done():
		ns.h.release()
		return nil, nil, ctx.Err()
	}
	return ns, ns.tally.Load(), nil
}

// uncounted is how many messages there are of a category, or in all, when counted
// of them are counted.
func (ns *namespace) uncounted(t *tally, category string, counted int64) int64 {
	if t.isWhole() {
		return counted
	}
	messages := ns.messages.Load()
	if category != "" {
		messages = 0
		if c := ns.categories.find(category); c != nil {
			messages = c.counted().MessageCount
		}
	}
	return max(messages, counted)
}

// miscounted is why the tally is not whole, where counting failed.
func (ns *namespace) miscounted(t *tally) string {
	if why := ns.uncountable.Load(); why != nil && !t.isWhole() {
		return *why
	}
	return ""
}

// countToRead counts what is stored for a store that only reads: in memory alone.
func (ns *namespace) countToRead() {
	r, c := retries{ns: ns}, newCounter(ns, ns.tally.Load())
	for {
		err := c.readAll()
		if errors.Is(err, errMiscount) && !c.scratch {
			ns.tally.Store(newTally())
			c = newCounter(ns, ns.tally.Load())
			continue
		}
		if r.note(err); err == nil || !r.wait() {
			return
		}
	}
}

// readAll counts everything up to the head, which stays where it is.
func (c *counter) readAll() error {
	messages := c.ns.messages.Load()
	c.bound = c.ns.durable.Load()
	for c.tally.counted < messages && !c.dry {
		end, err := c.ns.h.store.Turn(c.ns.countable)
		if err != nil {
			return err
		}
		err = c.counted()
		end()
		if err != nil {
			return err
		}
	}
	if c.tally.counted != messages {
		return fmt.Errorf("%w: %d of %d", errMiscount, c.tally.counted, messages)
	}
	close(c.tally.whole)
	return nil
}

// verifyTally counts the messages again up to where the kept counts go, and
// compares. A namespace of which messages cannot be read has other findings.
func (ns *namespace) verifyTally(ctx context.Context, report *store.VerifyReport) error {
	keeper, ok := ns.db.(Keeper)
	if !ok || len(report.Findings) > 0 {
		return nil
	}
	for {
		before := ns.tally.Load()
		kept, fault := loadTally(keeper, State{Next: MaxPosition, Messages: MaxPosition})
		if fault != nil {
			report.Findings = append(report.Findings, store.Finding{Where: "types", Family: "types", Detail: fault.Error()})
			return nil //nolint:nilerr // a fault is a finding
		}
		c := newCounter(ns, newTally())
		c.bound = kept.through
		if err := c.verify(ctx); err != nil {
			return err
		}
		again, err := loadTally(keeper, State{Next: MaxPosition, Messages: MaxPosition})
		if err == nil && again.through >= kept.through && ns.tally.Load() == before {
			report.Findings = append(report.Findings, kept.differences(c.tally, verifyDifferences)...)
			return nil
		}
		// An import had it begin again meanwhile, and stored messages below.
	}
}

// verifyDifferences is how many differences of the counts by type a report lists.
const verifyDifferences = 20

// verify counts up to the bound, without taking turns.
func (c *counter) verify(ctx context.Context) error {
	for c.tally.through < c.bound && !c.dry {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		select {
		case <-c.ns.h.gone:
			return store.ErrNamespaceNotFound
		default:
		}
		c.tally.begin()
		if err := c.chunk(); err != nil {
			return err
		}
	}
	return nil
}
