package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

type namespaceInfo struct {
	Namespace, Description    string
	CreatedAt                 time.Time
	MessageCount, StreamCount int64
	LastActivity              *time.Time
}

func TestNamespaces(t *testing.T) {
	h := newHost(t)
	var created struct {
		Namespace, Token string
		CreatedAt        time.Time
	}
	mustDecode(t, h.call(`["ns.create","tenant-a",{"description":"A \"tenant\"","metadata":{"plan":"gold","n":12345678901234567890}}]`), &created)
	if created.Namespace != "tenant-a" || time.Since(created.CreatedAt) > time.Minute || created.CreatedAt.IsZero() {
		t.Errorf("got %+v", created)
	}
	if named, err := wire.ParseToken(created.Token); err != nil || named != "tenant-a" {
		t.Errorf("the token %q names %q (%v)", created.Token, named, err)
	}
	for i := range 3 {
		h.callAs(created.Token, fmt.Sprintf(`["stream.write","a-%d",{"type":"T","data":{}}]`, i%2))
	}
	var info namespaceInfo
	text := h.call(`["ns.info","tenant-a"]`)
	mustDecode(t, text, &info)
	if info.Namespace != "tenant-a" || info.Description != `A "tenant"` || info.MessageCount != 3 || info.StreamCount != 2 || info.LastActivity == nil || !info.CreatedAt.Equal(created.CreatedAt) {
		t.Errorf("got %s", text)
	}
	if !strings.Contains(text, `"metadata":{"plan":"gold","n":12345678901234567890}`) {
		t.Errorf("the metadata did not come back to the letter: %s", text)
	}
	mustDecode(t, h.call(`["ns.info","default"]`), &info)
	if text := h.call(`["ns.info","default"]`); !strings.Contains(text, `"lastActivity":null`) || !strings.Contains(text, `"messageCount":0`) {
		t.Errorf("of an empty namespace: %s", text)
	}
	var list []namespaceInfo
	mustDecode(t, h.call(`["ns.list"]`), &list)
	if len(list) != 2 || list[0].Namespace != "default" || list[1].Namespace != "tenant-a" || list[1].MessageCount != 3 || list[1].CreatedAt.IsZero() {
		t.Errorf("got %+v", list)
	}
	var deleted struct {
		Namespace       string
		DeletedAt       time.Time
		MessagesDeleted int64
	}
	mustDecode(t, h.call(`["ns.delete","tenant-a"]`), &deleted)
	if deleted.Namespace != "tenant-a" || deleted.MessagesDeleted != 3 || time.Since(deleted.DeletedAt) > time.Minute {
		t.Errorf("got %+v", deleted)
	}
	h.refused(h.admin, `["ns.info","tenant-a"]`, 404, "NAMESPACE_NOT_FOUND")
	h.refused(h.admin, `["ns.delete","tenant-a"]`, 404, "NAMESPACE_NOT_FOUND")
	h.refused(created.Token, `["ns.head"]`, http.StatusForbidden, "AUTH_UNAUTHORIZED")
	// The same name again begins empty, and the old token stays worthless.
	fresh := h.namespace("tenant-a")
	if got := h.callAs(fresh, `["stream.get","a-0"]`); got != "[]" {
		t.Errorf("a namespace made anew holds %s", got)
	}
	h.refused(created.Token, `["ns.head"]`, http.StatusForbidden, "AUTH_UNAUTHORIZED")
}

func TestNamespaceArguments(t *testing.T) {
	h := newHost(t)
	given := wire.NewToken("b")
	var created struct{ Token string }
	mustDecode(t, h.call(`["ns.create","b",{"token":`+quote(given)+`,"description":null,"metadata":null}]`), &created)
	if created.Token != given || h.callAs(given, `["ns.head"]`) != `{"globalPosition":0}` {
		t.Errorf("the given token was not taken, but %q", created.Token)
	}
	h.refused(h.admin, `["ns.create","b"]`, 409, "NAMESPACE_EXISTS")
	h.refused(h.admin, `["ns.create","default"]`, 409, "NAMESPACE_EXISTS")
	h.refused(h.admin, `["ns.delete","default"]`, 400, "INVALID_REQUEST")
	for _, id := range []string{"", ".", "..", "../x", "a/b", `a\b`, "a\x00b", "a\nb", "a\u0085b", strings.Repeat("x", 129)} {
		h.refused(h.admin, `["ns.create",`+quote(id)+`]`, 400, "INVALID_REQUEST")
		h.refused(h.admin, `["ns.info",`+quote(id)+`]`, 400, "INVALID_REQUEST")
		h.refused(h.admin, `["ns.delete",`+quote(id)+`]`, 400, "INVALID_REQUEST")
	}
	for _, options := range []string{
		`{"token":"x"}`, `{"token":` + quote(given) + `}`, `{"token":1}`, `{"description":1}`, `{"description":` + quote(strings.Repeat("x", 4097)) + `}`,
		`{"metadata":[]}`, `{"metadata":"x"}`, `{"metadata":{"x":` + quote(strings.Repeat("x", 64<<10)) + `}}`, `[]`, `1`,
	} {
		h.refused(h.admin, `["ns.create","c",`+options+`]`, 400, "INVALID_REQUEST")
	}
	for _, body := range []string{`["ns.create"]`, `["ns.create",null]`, `["ns.create",1]`, `["ns.info"]`, `["ns.delete"]`} {
		h.refused(h.admin, body, 400, "INVALID_REQUEST")
	}
	all, err := h.store.Namespaces(context.Background())
	if err != nil || len(all) != 2 {
		t.Errorf("there are %d namespaces, want 2 (%v)", len(all), err)
	}
	for _, id := range []string{"ü日本😀", "a b", "con", "x.y", strings.Repeat("x", 128)} {
		token := h.namespace(id)
		h.callAs(token, `["stream.write","a-1",{"type":"T","data":{}}]`)
		if n := h.messages(id); n != 1 {
			t.Errorf("%q holds %d messages", id, n)
		}
	}
}

