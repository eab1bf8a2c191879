package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// The tests in this file put the client on the real server, by both ways in.

// eachWay runs the test over TCP and inside the process, each on an empty
// store, with the admin token.
func eachWay(t *testing.T, test func(t *testing.T, c *client.Client)) {
	eachConnection(t, func(t *testing.T, connect func(token string) *client.Client, admin string) {
		test(t, connect(admin))
	})
}

// eachConnection is eachWay for tests that connect with other tokens too.
func eachConnection(t *testing.T, test func(t *testing.T, connect func(token string) *client.Client, admin string)) {
	t.Run("tcp", func(t *testing.T) {
		s := serve(t)
		url := s.Listen()
		test(t, func(token string) *client.Client { return mustClient(t, url, client.WithToken(token)) }, s.Token)
	})
	t.Run("memory", func(t *testing.T) {
		s := serve(t)
		test(t, func(token string) *client.Client {
			return mustClient(t, "http://evtui", client.WithToken(token), client.WithDialer(s.Dial))
		}, s.Token)
	})
}

// serve starts a server on the real engine in memory.
func serve(t *testing.T) *servertest.Server {
	t.Helper()
	st, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return servertest.New(t, server.Config{Store: st, Version: "1.2.3"})
}

func mustClient(t *testing.T, url string, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func event(kind, data, metadata string) client.Event {
	e := client.Event{Type: kind, Data: []byte(data)}
	if metadata != "" {
		e.Metadata = []byte(metadata)
	}
	return e
}

const exact = `{"z":12345678901234567890.10,"a":"\u0041\/\"]}","n":null,"b":[1e2,{}]}`

func TestStreamsOnTheServer(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		stream := "account-é\"1+x"
		first, err := c.Write(ctx, stream, event("Opened", exact, `{"correlationStreamName":"order-9"}`), client.NewStream())
		must(err)
		if first != (store.Appended{FirstGlobalPosition: 1, LastGlobalPosition: 1}) {
			t.Errorf("first %+v", first)
		}
		_, err = c.Write(ctx, stream, event("Opened", exact, ""), client.NewStream())
		if conflict, ok := errors.AsType[*store.ConflictError](err); !ok || *conflict != (store.ConflictError{Stream: stream, Expected: -1, Actual: 0}) {
			t.Errorf("conflict: %v", err)
		}
		id := store.NewID(time.Now())
		batch := client.Write{Stream: stream, Expect: client.AtVersion(0), Events: []client.Event{event("A", `{}`, ""), event("B", `{"n":1}`, "")}}
		batch.Events[1].ID = id
		second, err := c.Append(ctx, batch)
		must(err)
		if second != (store.Appended{FirstPosition: 1, LastPosition: 2, FirstGlobalPosition: 2, LastGlobalPosition: 3}) {
			t.Errorf("second %+v", second)
		}
		withID := event("B", `{"n":1}`, "")
		withID.ID = id
		again, err := c.Write(ctx, stream, withID, client.AnyVersion())
		must(err)
		if again.FirstPosition != 2 || again.FirstGlobalPosition != 3 {
			t.Errorf("again %+v", again)
		}
		withID.Type = "C"
		_, err = c.Write(ctx, stream, withID, client.AnyVersion())
		if conflict, ok := errors.AsType[*store.IDConflictError](err); !ok || conflict.ID != id {
			t.Errorf("id conflict: %v", err)
		}

		rows, err := c.ReadStream(ctx, client.StreamQuery{Stream: stream, Limit: 10})
		must(err)
		if len(rows) != 3 || string(rows[0].Data) != exact || rows[0].Stream != stream || rows[0].Type != "Opened" ||
			string(rows[0].Metadata) != `{"correlationStreamName":"order-9"}` || rows[1].Metadata != nil || rows[2].ID != id ||
			rows[2].Position != 2 || rows[2].GlobalPosition != 3 || rows[2].Time.Location() != time.UTC || time.Since(rows[2].Time) > time.Minute {
			t.Errorf("rows %+v", rows)
		}
		back, err := c.ReadStream(ctx, client.StreamQuery{Stream: stream, Limit: 2, Backward: true})
		must(err)
		if len(back) != 2 || back[0].Position != 2 || back[1].Position != 1 {
			t.Errorf("backward %+v", back)
		}
		last, err := c.LastMessage(ctx, stream, "A")
		must(err)
		if last.Position != 1 {
			t.Errorf("last A %+v", last)
		}
		if _, err := c.LastMessage(ctx, stream, "none"); !errors.Is(err, store.ErrMessageNotFound) {
			t.Errorf("last of no type: %v", err)
		}
		byID, err := c.MessageByID(ctx, id)
		must(err)
		if byID.Stream != stream || byID.Position != 2 {
			t.Errorf("by id %+v", byID)
		}
		if _, err := c.MessageByID(ctx, store.NewID(time.Now())); !errors.Is(err, store.ErrMessageNotFound) {
			t.Errorf("by unknown id: %v", err)
		}
		version, err := c.Version(ctx, stream)
		must(err)
		none, err := c.Version(ctx, "none")
		must(err)
		head, err := c.Head(ctx)
		must(err)
		at, err := c.PositionAt(ctx, rows[2].Time.Add(time.Hour))
		must(err)
		if version != 2 || none != client.NoStream || head != 3 || at != 4 {
			t.Errorf("version %d, none %d, head %d, position in an hour %d", version, none, head, at)
		}
		correlated, err := c.ReadCategory(ctx, client.CategoryQuery{Category: "account", Limit: 10, Correlation: "order"})
		must(err)
		if len(correlated) != 1 || correlated[0].Stream != stream {
			t.Errorf("correlated %+v", correlated)
		}
		var shared int
		for m := range 3 {
			rows, err := c.ReadCategory(ctx, client.CategoryQuery{Limit: 10, Group: store.Group{Member: m, Size: 3}})
			must(err)
			shared += len(rows)
		}
		newest, err := c.ReadCategory(ctx, client.CategoryQuery{Limit: 1, Backward: true})
		must(err)
		if shared != 3 || len(newest) != 1 || newest[0].GlobalPosition != 3 {
			t.Errorf("shared out %d, newest %+v", shared, newest)
		}
	})
}

