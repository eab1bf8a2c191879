package sqlitestore

import (
	"context"
	"net/url"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// rebuild makes the registry of a data directory again.
func rebuild(_ context.Context, u *url.URL, o store.OpenOptions) (store.RebuildReport, error) {
	dir, err := dirOf(u)
	if err == nil && dir == "" {
		err = store.ErrNotOffered
	}
	if err != nil {
		return store.RebuildReport{}, err
	}
	b := newBackend(engine.OSFiles{}, Options{Logger: o.Logger, Memory: o.Memory, ReadOnly: o.ReadOnly}, false)
	shared := b.options.engine()
	shared.Format = formatBefore(b.options.Logger)
	return engine.Rebuild(b, dir, shared)
}
