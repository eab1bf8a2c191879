package client

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

const plainError = `{"error":{"code":"METHOD_NOT_FOUND","message":"unknown method"}}`

// plainServer knows ns.streams and stream.get, and no additions: it ignores
// options and headers that it does not know.
func plainServer(t *testing.T, names []string) *fakeServer {
	sort.Strings(names)
	return newFake(t, func(method string, args []json.RawMessage) (int, string) {
		switch method {
		case "ns.streams":
			var o struct {
				Prefix, Cursor string
				Limit          int
			}
			_ = json.Unmarshal(args[0], &o)
			var rows []string
			for _, n := range names {
				if strings.HasPrefix(n, o.Prefix) && n > o.Cursor && len(rows) < o.Limit {
					rows = append(rows, fmt.Sprintf(`{"stream":%q,"version":0,"lastActivity":%s}`, n, rowTime))
				}
			}
			return 200, "[" + strings.Join(rows, ",") + "]"
		case "stream.get", "category.get":
			return 200, `[]`
		case "stream.version":
			return 200, `1`
		}
		return 404, plainError
	})
}

func TestPlainServer(t *testing.T) {
	f := plainServer(t, nil)
	c := mustNew(t, f.URL, WithToken(wire.NewToken("tenant")))
	refused := map[string]error{}
	_, refused["backward"] = c.ReadStream(t.Context(), StreamQuery{Stream: "a", Limit: 1, Backward: true})
	_, refused["backward category"] = c.ReadCategory(t.Context(), CategoryQuery{Limit: 1, Backward: true})
	_, refused["head"] = c.Head(t.Context())
	_, refused["append"] = c.Append(t.Context(), aWrite)
	_, refused["other namespace"] = c.In("other").Version(t.Context(), "a")
	_, refused["subscription to another"] = c.In("other").Subscribe(t.Context(), SubscribeQuery{Category: "a"})
	_, refused["import into another"] = c.In("other").Import(t.Context(), strings.NewReader(""), false, nil)
	for name, err := range refused {
		if !NotOffered(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.ReadStream(t.Context(), StreamQuery{Stream: "a", Limit: 1}); err != nil {
		t.Errorf("forward: %v", err)
	}
	if _, err := c.In("tenant").Version(t.Context(), "a"); err != nil {
		t.Errorf("its own namespace by name: %v", err)
	}
	for _, body := range f.bodies {
		if strings.Contains(body, "backward") {
			t.Errorf("sent what the server would misunderstand: %s", body)
		}
	}
}

func TestStreamsOfACategoryOnAPlainServer(t *testing.T) {
	names := []string{"acc", "acc+x", "acc-1", "acc-2", "acc-3", "account-1", "acc.x-1", "acc-10"}
	want := []string{"acc", "acc-1", "acc-10", "acc-2", "acc-3"}
	c := mustNew(t, plainServer(t, names).URL)
	for limit := 1; limit < 10; limit++ {
		var got []string
		q := StreamsQuery{Category: "acc", Limit: limit}
		for {
			page, err := c.Streams(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page {
				got = append(got, s.Name)
			}
			if len(page) < limit {
				break
			}
			q.Cursor = page[len(page)-1].Name
		}
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
	for prefix, n := range map[string]int{"acc-1": 2, "acc": 5, "a": 5, "acc-4": 0, "account": 0, "z": 0, "b": 0} {
		page, err := c.Streams(t.Context(), StreamsQuery{Category: "acc", Prefix: prefix, Limit: 10})
		if err != nil || len(page) != n {
			t.Errorf("with the prefix %s: %v, %v; want %d", prefix, page, err, n)
		}
	}
}

// TestAdditions: a server that offers them is asked once, and then trusted.
func TestAdditions(t *testing.T) {
	f := newFake(t, func(method string, _ []json.RawMessage) (int, string) {
		if method == "ns.head" {
			return 200, `{"globalPosition":1}`
		}
		return 200, `[]`
	})
	c := mustNew(t, f.URL, WithToken(wire.NewToken(store.DefaultNamespace)), WithActor("ui"))
	for range 2 {
		if _, err := c.In("other").ReadStream(t.Context(), StreamQuery{Stream: "a", Before: 1, Limit: 1, Backward: true}); err != nil {
			t.Fatal(err)
		}
		if got := f.sentHeader(wire.NamespaceHeader); got != "other" {
			t.Errorf("namespace header %q", got)
		}
	}
	want := []string{`["ns.head"]`, `["stream.get","a",{"position":0,"batchSize":1,"backward":true}]`, `["stream.get","a",{"position":0,"batchSize":1,"backward":true}]`}
	if !slices.Equal(f.bodies, want) {
		t.Errorf("sent %v", f.bodies)
	}
	if got := f.sentHeader(wire.ActorHeader); got != "ui" {
		t.Errorf("actor header %q", got)
	}
	if _, err := c.ReadStream(t.Context(), StreamQuery{Stream: "a", Limit: 1, Backward: true}); err != nil {
		t.Fatal(err)
	}
	if f.last() != `["stream.get","a",{"batchSize":1,"backward":true}]` || f.sentHeader(wire.NamespaceHeader) != "" {
		t.Errorf("sent %s, namespace header %q", f.last(), f.sentHeader(wire.NamespaceHeader))
	}
}

func TestNamespaces(t *testing.T) {
	for _, tt := range []struct{ token, in, want string }{
		{"", "", "default"}, {"", "x", "x"}, {wire.NewToken("x"), "", "x"}, {wire.NewToken("x"), "y", "y"}, {"rubbish", "", "default"},
	} {
		c := mustNew(t, "localhost:1/", WithToken(tt.token)).In(tt.in)
		if c.Namespace() != tt.want || c.URL() != "http://localhost:1" {
			t.Errorf("%+v: namespace %q, address %q", tt, c.Namespace(), c.URL())
		}
	}
}

func TestBadClients(t *testing.T) {
	for _, url := range []string{"", "ftp://x", "http://", "http://x?y=1", "http://u:p@x", "http://[", "://"} {
		if _, err := New(url); err == nil {
			t.Errorf("took %q", url)
		}
	}
	if _, err := New("x", WithToken("a\r\nX: y")); !isInvalid(err) {
		t.Errorf("took a token that makes headers: %v", err)
	}
	c := mustNew(t, "localhost:1")
	for _, ns := range []string{"a\nb", " a", "a "} {
		if _, err := c.In(ns).Version(t.Context(), "a"); !isInvalid(err) {
			t.Errorf("namespace %q: %v", ns, err)
		}
		if _, err := c.In(ns).Subscribe(t.Context(), SubscribeQuery{Category: "a"}); !isInvalid(err) {
			t.Errorf("namespace %q: %v", ns, err)
		}
	}
}