func TestNamespacesOnTheServer(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		ctx := t.Context()
		created, err := c.CreateNamespace(ctx, "tenant é", client.NamespaceOptions{Description: "d", Metadata: []byte(`{"k":1}`)})
		if err != nil {
			t.Fatal(err)
		}
		if name, err := wire.ParseToken(created.Token); name != "tenant é" || err != nil {
			t.Errorf("created %+v, %v", created, err)
		}
		if _, err := c.CreateNamespace(ctx, "tenant é", client.NamespaceOptions{}); !errors.Is(err, store.ErrNamespaceExists) {
			t.Errorf("again: %v", err)
		}
		tenant := c.In("tenant é")
		if _, err := tenant.Write(ctx, "a-1", event("T", `{}`, ""), client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
		if _, err := tenant.Write(ctx, "ab-1", event("T", `{}`, ""), client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
		if head, err := c.Head(ctx); head != 0 || err != nil {
			t.Errorf("default's head: %d, %v", head, err)
		}
		info, err := c.NamespaceInfo(ctx, "tenant é")
		if err != nil || info.MessageCount != 2 || info.StreamCount != 2 || info.Description != "d" || info.LastActivity.IsZero() || info.CreatedAt != created.CreatedAt {
			t.Errorf("info %+v, %v", info, err)
		}
		list, err := c.Namespaces(ctx)
		if err != nil || len(list) != 2 || list[0].ID != "default" || list[1].ID != "tenant é" || list[1].MessageCount != 2 {
			t.Errorf("list %+v, %v", list, err)
		}
		streams, err := tenant.Streams(ctx, client.StreamsQuery{Category: "a", Limit: 10})
		if err != nil || len(streams) != 1 || streams[0].Name != "a-1" || streams[0].LastActivity.IsZero() {
			t.Errorf("streams %+v, %v", streams, err)
		}
		categories, err := tenant.Categories(ctx)
		if err != nil || len(categories) != 2 || categories[1] != (store.CategoryCount{Category: "ab", StreamCount: 1, MessageCount: 1, LastPosition: 2}) {
			t.Errorf("categories %+v, %v", categories, err)
		}
		d, err := tenant.Distribution(ctx, "a", 2, 5)
		if err != nil || len(d.Members) != 2 || d.Members[0].Streams+d.Members[1].Streams != 1 || !d.Complete {
			t.Errorf("distribution %+v, %v", d, err)
		}
		n, err := c.DeleteNamespace(ctx, "tenant é")
		if n != 2 || err != nil {
			t.Errorf("deleted %d, %v", n, err)
		}
		if _, err := tenant.Head(ctx); !errors.Is(err, store.ErrNamespaceNotFound) {
			t.Errorf("after deletion: %v", err)
		}
	})
}

