package engine

import (
	"context"
	"time"

	"github.com/evtui/evtui/store"
)

// countPatience is how long a call waits for counts that are nearly there: what a
// crash, or a store that only reads, left to count is mostly counted by then.
const countPatience = 100 * time.Millisecond

// CountTypes implements [store.TypeCounter], from memory.
func (s *Store) CountTypes(ctx context.Context, id, category string) (store.TypeCounts, error) {
	return on(s, id, func(ns *namespace) (counts store.TypeCounts, err error) {
		t, err := ns.awaitTally(ctx)
		if err == nil {
			counts = t.types(category)
			counts.Messages, counts.Fault = ns.uncounted(t, category, counts.Counted), ns.miscounted(t)
		}
		return counts, err
	})
}

// Transitions implements [store.TypeCounter], from memory.
func (s *Store) Transitions(ctx context.Context, id, category string) (store.Transitions, error) {
	return on(s, id, func(ns *namespace) (seen store.Transitions, err error) {
		t, err := ns.awaitTally(ctx)
		if err == nil {
			seen = t.transitions(category)
			seen.Messages, seen.Fault = ns.uncounted(t, category, seen.Counted), ns.miscounted(t)
		}
		return seen, err
	})
}

// awaitTally returns the tally, once it is whole or has been waited for.
func (ns *namespace) awaitTally(ctx context.Context) (*tally, error) {
	t := ns.tally.Load()
	if t == nil {
		return nil, store.ErrNotOffered
	}
	if t.isWhole() {
		return t, nil
	}
	if ns.h.store.options.ReadOnly {
		ns.looking.Do(func() { goAs("engine", &ns.counting, ns.countStored) })
	}
	wait := time.NewTimer(countPatience)
	defer wait.Stop()
	select {
	case <-t.whole:
	case <-wait.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return ns.tally.Load(), nil
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

// verifyTally counts the messages again up to where the kept counts go, and
// compares. A namespace of which messages cannot be read has other findings.
func (ns *namespace) verifyTally(ctx context.Context, report *store.VerifyReport) error {
	if len(report.Findings) > 0 {
		return nil
	}
	for {
		before := ns.tally.Load()
		kept, fault := loadTally(ns.db, State{Next: MaxPosition, Messages: MaxPosition})
		if fault != nil {
			report.Findings = append(report.Findings, store.Finding{Where: "types", Family: "types", Detail: fault.Error()})
			return nil //nolint:nilerr // a fault is a finding
		}
		c := newCounter(ns, newTally())
		c.bound = kept.through
		if err := c.verify(ctx); err != nil {
			return err
		}
		again, err := loadTally(ns.db, State{Next: MaxPosition, Messages: MaxPosition})
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
