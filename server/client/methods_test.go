package client

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

const (
	idA = "018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5a"
	// Digits beyond float64, odd key order, escapes and nulls: to the letter.
	rawData = `{"z":12345678901234567890.10,"a":"\u0041\/\"]}","n":null, "b":[1e2,{}]}`
	rawMeta = `{"correlationStreamName":"order-1"}`
	rowTime = `"2026-01-15T10:30:00.123456789Z"`
)

func mustID(t testing.TB, s string) store.ID {
	t.Helper()
	id, err := store.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func wantMessage(t testing.TB, stream string) store.Message {
	return store.Message{
		ID: mustID(t, idA), Stream: stream, Type: "Deposited", Position: 7, GlobalPosition: 42,
		Data: []byte(rawData), Metadata: []byte(rawMeta),
		Time: time.Date(2026, 1, 15, 10, 30, 0, 123456789, time.UTC),
	}
}

// TestMethods checks what each method sends and how it reads the answer.
func TestMethods(t *testing.T) {
	ctx := context.Background()
	streamRow := `["` + idA + `","Deposited",7,42,` + rawData + `,` + rawMeta + `,` + rowTime + `]`
	categoryRow := `["` + idA + `","account-123","Deposited",7,42,` + rawData + `,` + rawMeta + `,` + rowTime + `]`
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	event := Event{Type: `T"1`, Data: []byte(rawData), Metadata: []byte(rawMeta)}
	withID := event
	withID.ID = mustID(t, idA)
	tests := []struct {
		name   string
		call   func(c *Client) (any, error)
		sent   string
		answer string
		want   any
	}{
		{"write",
			func(c *Client) (any, error) { return c.Write(ctx, "account-123", event, AnyVersion()) },
			`["stream.write","account-123",{"type":"T\"1","data":` + rawData + `,"metadata":` + rawMeta + `}]`,
			`{"globalPosition":10,"position":3,"more":[1]}`,
			store.Appended{FirstPosition: 3, LastPosition: 3, FirstGlobalPosition: 10, LastGlobalPosition: 10}},
		{"write with id and version",
			func(c *Client) (any, error) { return c.Write(ctx, "account-123", withID, NewStream()) },
			`["stream.write","account-123",{"type":"T\"1","data":` + rawData + `,"metadata":` + rawMeta + `},{"id":"` + idA + `","expectedVersion":-1}]`,
			` { "position" : 0 , "globalPosition" : 1 } `,
			store.Appended{FirstGlobalPosition: 1, LastGlobalPosition: 1}},
		{"append",
			func(c *Client) (any, error) {
				plain := Event{Type: "U", Data: []byte(`{}`)}
				return c.Append(ctx, Write{Stream: "a-1", Events: []Event{withID, plain}, Expect: AtVersion(4)})
			},
			`["stream.append","a-1",[{"type":"T\"1","data":` + rawData + `,"metadata":` + rawMeta + `,"id":"` + idA + `"},{"type":"U","data":{}}],{"expectedVersion":4}]`,
			`{"positions":[5,6],"globalPositions":[20,21]}`,
			store.Appended{FirstPosition: 5, LastPosition: 6, FirstGlobalPosition: 20, LastGlobalPosition: 21}},
		{"read stream",
			func(c *Client) (any, error) {
				return c.ReadStream(ctx, StreamQuery{Stream: "account-123", Position: 5, GlobalPosition: 6, Limit: 10})
			},
			`["stream.get","account-123",{"position":5,"globalPosition":6,"batchSize":10}]`,
			`[` + streamRow + `, ` + streamRow + `]`,
			[]store.Message{wantMessage(t, "account-123"), wantMessage(t, "account-123")}},
		{"read stream from the start, all",
			func(c *Client) (any, error) { return c.ReadStream(ctx, StreamQuery{Stream: "a", Limit: NoLimit}) },
			`["stream.get","a",{"batchSize":-1}]`, `[]`, []store.Message{}},
		{"read stream, zero values",
			func(c *Client) (any, error) { return c.ReadStream(ctx, StreamQuery{Stream: "a"}) },
			`["stream.get","a",{"batchSize":1000}]`, `[]`, []store.Message{}},
		{"read category, zero values",
			func(c *Client) (any, error) { return c.ReadCategory(ctx, CategoryQuery{}) },
			`["category.get","",{"batchSize":1000}]`, `[]`, []store.Message{}},
		{"streams, zero values",
			func(c *Client) (any, error) { return c.Streams(ctx, StreamsQuery{}) },
			`["ns.streams",{"limit":1000}]`, `[]`, []store.Stream{}},
		{"write, zero values",
			func(c *Client) (any, error) { return c.Write(ctx, "a-1", Event{Type: "T"}, Expect{}) },
			`["stream.write","a-1",{"type":"T","data":{}}]`, `{"position":0,"globalPosition":1}`,
			Appended{FirstGlobalPosition: 1, LastGlobalPosition: 1}},
		{"append, zero values",
			func(c *Client) (any, error) {
				return c.Append(ctx, Write{Stream: "a-1", Events: []Event{{Type: "T"}}})
			},
			`["stream.append","a-1",[{"type":"T","data":{}}]]`, `{"positions":[0,0],"globalPositions":[1,1]}`,
			Appended{FirstGlobalPosition: 1, LastGlobalPosition: 1}},
		{"read category",
			func(c *Client) (any, error) {
				return c.ReadCategory(ctx, CategoryQuery{Category: "account", GlobalPosition: 9, Limit: 2, Correlation: "order", Group: store.Group{Member: 1, Size: 3}})
			},
			`["category.get","account",{"position":9,"batchSize":2,"correlation":"order","consumerGroup":{"member":1,"size":3}}]`,
			`[` + categoryRow + `]`, []store.Message{wantMessage(t, "account-123")}},
		{"last", func(c *Client) (any, error) { return c.LastMessage(ctx, "account-123", "") },
			`["stream.last","account-123"]`, streamRow, wantMessage(t, "account-123")},
		{"last of a type", func(c *Client) (any, error) { return c.LastMessage(ctx, "account-123", "X") },
			`["stream.last","account-123",{"type":"X"}]`, streamRow, wantMessage(t, "account-123")},
		{"message by id", func(c *Client) (any, error) { return c.MessageByID(ctx, mustID(t, idA)) },
			`["message.get","` + idA + `"]`, categoryRow, wantMessage(t, "account-123")},
		{"version", func(c *Client) (any, error) { return c.Version(ctx, "a") }, `["stream.version","a"]`, `9`, int64(9)},
		{"fresh version", func(c *Client) (any, error) { return c.Fresh().Version(ctx, "a") }, `["stream.version","a",{"fresh":true}]`, `9`, int64(9)},
		{"fresh last", func(c *Client) (any, error) { return c.Fresh().LastMessage(ctx, "account-123", "") },
			`["stream.last","account-123",{"fresh":true}]`, streamRow, wantMessage(t, "account-123")},
		{"fresh last of a type", func(c *Client) (any, error) { return c.Fresh().In("").LastMessage(ctx, "account-123", "X") },
			`["stream.last","account-123",{"type":"X","fresh":true}]`, streamRow, wantMessage(t, "account-123")},
		{"fresh read", func(c *Client) (any, error) { return c.Fresh().ReadStream(ctx, StreamQuery{Stream: "account-123"}) },
			`["stream.get","account-123",{"batchSize":1000,"fresh":true}]`, `[` + streamRow + `]`, []Message{wantMessage(t, "account-123")}},
		{"no version", func(c *Client) (any, error) { return c.Version(ctx, "a") }, `["stream.version","a"]`, `null`, int64(NoStream)},
		{"head", func(c *Client) (any, error) { return c.Head(ctx) }, `["ns.head"]`, `{"globalPosition":0}`, int64(0)},
		{"seek", func(c *Client) (any, error) { return c.PositionAt(ctx, at.In(time.FixedZone("x", 3600))) },
			`["ns.seek",{"time":"2026-01-02T03:04:05.0000006Z"}]`, `{"globalPosition":77}`, int64(77)},
		{"create namespace",
			func(c *Client) (any, error) {
				return c.CreateNamespace(ctx, "café", NamespaceOptions{Description: "d", Token: "t", Metadata: json.RawMessage(`{"k":1}`)})
			},
			`["ns.create","café",{"description":"d","token":"t","metadata":{"k":1}}]`,
			`{"namespace":"café","token":"t","createdAt":"2026-01-02T03:04:05.0000006Z"}`,
			Created{Namespace: "café", Token: "t", CreatedAt: at}},
		{"tokens", func(c *Client) (any, error) { return c.Tokens(ctx, "shop") }, `["ns.token","shop"]`,
			`{"namespace":"shop","tokens":[{"id":"ab","readOnly":false,"createdAt":"2026-01-02T03:04:05.0000006Z","validUntil":null},{"id":"cd","readOnly":true,"createdAt":` + rowTime + `,"validUntil":"2026-01-02T03:04:05.0000006Z"}]}`,
			[]Token{{ID: "ab", CreatedAt: at}, {ID: "cd", ReadOnly: true, CreatedAt: wantMessage(t, "").Time, ValidUntil: at}}},
		{"new token", func(c *Client) (any, error) {
			token, all, err := c.NewToken(ctx, "shop", TokenOptions{})
			return token + " " + all[0].ID, err
		}, `["ns.token","shop",{"new":true}]`, `{"namespace":"shop","token":"ns_x","tokens":[{"id":"ab","validUntil":null}]}`, "ns_x ab"},
		{"new token, everything", func(c *Client) (any, error) {
			token, _, err := c.NewToken(ctx, "shop", TokenOptions{ReadOnly: true, Token: "ns_y", Keep: 90 * time.Second})
			return token, err
		}, `["ns.token","shop",{"new":true,"readOnly":true,"token":"ns_y","keep":90}]`, `{"namespace":"shop","token":"ns_y","tokens":[]}`, "ns_y"},
		{"new token at once", func(c *Client) (any, error) {
			token, _, err := c.NewToken(ctx, "shop", TokenOptions{Now: true, Keep: time.Hour})
			return token, err
		}, `["ns.token","shop",{"new":true,"keep":0}]`, `{"namespace":"shop","token":"ns_z","tokens":[]}`, "ns_z"},
		{"revoke token", func(c *Client) (any, error) { return c.RevokeToken(ctx, "shop", "cd") }, `["ns.token","shop",{"revoke":"cd"}]`,
			`{"namespace":"shop","tokens":[]}`, []Token{}},
		{"delete namespace", func(c *Client) (any, error) { return c.DeleteNamespace(ctx, "n") },
			`["ns.delete","n"]`, `{"namespace":"n","deletedAt":` + rowTime + `,"messagesDeleted":12}`, int64(12)},
		{"namespaces", func(c *Client) (any, error) { return c.Namespaces(ctx) }, `["ns.list"]`,
			`[{"namespace":"n","description":"d","createdAt":"2026-01-02T03:04:05.0000006Z","messageCount":3}]`,
			[]store.Namespace{{ID: "n", Description: "d", CreatedAt: at, MessageCount: 3}}},
		{"namespace info", func(c *Client) (any, error) { return c.NamespaceInfo(ctx, "n") }, `["ns.info","n"]`,
			`{"namespace":"n","description":"","createdAt":"2026-01-02T03:04:05.0000006Z","messageCount":3,"streamCount":2,"lastActivity":"2026-01-02T03:04:05.0000006Z","metadata":null}`,
			store.Namespace{ID: "n", CreatedAt: at, MessageCount: 3, StreamCount: 2, LastActivity: at}},
		{"streams", func(c *Client) (any, error) {
			return c.Streams(ctx, StreamsQuery{Prefix: "p", Cursor: "c", Limit: 5})
		},
			`["ns.streams",{"prefix":"p","cursor":"c","limit":5}]`,
			`[{"stream":"p1","version":0,"lastActivity":"2026-01-02T03:04:05.0000006Z"}]`,
			[]store.Stream{{Name: "p1", LastActivity: at}}},
		{"categories", func(c *Client) (any, error) { return c.Categories(ctx) }, `["ns.categories"]`,
			`[{"category":"a","streamCount":1,"messageCount":2}]`, []store.CategoryCount{{Category: "a", StreamCount: 1, MessageCount: 2}}},
		{"distribution", func(c *Client) (any, error) { return c.Distribution(ctx, "a", 2, 5) },
			`["category.distribution","a",{"size":2,"top":5}]`,
			`{"category":"a","size":2,"members":[],"unassigned":{"member":0,"streams":0,"messages":0,"hottest":[]},"scanned":4,"complete":true}`,
			wire.Distribution{Category: "a", Size: 2, Members: []wire.Member{}, Unassigned: wire.Member{Hottest: []wire.StreamCount{}}, Scanned: 4, Complete: true}},
		{"types", func(c *Client) (any, error) { return c.Types(ctx, "a") }, `["category.types",{"category":"a"}]`,
			`{"types":[{"category":"a","type":"T","count":2,"first":{"position":1,"time":"2026-01-02T03:04:05.0000006Z"},"last":{"position":9,"time":"2026-01-02T03:04:05.0000006Z"}}],"counted":3,"messages":4,"overflow":1}`,
			store.TypeCounts{
				Types:   []store.TypeCount{{Category: "a", Type: "T", Count: 2, First: store.Seen{Position: 1, Time: at}, Last: store.Seen{Position: 9, Time: at}}},
				Counted: 3, Messages: 4, Overflow: 1,
			}},
		{"types of all", func(c *Client) (any, error) { return c.Types(ctx, "") }, `["category.types"]`, `{"types":[],"counted":0,"messages":0,"overflow":0}`,
			store.TypeCounts{Types: []store.TypeCount{}}},
		{"transitions", func(c *Client) (any, error) { return c.Transitions(ctx, "a") }, `["category.flow",{"category":"a"}]`,
			`{"seen":[{"category":"a","from":"","to":"T","first":{"position":1,"time":"2026-01-02T03:04:05.0000006Z"}}],"overflow":true,"counted":3,"messages":4}`,
			store.Transitions{Seen: []store.Transition{{Category: "a", To: "T", First: store.Seen{Position: 1, Time: at}}}, Overflow: true, Counted: 3, Messages: 4}},
		{"health", func(c *Client) (any, error) { return c.Health(ctx) }, `["sys.health"]`,
			`{"status":"ok","backend":"pebble","connections":3}`, Health{Status: "ok", Backend: "pebble", Connections: 3}},
		{"info", func(c *Client) (any, error) { return c.Info(ctx) }, `["engine.info"]`,
			`{"version":"1.2.3","pid":7,"startedAt":"2026-01-02T03:04:05.0000006Z"}`, wire.Info{Version: "1.2.3", PID: 7, StartedAt: at}},
		{"sample", func(c *Client) (any, error) { return c.Sample(ctx) }, `["engine.sample"]`, `{"appends":1.5}`, wire.Sample{Appends: 1.5}},
		{"history", func(c *Client) (any, error) { return c.History(ctx, at) },
			`["engine.history",{"since":"2026-01-02T03:04:05.0000006Z"}]`, `[{"reads":2}]`, []wire.Sample{{Reads: 2}}},
		{"log", func(c *Client) (any, error) { return c.Log(ctx, 18446744073709551615, 10) },
			`["engine.log",{"after":18446744073709551615,"limit":10}]`, `[{"seq":1,"text":"x"}]`, []wire.LogLine{{Seq: 1, Text: "x"}}},
		{"call", func(c *Client) (any, error) {
			return c.Call(ctx, "any.thing", "a", 1, json.RawMessage(`{"b":1.00}`))
		}, `["any.thing","a",1,{"b":1.00}]`, `{"big":12345678901234567890}`, json.RawMessage(`{"big":12345678901234567890}`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, always(200, tt.answer))
			got, err := tt.call(mustNew(t, f.URL))
			if err != nil {
				t.Fatal(err)
			}
			if f.last() != tt.sent {
				t.Errorf("sent %s\nwant %s", f.last(), tt.sent)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestNotThere(t *testing.T) {
	f := newFake(t, always(200, `null`))
	c := mustNew(t, f.URL)
	if _, err := c.LastMessage(t.Context(), "a", ""); !isNotFound(err) {
		t.Errorf("LastMessage: %v", err)
	}
	if _, err := c.MessageByID(t.Context(), mustID(t, idA)); !isNotFound(err) {
		t.Errorf("MessageByID: %v", err)
	}
}

func TestBadEventsAreNotSent(t *testing.T) {
	f := newFake(t, always(200, `{"position":0,"globalPosition":1}`))
	c := mustNew(t, f.URL)
	for _, data := range []string{``, `{`, `{}},{"x":{}`, `{},"metadata":{"a":1}`, `{"a":"}`, `{]`, ` `} {
		_, err := c.Write(t.Context(), "a", Event{Type: "T", Data: []byte(data)}, AnyVersion())
		if !isInvalid(err) {
			t.Errorf("data %q: %v", data, err)
		}
		_, err = c.Append(t.Context(), Write{Stream: "a", Events: []Event{{Type: "T", Data: []byte(`{}`), Metadata: []byte(data)}}})
		if !isInvalid(err) {
			t.Errorf("metadata %q: %v", data, err)
		}
	}
	if f.last() != "" {
		t.Errorf("sent %s", f.last())
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	calls := map[string]func(*Client) error{
		"write":  func(c *Client) error { _, err := c.Write(t.Context(), "a", anEvent, AnyVersion()); return err },
		"append": func(c *Client) error { _, err := c.Append(t.Context(), aWrite); return err },
		"stream": func(c *Client) error {
			_, err := c.ReadStream(t.Context(), StreamQuery{Stream: "a", Limit: 1})
			return err
		},
		"category": func(c *Client) error {
			_, err := c.ReadCategory(t.Context(), CategoryQuery{Limit: 1})
			return err
		},
		"last":    func(c *Client) error { _, err := c.LastMessage(t.Context(), "a", ""); return err },
		"version": func(c *Client) error { _, err := c.Version(t.Context(), "a"); return err },
		"head":    func(c *Client) error { _, err := c.Head(t.Context()); return err },
		"list":    func(c *Client) error { _, err := c.Namespaces(t.Context()); return err },
	}
	for _, text := range []string{``, `x`, `{`, `[[`, `{"position":0}`, `["a"]`, `"text"`, `[[1,2,3,4,5,6,7]]`, `true`, `{} {}`} {
		f := newFake(t, always(200, text))
		c := mustNew(t, f.URL)
		for name, call := range calls {
			if err := call(c); err == nil {
				t.Errorf("%s took %q for an answer", name, text)
			}
		}
	}
}

var (
	anEvent = Event{Type: "T", Data: []byte(`{}`)}
	aWrite  = Write{Stream: "a", Events: []Event{anEvent}}
)
