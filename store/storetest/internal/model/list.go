package model

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
)

// Streams implements [store.Store].
func (m *Store) Streams(ctx context.Context, namespace string, q store.StreamsQuery) ([]store.Stream, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return nil, err
	}
	page := []store.Stream{}
	for _, name := range slices.Sorted(maps.Keys(ns.streams)) {
		if !strings.HasPrefix(name, q.Prefix) || name <= q.Cursor && q.Cursor != "" ||
			q.Category != "" && store.Category(name) != q.Category {
			continue
		}
		messages := ns.streams[name]
		last := messages[len(messages)-1]
		page = append(page, store.Stream{Name: name, Version: last.Position, LastActivity: last.Time})
		if len(page) == q.Limit {
			break
		}
	}
	return page, nil
}

// Categories implements [store.Store].
func (m *Store) Categories(ctx context.Context, namespace string) ([]store.CategoryCount, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return nil, err
	}
	counts := map[string]store.CategoryCount{}
	for name, messages := range ns.streams {
		category := store.Category(name)
		count := counts[category]
		count.Category = category
		count.StreamCount++
		count.MessageCount += int64(len(messages))
		count.LastPosition = max(count.LastPosition, messages[len(messages)-1].GlobalPosition)
		counts[category] = count
	}
	list := []store.CategoryCount{}
	for _, category := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, counts[category])
	}
	return list, nil
}