func TestTokensOnTheServer(t *testing.T) {
	eachConnection(t, func(t *testing.T, connect func(token string) *client.Client, admin string) {
		created, err := connect(admin).CreateNamespace(t.Context(), "t", client.NamespaceOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for token, ok := range map[string]bool{created.Token: true, wire.NewToken("t"): false, "": false, "rubbish": false} {
			other := connect(token)
			if _, err := other.Version(t.Context(), "a"); (err == nil) != ok || !ok && !client.Unauthorized(err) {
				t.Errorf("%q: %v", token, err)
			}
			sub, err := other.Subscribe(t.Context(), client.SubscribeQuery{})
			if (err == nil) != ok || !ok && !client.Unauthorized(err) {
				t.Errorf("%q subscribes: %v", token, err)
			}
			if err == nil {
				sub.Close()
			}
		}
		if _, err := connect(created.Token).Info(t.Context()); !client.Unauthorized(err) {
			t.Errorf("a tenant asks the engine: %v", err)
		}
	})
}

func TestSubscriptionOnTheServer(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		const total = 2500
		batch := make([]client.Event, 500)
		for i := range batch {
			batch[i] = event("T", `{}`, "")
		}
		write := func() {
			if _, err := c.Append(t.Context(), client.Write{Stream: "a-1", Events: batch}); err != nil {
				t.Error(err)
			}
		}
		write()
		sub, err := c.Subscribe(t.Context(), client.SubscribeQuery{Category: "a", From: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		wrote := make(chan struct{})
		go func() {
			defer close(wrote)
			for range total/len(batch) - 1 {
				write()
			}
		}()
		defer func() { <-wrote }()
		buf := make([]store.Announcement, 300)
		for next := int64(0); next < total; {
			n, err := sub.Next(t.Context(), buf)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range buf[:n] {
				if a != (store.Announcement{Stream: "a-1", Position: next, GlobalPosition: next + 1}) {
					t.Fatalf("got %+v at %d", a, next)
				}
				next++
			}
		}
	})
}

func TestSubscriptionEndsWithItsNamespace(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		if _, err := c.CreateNamespace(t.Context(), "t", client.NamespaceOptions{}); err != nil {
			t.Fatal(err)
		}
		sub, err := c.In("t").Subscribe(t.Context(), client.SubscribeQuery{FromNow: true})
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		if _, err := c.DeleteNamespace(t.Context(), "t"); err != nil {
			t.Fatal(err)
		}
		if _, err := sub.Next(t.Context(), make([]store.Announcement, 1)); !errors.Is(err, store.ErrNamespaceNotFound) {
			t.Errorf("%v", err)
		}
	})
}

func TestTransferOnTheServer(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		ctx := t.Context()
		const total = 2345
		var lines strings.Builder
		for n := range total {
			fmt.Fprintf(&lines, `{"id":%q,"stream":"a-%d","type":"T","pos":%d,"gpos":%d,"data":%s,"meta":null,"time":%q}`+"\n",
				store.NewID(time.Unix(int64(n), 0)), n%10, n/10, 3*n+1, exact, time.Unix(1e9, int64(n)).UTC().Format(time.RFC3339Nano))
		}
		var told []client.ImportProgress
		result, err := c.Import(ctx, strings.NewReader(lines.String()), false, func(p client.ImportProgress) { told = append(told, p) })
		if err != nil || result.Imported != total {
			t.Fatalf("%+v, %v", result, err)
		}
		if len(told) == 0 || told[len(told)-1] != (client.ImportProgress{Imported: total, GlobalPosition: 3*total - 2}) {
			t.Errorf("progress %+v", told)
		}
		_, err = c.Import(ctx, strings.NewReader(lines.String()), false, nil)
		if at, ok := errors.AsType[*client.ImportError](err); !ok || at.Line != 1 || !errors.Is(err, store.ErrPositionExists) {
			t.Errorf("again: %v", err)
		}
		if _, err := c.Import(ctx, strings.NewReader(lines.String()), true, nil); err != nil {
			t.Errorf("by force: %v", err)
		}
		var out bytes.Buffer
		n, err := c.Export(ctx, &out, client.ExportQuery{})
		if n != total || err != nil {
			t.Fatalf("exported %d, %v", n, err)
		}
		if out.String() != lines.String() {
			t.Error("what was exported is not what was imported")
		}
	})
}

func TestEngineOnTheServer(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		ctx := t.Context()
		info, err := c.Info(ctx)
		if err != nil || info.Version != "1.2.3" || info.Backend != "pebble" || info.PID == 0 {
			t.Errorf("info %+v, %v", info, err)
		}
		version, err := c.ServerVersion(ctx)
		if err != nil || version != "1.2.3" {
			t.Errorf("version %s, %v", version, err)
		}
		health, err := c.Health(ctx)
		if err != nil || health.Status != "ok" || health.Connections < 1 {
			t.Errorf("health %+v, %v", health, err)
		}
		if sample, err := c.Sample(ctx); err != nil || sample.Time.IsZero() {
			t.Errorf("sample %+v, %v", sample, err)
		}
		if history, err := c.History(ctx, time.Time{}); err != nil || len(history) == 0 {
			t.Errorf("history %+v, %v", history, err)
		}
		if lines, err := c.Log(ctx, 0, 10); err != nil {
			t.Errorf("log %+v, %v", lines, err)
		}
		profile, err := c.Profile(ctx, "heap", 0)
		if err != nil || !bytes.HasPrefix(profile, []byte("\x1f\x8b")) {
			t.Errorf("profile of %d bytes, %v", len(profile), err)
		}
		if err := c.Ping(ctx); err != nil {
			t.Error(err)
		}
	})
}
