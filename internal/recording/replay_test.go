package recording

import (
	"context"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// mustReplay serves a recording of f up to a time and returns a client of it.
func mustReplay(t *testing.T, f *fakeServer, seconds int, until time.Time) *client.Client {
	t.Helper()
	path, w, _ := mustRecord(t, f, seconds)
	if err := w.Close(f.now); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(mustOpen(t, path).Handler(until))
	t.Cleanup(web.Close)
	c, err := client.New(web.URL, client.WithToken(wire.NewToken("shop")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestReplayAnswersWhatTheServerAnswered asks by the client that the UI uses.
func TestReplayAnswersWhatTheServerAnswered(t *testing.T) {
	f := newFakeServer()
	c := mustReplay(t, f, 12, time.Time{})
	ctx := context.Background()
	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	info, err := c.Info(ctx)
	if err != nil || !reflect.DeepEqual(info, f.info) {
		t.Errorf("info %+v, %v", info, err)
	}
	sample, err := c.Sample(ctx)
	if err != nil || !reflect.DeepEqual(sample, f.samples[11]) {
		t.Errorf("sample %+v, %v", sample, err)
	}
	all, err := c.History(ctx, time.Time{})
	if err != nil || !reflect.DeepEqual(all, f.samples) {
		t.Errorf("%d samples, %v", len(all), err)
	}
	some, err := c.History(ctx, f.samples[8].Time)
	if err != nil || len(some) != 3 {
		t.Errorf("%d samples, %v", len(some), err)
	}
	events, err := c.EngineEvents(ctx, 4, 5)
	if err != nil || len(events) != 5 || events[0].Seq != 5 {
		t.Errorf("events %+v, %v", events, err)
	}
	log, err := c.Log(ctx, 0, 0)
	if err != nil || len(log) != 13 || !strings.HasPrefix(log[0].Text, "recording: of http://127.0.0.1:8080") || log[12].Text != f.log[11].Text {
		t.Errorf("log %+v, %v", log, err)
	}
	figures, err := c.EngineFigures(ctx)
	if err != nil || figures.Known != 11 {
		t.Errorf("figures %+v, %v", figures, err)
	}
	groups, err := c.Groups(ctx, "shop", "order")
	if err != nil || len(groups) != 1 || *groups[0].Position != 9007199254740993 {
		t.Errorf("groups %+v, %v", groups, err)
	}
	subs, err := c.Subscriptions(ctx, "")
	if err != nil || len(subs) != 2 {
		t.Errorf("subscriptions %+v, %v", subs, err)
	}
	categories, err := c.Categories(ctx)
	if err != nil || len(categories) != 1 || categories[0].MessageCount != 40 {
		t.Errorf("categories %+v, %v", categories, err)
	}
	n, err := c.NamespaceInfo(ctx, "shop")
	if err != nil || n.MessageCount != 42 {
		t.Errorf("namespace %+v, %v", n, err)
	}
	if head, err := c.Head(ctx); err != nil || head != 88 {
		t.Errorf("head %d, %v", head, err)
	}
}

// TestReplayUpTo shows an earlier second as if it were the last.
func TestReplayUpTo(t *testing.T) {
	f := newFakeServer()
	c := mustReplay(t, f, 12, noon.Add(5*time.Second))
	ctx := context.Background()
	sample, err := c.Sample(ctx)
	if err != nil || !sample.Time.Equal(noon.Add(5*time.Second)) {
		t.Errorf("sample of %v, %v", sample.Time, err)
	}
	events, err := c.EngineEvents(ctx, 0, 0)
	if err != nil || len(events) != 5 {
		t.Errorf("%d events, %v", len(events), err)
	}
	if figures, err := c.EngineFigures(ctx); err != nil || figures.Known != 1 {
		t.Errorf("figures %+v, %v", figures, err)
	}
}

// TestReplaySaysWhatItLacks asks for what no recording holds.
func TestReplaySaysWhatItLacks(t *testing.T) {
	c := mustReplay(t, newFakeServer(), 2, time.Time{})
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"category": func() error {
			_, err := c.ReadCategory(ctx, client.CategoryQuery{Category: "order", Backward: true})
			return err
		},
		"stream":  func() error { _, err := c.ReadStream(ctx, client.StreamQuery{Stream: "order-1"}); return err },
		"streams": func() error { _, err := c.Streams(ctx, client.StreamsQuery{Limit: 10}); return err },
		"write": func() error {
			_, err := c.Write(ctx, "order-1", client.Event{Type: "T", Data: []byte(`{}`)}, client.AnyVersion())
			return err
		},
	} {
		if err := call(); err == nil || client.NotOffered(err) || !strings.Contains(err.Error(), "streams and messages are not recorded") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.Storage(ctx, "shop"); !client.NotOffered(err) {
		t.Errorf("storage: %v", err)
	}
	if _, err := c.Profile(ctx, "heap", 0); !client.NotOffered(err) {
		t.Errorf("profile: %v", err)
	}
	if _, err := c.Call(ctx, "ns.delete", "shop"); !client.NotOffered(err) {
		t.Errorf("delete: %v", err)
	}
}
