package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// TestZeroValues: what is not set reads from the first message on, a page of the
// default size, and writes wherever the stream ends.
func TestZeroValues(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		ctx := t.Context()
		const total = client.DefaultLimit + 100
		first := client.Write{Stream: "a-1", Events: make([]client.Event, total-2)}
		for i := range first.Events {
			first.Events[i].Type = "T"
		}
		for _, w := range []client.Write{first, {Stream: "a-1", Events: first.Events[:1]}} {
			if _, err := c.Append(ctx, w); err != nil {
				t.Fatalf("an append that expects nothing: %v", err)
			}
		}
		if _, err := c.Write(ctx, "a-1", client.Event{Type: "T"}, client.Expect{}); err != nil {
			t.Fatalf("a write that expects nothing: %v", err)
		}
		for name, read := range map[string]func() ([]client.Message, error){
			"category":  func() ([]client.Message, error) { return c.ReadCategory(ctx, client.CategoryQuery{Category: "a"}) },
			"namespace": func() ([]client.Message, error) { return c.ReadCategory(ctx, client.CategoryQuery{}) },
			"stream":    func() ([]client.Message, error) { return c.ReadStream(ctx, client.StreamQuery{Stream: "a-1"}) },
		} {
			if list, err := read(); err != nil || len(list) != client.DefaultLimit || list[0].GlobalPosition != 1 {
				t.Errorf("%s: %d messages, %v", name, len(list), err)
			}
		}
		if list, err := c.ReadCategory(ctx, client.CategoryQuery{Category: "a", Limit: client.NoLimit}); err != nil || len(list) != total {
			t.Errorf("without a limit: %d messages, %v", len(list), err)
		}
		if list, err := c.Streams(ctx, client.StreamsQuery{}); err != nil || len(list) != 1 {
			t.Errorf("streams: %v, %v", list, err)
		}
		for _, q := range []client.SubscribeQuery{{}, {Category: "a"}, {Stream: "a-1"}} {
			sub, err := c.Subscribe(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]client.Announcement, 1)
			if n, err := sub.Next(ctx, got); err != nil || n != 1 || got[0].Position != 0 || got[0].GlobalPosition != 1 {
				t.Errorf("%+v announces first %+v, %v", q, got[0], err)
			}
			sub.Close()
		}
	})
}

// TestNothingOfAWriteIsDropped: each field of an event and of a write reaches the
// server. One that is new needs a line here.
func TestNothingOfAWriteIsDropped(t *testing.T) {
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a body that is cut lacks something
		sent = string(body)
		_, _ = io.WriteString(w, `{"positions":[5],"globalPositions":[9]}`)
	}))
	defer server.Close()
	c := mustClient(t, server.URL)
	id, err := store.ParseID("018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5a")
	if err != nil {
		t.Fatal(err)
	}
	event := client.Event{ID: id, Type: "Deposited", Data: []byte(`{"amount":1}`), Metadata: []byte(`{"correlationStreamName":"order-7"}`)}
	write := client.Write{Stream: "account-1", Events: []client.Event{event}, Expect: client.AtVersion(4)}
	said := map[string]string{
		"ID": id.String(), "Type": `"type":"Deposited"`, "Data": string(event.Data), "Metadata": string(event.Metadata),
		"Stream": `"account-1"`, "Events": `"type":"Deposited"`, "Expect": `"expectedVersion":4`,
	}
	if _, err := c.Append(t.Context(), write); err != nil {
		t.Fatal(err)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[client.Event](), reflect.TypeFor[client.Write]()} {
		for field := range of.Fields() {
			if want := said[field.Name]; want == "" || !strings.Contains(sent, want) {
				t.Errorf("%s.%s is not in what was sent: %s", of.Name(), field.Name, sent)
			}
		}
	}
}
