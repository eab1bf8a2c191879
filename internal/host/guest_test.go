package host

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// mustGuest serves what a database holds.
func mustGuest(t *testing.T, u *url.URL) *Host {
	t.Helper()
	return mustOpen(t, Config{Dir: Place(t.TempDir()), Backend: "postgres", Elsewhere: u, Listen: "127.0.0.1:0"})
}

func mustClient(t *testing.T, h *Host, token string) *client.Client {
	t.Helper()
	c, err := client.New(h.URL(), client.WithToken(token), client.WithRetries(client.Once()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// codeOf is the code of a server's error, "" of none.
func codeOf(err error) string {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Code
	}
	return ""
}

// TestGuestRefusesWrites calls everything that writes, and what an engine of evtui's
// own has and PostgreSQL has not.
func TestGuestRefusesWrites(t *testing.T) {
	server := pgtest.Start(t)
	database := server.Create(t, "TEMPLATE template0")
	server.MessageDB(t, database)
	h := mustGuest(t, server.URL(database))
	c := mustClient(t, h, h.Token)
	event := map[string]any{"type": "T", "data": map[string]any{}}
	for _, write := range [][]any{
		{"stream.write", "a-1", event}, {"stream.append", "a-1", []any{event}}, {"ns.create", "new", map[string]any{}}, {"ns.delete", "other"},
	} {
		if _, err := c.Call(t.Context(), write[0].(string), write[1:]...); codeOf(err) != wire.ReadOnly {
			t.Errorf("%v: %v", write[0], err)
		}
	}
	for _, force := range []bool{false, true} {
		line := `{"id":"00000000-0000-4000-8000-000000000001","stream":"a-1","type":"T","pos":0,"gpos":1,"data":{},"meta":null,"time":"2026-01-01T00:00:00Z"}`
		if _, err := c.Import(t.Context(), strings.NewReader(line+"\n"), force, nil); codeOf(err) != wire.ReadOnly {
			t.Errorf("import, force %t: %v", force, err)
		}
	}
	for _, method := range []string{"engine.flush", "engine.compact", "engine.reopen", "engine.storage"} {
		if _, err := c.Call(t.Context(), method, "default"); !client.NotOffered(err) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if _, err := c.Checkpoint(t.Context(), "copy"); !client.NotOffered(err) {
		t.Errorf("engine.checkpoint: %v", err)
	}
	var n int
	if err := server.Connect(t, database).QueryRow(t.Context(), "SELECT count(*) FROM message_store.messages").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d messages are there, %v", n, err)
	}
}

// TestClientsShareOneGuest has many clients read at once what one guest reads for them,
// over four connections at most.
func TestClientsShareOneGuest(t *testing.T) {
	server := pgtest.Start(t)
	database := server.Create(t, "TEMPLATE template0")
	server.MessageDB(t, database)
	server.Exec(t, database, `INSERT INTO message_store.messages (stream_name, type, position, data) SELECT 'account-' || i % 50, 'T', i / 50, jsonb_build_object('n', i) FROM generate_series(0, 2999) i`)
	h := mustGuest(t, server.URL(database))
	watched := server.Connect(t, database)
	most, stop := 0, make(chan struct{})
	var watching, reading sync.WaitGroup
	watching.Go(func() {
		for {
			var n int
			if err := watched.QueryRow(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'evtui'").Scan(&n); err != nil {
				t.Error(err)
				return
			}
			most = max(most, n)
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for i := range 24 {
		c := mustClient(t, h, h.Token)
		reading.Go(func() {
			for range 5 {
				page, err := c.ReadCategory(t.Context(), client.CategoryQuery{Category: "account", Limit: 500})
				if err != nil || len(page) != 500 {
					t.Errorf("client %d: %d messages, %v", i, len(page), err)
				}
				if list, err := c.Categories(t.Context()); err != nil || len(list) != 1 || list[0].MessageCount != 3000 {
					t.Errorf("client %d: categories %+v, %v", i, list, err)
				}
			}
		})
	}
	reading.Wait()
	close(stop)
	watching.Wait()
	if most < 1 || most > 4 {
		t.Errorf("%d connections at most", most)
	}
}

// TestTokensOfEventoDB has clients come with the tokens of EventoDB's namespaces, where
// the role may read their hashes and where it may not.
func TestTokensOfEventoDB(t *testing.T) {
	server := pgtest.Start(t)
	database := server.Create(t, "TEMPLATE template0")
	server.EventoDB(t, database)
	shop, other := wire.NewToken("shop"), wire.NewToken("shop")
	hash := wire.HashToken(shop)
	server.Namespace(t, database, "shop", "eventodb_shop", hex.EncodeToString(hash[:]))
	server.Exec(t, database, `INSERT INTO eventodb_shop.messages (stream_name, type, position, data) VALUES ('order-1', 'Placed', 0, '{}');
		CREATE ROLE guest LOGIN; GRANT USAGE ON SCHEMA eventodb_store, eventodb_shop TO guest; GRANT SELECT ON eventodb_shop.messages TO guest;
		GRANT SELECT (id, schema_name, description, created_at, metadata) ON eventodb_store.namespaces TO guest`)
	u := server.URL(database)
	u.User = url.User("guest")
	h := mustGuest(t, u)
	admin := mustClient(t, h, h.Token).In("shop")
	if page, err := admin.ReadCategory(t.Context(), client.CategoryQuery{Category: "order", Limit: 10}); err != nil || len(page) != 1 {
		t.Errorf("the admin token, in the namespace: %d messages, %v", len(page), err)
	}
	_, err := mustClient(t, h, shop).Head(t.Context())
	if !client.Unavailable(err) || !strings.Contains(err.Error(), "GRANT SELECT (token_hash) ON eventodb_store.namespaces") {
		t.Errorf("a token that cannot be checked: %v", err)
	}
	server.Exec(t, database, `GRANT SELECT (token_hash) ON eventodb_store.namespaces TO guest`)
	h = mustGuest(t, u)
	if head, err := mustClient(t, h, shop).Head(t.Context()); err != nil || head != 1 {
		t.Errorf("the namespace's token: head %d, %v", head, err)
	}
	if _, err := mustClient(t, h, other).Head(t.Context()); codeOf(err) != wire.AuthUnauthorized {
		t.Errorf("another token: %v", err)
	}
	if _, err := mustClient(t, h, shop).Namespaces(t.Context()); codeOf(err) != wire.AuthUnauthorized {
		t.Errorf("the namespace's token is no admin's: %v", err)
	}
	if _, err := mustClient(t, h, wire.NewToken("none")).Head(t.Context()); codeOf(err) != wire.AuthUnauthorized {
		t.Errorf("a namespace that is not there: %v", err)
	}
}

// TestJSONBAsItIs reads what jsonb may hold and a JSON object may not, through the
// server and as an export.
func TestJSONBAsItIs(t *testing.T) {
	server := pgtest.Start(t)
	database := server.Create(t, "TEMPLATE template0")
	server.MessageDB(t, database)
	values := []string{
		`{"n": 9007199254740993, "far": 123456789012345678901234567890, "f": 1.10, "e": 100, "big": 100000000000000000000000000000000}`,
		`[1, [2, {"a": null}]]`, `"text with ü and \"quotes\""`, `true`, `null`, `-0.00000000000000000000001`, `{"": {"": []}}`, `18446744073709551616`,
	}
	c := server.Connect(t, database)
	for i, v := range values {
		if _, err := c.Exec(t.Context(), `INSERT INTO message_store.messages (stream_name, type, position, data, metadata) VALUES ('a-1', 'T', $1, $2::text::jsonb, $2::text::jsonb)`, i, v); err != nil {
			t.Fatal(err)
		}
	}
	h := mustGuest(t, server.URL(database))
	reader := mustClient(t, h, h.Token)
	list, err := reader.ReadStream(t.Context(), client.StreamQuery{Stream: "a-1", Limit: 100})
	if err != nil || len(list) != len(values) {
		t.Fatalf("%d messages, %v", len(list), err)
	}
	var out strings.Builder
	if n, err := reader.Export(t.Context(), &out, client.ExportQuery{}); err != nil || n != int64(len(values)) {
		t.Fatalf("%d exported, %v", n, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i := range values {
		var text string
		if err := c.QueryRow(t.Context(), `SELECT data::text FROM message_store.messages WHERE position = $1`, i).Scan(&text); err != nil {
			t.Fatal(err)
		}
		if string(list[i].Data) != text {
			t.Errorf("%s is shown as %s", text, list[i].Data)
		}
		if string(list[i].Metadata) != text && text != "null" {
			t.Errorf("metadata %s is shown as %s", text, list[i].Metadata)
		}
		var line struct{ Data json.RawMessage }
		if err := json.Unmarshal([]byte(lines[i]), &line); err != nil || string(line.Data) != text {
			t.Errorf("%s is exported as %s, %v", text, line.Data, err)
		}
	}
}

// TestGuestTellsOfItself asks what the UI asks for: who writes, what is measured.
func TestGuestTellsOfItself(t *testing.T) {
	server := pgtest.Start(t)
	database := server.Create(t, "TEMPLATE template0")
	server.MessageDB(t, database)
	h := mustGuest(t, server.URL(database))
	c := mustClient(t, h, h.Token)
	info, err := c.Info(t.Context())
	if err != nil || !info.ReadOnly || !info.Witness || !info.Clocks || info.Backend != "postgres" {
		t.Errorf("engine.info %+v, %v", info, err)
	}
	writer := server.Connect(t, database)
	seen, named := 0.0, map[string]bool{}
	for i := 0; seen == 0 || len(named) == 0; i++ {
		if _, err := writer.Exec(t.Context(), `SET search_path = message_store, public`); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Exec(t.Context(), `SELECT write_message(gen_random_uuid()::varchar, $1, 'T', '{}')`, fmt.Sprintf("account-%d", i)); err != nil {
			t.Fatal(err)
		}
		sample, err := c.Sample(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range sample.Categories {
			if r.Category == "account" && r.Appends > 0 {
				seen = r.Appends
			}
		}
		for _, v := range sample.Values {
			named[v.Section+" "+v.Name] = true
		}
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
	for _, want := range []string{"server connections", "messages table", "messages dead rows"} {
		if !named[want] {
			t.Errorf("a sample has no %s, but %v", want, named)
		}
	}
	sections, err := c.EngineSections(t.Context())
	if err != nil || len(sections) < 4 {
		t.Errorf("%d sections, %v", len(sections), err)
	}
	metrics, err := c.Metrics(t.Context())
	if err != nil || !strings.Contains(string(metrics), `evtui_engine_value{name`) && !strings.Contains(string(metrics), `evtui_engine_value{namespace="default",row="table",section="messages",unit="bytes",value=""}`) {
		t.Errorf("metrics have no size of the table, %v", err)
	}
}
