package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
)

// What a command says while this machine's copy of a shared store catches up.
const (
	tellAfter    = time.Second      // and each such time again
	catchUpQuiet = 10 * time.Second // how long the copy may stand still before the command goes on
)

// catchUp waits until the copy of a shared store shows all that was acknowledged before: a
// command reads once, and what it does not see it takes for not there. Where nobody can
// say how far that is, it warns and lets the command go on.
func (t *Target) catchUp(ctx context.Context, w io.Writer, h *host.Host) error {
	fresher, ok := h.Store.(store.Fresher)
	if !ok {
		return nil
	}
	all, err := h.Store.Namespaces(ctx)
	if err != nil {
		return fmt.Errorf("list the namespaces to catch up with: %w", err)
	}
	for _, ns := range all {
		if ns.Damaged || t.Namespace != "" && ns.ID != t.Namespace && ns.ID != store.DefaultNamespace {
			continue
		}
		err := follow(ctx, w, h.Store, fresher, ns.ID)
		var behind *store.UnavailableError
		switch {
		case errors.As(err, &behind):
			fmt.Fprintf(w, "evtui: namespace %s may not be shown whole: %s\n", text.Sanitize(ns.ID), text.Sanitize(behind.Error()))
		case err != nil && !errors.Is(err, store.ErrNamespaceNotFound): // deleted meanwhile
			return fmt.Errorf("catch up with namespace %q: %w", ns.ID, err)
		}
	}
	return nil
}

// follow waits for one namespace as long as its copy moves, and says how far that is.
func follow(ctx context.Context, w io.Writer, st store.Store, fresher store.Fresher, id string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	caught := make(chan error, 1)
	go func() { caught <- fresher.Fresh(ctx, id) }()
	tell := time.NewTicker(tellAfter)
	defer tell.Stop()
	reached, moved := int64(-1), time.Now()
	for {
		select {
		case err := <-caught:
			return err
		case <-tell.C:
		}
		head, err := st.Head(ctx, id)
		if err == nil && head != reached {
			reached, moved = head, time.Now()
			fmt.Fprintf(w, "evtui: reading the log of namespace %s: at %s\n", text.Sanitize(id), text.Count(head))
		}
		if time.Since(moved) > catchUpQuiet {
			cancel()
			if err = <-caught; errors.Is(err, context.Canceled) { // it was given up
				err = &store.UnavailableError{Namespace: id, Reason: "the cluster does not say how far its log is"}
			}
			return err
		}
	}
}
