package pebblestore

import (
	"context"
	"net/url"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// rebuild makes the registry of a data directory again.
func rebuild(_ context.Context, u *url.URL, o store.OpenOptions) (store.RebuildReport, error) {
	dir, err := urlDir(u)
	if err != nil {
		return store.RebuildReport{}, err
	}
	if dir == "" {
		return store.RebuildReport{}, store.ErrNotOffered
	}
	b := newBackend(Options{Logger: o.Logger, Memory: o.Memory, ReadOnly: o.ReadOnly}.withDefaults())
	return engine.Rebuild(b, dir, engine.Options{
		Logger: o.Logger, ReadOnly: o.ReadOnly, Format: engine.Format{Legacy: b.legacy, Wall: b.wall},
	})
}
