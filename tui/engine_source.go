package tui

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// engineSource is what the pages ask of a server's engine.
type engineSource interface {
	EngineFigures(ctx context.Context) (store.EngineFigures, error)
	EngineEvents(ctx context.Context, after uint64, limit int) ([]store.EngineEvent, error)
	Subscriptions(ctx context.Context) ([]wire.Subscription, error)
	Storage(ctx context.Context, namespace string) (store.Storage, error)
	Flush(ctx context.Context, namespace string) error
	Compact(ctx context.Context, namespace string) error
}

// engineOf returns the engine behind a client. All of it is asked with the
// token's own namespace: the engine is one.
func engineOf(c *client.Client) engineSource {
	if s, ok := any(c.In("")).(engineSource); ok {
		return s
	}
	return noSource{}
}

// noSource is a client that cannot ask.
type noSource struct{}

func (noSource) EngineFigures(context.Context) (store.EngineFigures, error) {
	return store.EngineFigures{}, fmt.Errorf("read figures: %w", store.ErrNotOffered)
}

func (noSource) EngineEvents(context.Context, uint64, int) ([]store.EngineEvent, error) {
	return nil, fmt.Errorf("read events: %w", store.ErrNotOffered)
}

func (noSource) Subscriptions(context.Context) ([]wire.Subscription, error) {
	return nil, fmt.Errorf("read subscriptions: %w", store.ErrNotOffered)
}

func (noSource) Storage(context.Context, string) (store.Storage, error) {
	return store.Storage{}, fmt.Errorf("measure storage: %w", store.ErrNotOffered)
}
func (noSource) Flush(context.Context, string) error   { return store.ErrNotOffered }
func (noSource) Compact(context.Context, string) error { return store.ErrNotOffered }
