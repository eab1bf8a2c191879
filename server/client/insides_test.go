package client_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

func TestInsidesOfTheServer(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			_, err := c.Write(ctx, "account-1", event("T", `{}`, ""), client.AnyVersion())
			must(err)
		}
		must(c.Flush(ctx, "default"))
		must(c.Compact(ctx, "default"))
		storage, err := c.Storage(ctx, "default")
		must(err)
		if storage.Messages != 3 || storage.Total == 0 {
			t.Errorf("storage %+v", storage)
		}
		f, err := c.EngineFigures(ctx)
		must(err)
		if len(f.Namespaces) != 1 || f.Namespaces[0].Messages != 3 {
			t.Errorf("figures %+v", f)
		}
		events, err := c.EngineEvents(ctx, 0, 0)
		must(err)
		later, err := c.EngineEvents(ctx, events[0].Seq, 1)
		must(err)
		if len(events) < 3 || len(later) != 1 || later[0] != events[1] {
			t.Errorf("events %+v, after the first %+v", events, later)
		}
		_, err = c.ReadCategory(ctx, client.CategoryQuery{Category: "account", GlobalPosition: 2, Limit: 10, Group: store.Group{Size: 1}})
		must(err)
		for namespace, want := range map[string]int{"": 1, "default": 1} {
			groups, err := c.Groups(ctx, namespace, "account")
			must(err)
			if len(groups) != want || groups[0].Via != wire.ViaRead || *groups[0].Position != 2 || *groups[0].Lag != 2 {
				t.Errorf("groups of %q %+v", namespace, groups)
			}
		}
		sub, err := c.Subscribe(ctx, client.SubscribeQuery{Category: "account", From: 1})
		must(err)
		defer func() { _ = sub.Close() }()
		list, err := c.Subscriptions(ctx, "")
		must(err)
		if len(list) != 1 || list[0].Kind != wire.KindCategory || list[0].Name != "account" {
			t.Errorf("subscriptions %+v", list)
		}
		if list, err := c.Subscriptions(ctx, "elsewhere"); err != nil || len(list) != 0 {
			t.Errorf("subscriptions elsewhere %+v, %v", list, err)
		}
		metrics, err := c.Metrics(ctx)
		must(err)
		if !bytes.Contains(metrics, []byte("evtui_messages_appended_total 3\n")) {
			t.Errorf("metrics %s", metrics)
		}
		if _, err := c.Storage(ctx, "nowhere"); !errors.Is(err, store.ErrNamespaceNotFound) {
			t.Errorf("storage of nowhere: %v", err)
		}
	})
}

// slowEngine compacts until it is told to stop, and has nothing else.
type slowEngine struct {
	store.Store
	compacting chan struct{}
	ended      chan error
}

func (slowEngine) EngineFigures() store.EngineFigures      { return store.EngineFigures{} }
func (slowEngine) EngineEvents(uint64) []store.EngineEvent { return nil }
func (slowEngine) Flush(context.Context, string) error     { return store.ErrNotOffered }
func (slowEngine) Storage(context.Context, string) (store.Storage, error) {
	return store.Storage{}, store.ErrNotOffered
}

func (e slowEngine) Compact(ctx context.Context, _ string) error {
	close(e.compacting)
	<-ctx.Done()
	e.ended <- ctx.Err()
	return ctx.Err()
}

// TestPatience: a compaction outlasts the timeout of calls, and ends with its
// context on both sides. What the engine does not have is not offered.
func TestPatience(t *testing.T) {
	engine := slowEngine{Store: storetest.NewModel(), compacting: make(chan struct{}), ended: make(chan error, 1)}
	s := servertest.New(t, server.Config{Store: engine})
	const limit = 200 * time.Millisecond
	c := mustClient(t, s.Listen(), client.WithToken(s.Token), client.WithTimeout(limit))
	if _, err := c.Storage(t.Context(), "default"); !client.NotOffered(err) {
		t.Errorf("storage: %v", err)
	}
	if err := c.Flush(t.Context(), "default"); !client.NotOffered(err) {
		t.Errorf("flush: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*limit)
	defer cancel()
	if err := c.Compact(ctx, "default"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("compact: %v", err)
	}
	<-engine.compacting
	if err := <-engine.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the compaction ended with %v", err)
	}
}
