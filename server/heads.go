package server

import (
	"context"
	"errors"

	"github.com/evtui/evtui/store"
)

// heads finds out where namespaces, categories and streams end, for one
// answer: each namespace is asked once. A namespace that is closed is not
// opened for it, since nothing moves there and another might have to close.
type heads struct {
	store store.Store
	known map[string]*namespaceHeads
}

type namespaceHeads struct {
	gone       bool // there is no such namespace
	all        int64
	categories map[string]int64 // nil: not known
}

func newHeads(st store.Store) *heads {
	return &heads{store: st, known: make(map[string]*namespaceHeads)}
}

// in returns the heads of a namespace; open says to open it if need be.
func (h *heads) in(ctx context.Context, namespace string, open bool) *namespaceHeads {
	if n := h.known[namespace]; n != nil {
		return n
	}
	n := &namespaceHeads{}
	h.known[namespace] = n
	described, err := h.store.Namespace(ctx, namespace)
	n.gone = errors.Is(err, store.ErrNamespaceNotFound)
	if err != nil || !described.Open && !open {
		return n
	}
	if n.all, err = h.store.Head(ctx, namespace); err != nil {
		return n
	}
	list, err := h.store.Categories(ctx, namespace)
	if err != nil {
		return n
	}
	n.categories = make(map[string]int64, len(list))
	for _, c := range list {
		n.categories[c.Category] = c.LastPosition
	}
	return n
}

// of returns the global position of a category's last message, 0 when it has
// none; "" is the whole namespace.
func (n *namespaceHeads) of(category string) (head int64, known bool) {
	switch {
	case n.categories == nil:
		return 0, false
	case category == "":
		return n.all, true
	}
	return n.categories[category], true
}

// ofQuery returns the global position of the last message that a subscription
// could announce, apart from its group.
func (h *heads) ofQuery(ctx context.Context, namespace string, q store.SubscribeQuery) (head int64, known bool) {
	n := h.in(ctx, namespace, false)
	if q.Stream == "" || n.categories == nil {
		return n.of(q.Category)
	}
	m, err := h.store.LastMessage(ctx, namespace, q.Stream, "")
	if errors.Is(err, store.ErrMessageNotFound) {
		return 0, true
	}
	return m.GlobalPosition, err == nil
}