func TestStreamsAndCategories(t *testing.T) {
	h := newHost(t)
	h.expect(`["ns.streams"]`, `[]`)
	h.expect(`["ns.categories"]`, `[]`)
	for _, stream := range []string{"b-2", "a-1", "a-2", "b-2", "ab-1", "c"} {
		h.write(stream, 1)
	}
	names := func(options string) string {
		t.Helper()
		var page []struct {
			Stream       string
			Version      int64
			LastActivity time.Time
		}
		mustDecode(t, h.call(`["ns.streams"`+options+`]`), &page)
		var all []string
		for _, s := range page {
			if s.LastActivity.IsZero() {
				t.Errorf("%s has no last activity", s.Stream)
			}
			all = append(all, fmt.Sprintf("%s@%d", s.Stream, s.Version))
		}
		return strings.Join(all, " ")
	}
	for options, want := range map[string]string{
		``: "a-1@0 a-2@0 ab-1@0 b-2@1 c@0", `,{}`: "a-1@0 a-2@0 ab-1@0 b-2@1 c@0", `,{"prefix":"a"}`: "a-1@0 a-2@0 ab-1@0", `,{"prefix":"a-"}`: "a-1@0 a-2@0",
		`,{"limit":2}`: "a-1@0 a-2@0", `,{"limit":2,"cursor":"a-2"}`: "ab-1@0 b-2@1", `,{"cursor":"a-15"}`: "a-2@0 ab-1@0 b-2@1 c@0", `,{"prefix":"b","cursor":"b-2"}`: "",
		`,{"category":"a"}`: "a-1@0 a-2@0", `,{"category":"c"}`: "c@0", `,{"category":"a","cursor":"a-1"}`: "a-2@0", `,{"prefix":null,"cursor":null,"limit":1000}`: "a-1@0 a-2@0 ab-1@0 b-2@1 c@0",
	} {
		if got := names(options); got != want {
			t.Errorf("%s: got %q, want %q", options, got, want)
		}
	}
	for _, wrong := range []string{`{"limit":0}`, `{"limit":1001}`, `{"limit":-1}`, `{"limit":"1"}`, `{"prefix":1}`, `{"cursor":[]}`, `{"category":"a-1"}`} {
		h.refused(h.admin, `["ns.streams",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
	h.expect(`["ns.categories"]`, `[{"category":"a","streamCount":2,"messageCount":2,"lastPosition":3},{"category":"ab","streamCount":1,"messageCount":1,"lastPosition":5},`+
		`{"category":"b","streamCount":1,"messageCount":2,"lastPosition":4},{"category":"c","streamCount":1,"messageCount":1,"lastPosition":6}]`)
	h.expect(`["ns.categories",{"names":["c","nowhere","","a","a"]}]`, `[{"category":"","streamCount":5,"messageCount":6,"lastPosition":6,"categoryCount":4},`+
		`{"category":"a","streamCount":2,"messageCount":2,"lastPosition":3},{"category":"c","streamCount":1,"messageCount":1,"lastPosition":6}]`)
	h.expect(`["ns.categories",{"names":["b"]}]`, `[{"category":"b","streamCount":1,"messageCount":2,"lastPosition":4}]`)
	h.expect(`["ns.categories",{"names":[]}]`, `[]`)
	many := strings.Repeat(`"x",`, 1000) + `"x"`
	for _, wrong := range []string{`{"names":"a"}`, `{"names":[1]}`, `{"names":{}}`, `{"names":[` + many + `]}`} {
		h.refused(h.admin, `["ns.categories",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
}

func TestDefaultPageOfStreamsIsAHundred(t *testing.T) {
	h := newHost(t)
	for i := range 101 {
		h.write(fmt.Sprintf("s-%d", i), 1)
	}
	var page []struct{ Stream string }
	mustDecode(t, h.call(`["ns.streams"]`), &page)
	if len(page) != 100 {
		t.Errorf("got %d streams, want 100", len(page))
	}
}

func TestSeekAndHead(t *testing.T) {
	h := newHost(t)
	h.expect(`["ns.head"]`, `{"globalPosition":0}`)
	h.write("a-1", 3)
	h.expect(`["ns.head"]`, `{"globalPosition":3}`)
	var times []string
	for m, err := range h.store.ReadCategory(context.Background(), "default", store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, m.Time.Format(time.RFC3339Nano))
	}
	h.expect(`["ns.seek",{"time":"2000-01-01T00:00:00Z"}]`, `{"globalPosition":1}`)
	h.expect(`["ns.seek",{"time":"2999-01-01T00:00:00+02:00"}]`, `{"globalPosition":4}`)
	h.expect(`["ns.seek",{"time":"`+times[0]+`"}]`, `{"globalPosition":1}`)
	for _, wrong := range []string{``, `,null`, `,{}`, `,{"time":null}`, `,{"time":1}`, `,{"time":"yesterday"}`} {
		h.refused(h.admin, `["ns.seek"`+wrong+`]`, 400, "INVALID_REQUEST")
	}
}
