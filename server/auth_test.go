package server_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// tokenOf makes a well-formed token that no namespace has.
func tokenOf(namespace string) string {
	return "ns_" + base64.RawURLEncoding.EncodeToString([]byte(namespace)) + "_" + strings.Repeat("ab", 32)
}

func TestTokens(t *testing.T) {
	h := newHost(t)
	h.namespace("other")
	const body = `["ns.head"]`
	for name, c := range map[string]struct {
		header string
		status int
		code   string
	}{
		"none":                        {"", 401, "AUTH_REQUIRED"},
		"basic":                       {"Basic YTpi", 401, "AUTH_REQUIRED"},
		"only the token":              {h.admin, 401, "AUTH_REQUIRED"},
		"no token":                    {"Bearer ", 401, "AUTH_REQUIRED"},
		"not a token":                 {"Bearer x", 401, "AUTH_INVALID_TOKEN"},
		"short secret":                {"Bearer " + h.admin[:len(h.admin)-1], 401, "AUTH_INVALID_TOKEN"},
		"not hex":                     {"Bearer " + h.admin[:len(h.admin)-1] + "g", 401, "AUTH_INVALID_TOKEN"},
		"not base64":                  {"Bearer ns_!!!_" + strings.Repeat("ab", 32), 401, "AUTH_INVALID_TOKEN"},
		"names nothing":               {"Bearer ns__" + strings.Repeat("ab", 32), 401, "AUTH_INVALID_TOKEN"},
		"names what can be no id":     {"Bearer " + tokenOf("../x"), 401, "AUTH_INVALID_TOKEN"},
		"very long":                   {"Bearer " + tokenOf(strings.Repeat("x", 5000)), 401, "AUTH_INVALID_TOKEN"},
		"wrong secret":                {"Bearer " + tokenOf("default"), 403, "AUTH_UNAUTHORIZED"},
		"wrong secret of another":     {"Bearer " + tokenOf("other"), 403, "AUTH_UNAUTHORIZED"},
		"namespace that is not there": {"Bearer " + tokenOf("nowhere"), 403, "AUTH_UNAUTHORIZED"},
	} {
		t.Run(name, func(t *testing.T) {
			h := *h
			h.t = t
			e := h.refused("", body, c.status, c.code, "Authorization", c.header)
			if strings.Contains(e.Message, "nowhere") || strings.Contains(e.Message, "ab"+"ab") {
				t.Errorf("the message tells too much: %s", e.Message)
			}
		})
	}
	answer, _ := h.request("POST", "/rpc", "", body, "Authorization", "bearer "+h.admin)
	if answer.StatusCode != http.StatusOK {
		t.Error("the scheme's case matters")
	}
}

func TestWhoMayWhat(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	h.namespace("other")
	own := []string{
		`["stream.write","a-1",{"type":"T","data":{}}]`, `["stream.append","a-1",[{"type":"T","data":{}}]]`, `["stream.get","a-1"]`, `["stream.last","a-1"]`, `["stream.version","a-1"]`,
		`["category.get",""]`, `["category.distribution","a"]`, `["message.get","018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b01"]`, `["ns.info","tenant"]`, `["ns.streams"]`, `["ns.categories"]`,
		`["ns.head"]`, `["ns.seek",{"time":"2026-01-01T00:00:00Z"}]`, `["sys.version"]`, `["sys.health"]`,
	}
	adminOnly := []string{
		`["ns.create","x"]`, `["ns.delete","tenant"]`, `["ns.delete","nowhere"]`, `["ns.list"]`, `["ns.info","other"]`, `["ns.info","nowhere"]`, `["ns.info","default"]`,
		`["engine.info"]`, `["engine.sample"]`, `["engine.history"]`, `["engine.log"]`,
	}
	for _, body := range own {
		h.callAs(tenant, body)
	}
	for _, body := range adminOnly {
		e := h.refused(tenant, body, 403, "AUTH_UNAUTHORIZED")
		if strings.Contains(e.Message, "not found") {
			t.Errorf("%s tells what is there: %s", body, e.Message)
		}
	}
	for _, body := range []string{`["ns.info","other"]`, `["engine.info"]`, `["engine.sample"]`, `["engine.history"]`, `["engine.log"]`, `["ns.list"]`} {
		h.call(body)
	}
	if h.messages("tenant") != 2 || h.messages("default") != 0 {
		t.Error("a write went elsewhere than into the token's namespace")
	}
}

func TestNamespaceHeader(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("ten ant")
	h.namespace("other")
	const body = `["stream.write","a-1",{"type":"T","data":{}}]`
	for _, c := range []struct {
		token, namespace string
		status           int
		code             string
	}{
		{h.admin, "ten ant", 200, ""}, {h.admin, "default", 200, ""}, {tenant, "ten ant", 200, ""},
		{tenant, "other", 403, "AUTH_UNAUTHORIZED"}, {tenant, "nowhere", 403, "AUTH_UNAUTHORIZED"}, {tenant, "../x", 403, "AUTH_UNAUTHORIZED"},
		{h.admin, "nowhere", 404, "NAMESPACE_NOT_FOUND"}, {h.admin, "../x", 400, "INVALID_REQUEST"}, {"", "ten ant", 401, "AUTH_REQUIRED"},
	} {
		if c.status == 200 {
			if answer, text := h.request("POST", "/rpc", c.token, body, wire.NamespaceHeader, c.namespace); answer.StatusCode != 200 {
				t.Errorf("%q: %s", c.namespace, text)
			}
			continue
		}
		h.refused(c.token, body, c.status, c.code, wire.NamespaceHeader, c.namespace)
	}
	if h.messages("ten ant") != 2 || h.messages("default") != 1 || h.messages("other") != 0 {
		t.Error("a write went into the wrong namespace")
	}
	h.refused(h.admin, `["category.get","a-b"]`, 404, "NAMESPACE_NOT_FOUND", wire.NamespaceHeader, "nowhere")
	// The admin's rights stay his.
	answer, text := h.request("POST", "/rpc", h.admin, `["ns.list"]`, wire.NamespaceHeader, "other")
	if answer.StatusCode != 200 {
		t.Error(text)
	}
}

func TestTestMode(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.TestMode = true })
	const body = `["stream.write","a-1",{"type":"T","data":{}}]`
	for i, header := range []string{"", "Basic x", "Bearer x", "Bearer " + tokenOf("../x"), "Bearer " + tokenOf("default"), "Bearer " + h.admin} {
		answer, text := h.request("POST", "/rpc", "", body, "Authorization", header)
		if want := fmt.Sprintf(`{"position":%d,"globalPosition":%d}`, i, i+1); answer.StatusCode != 200 || text != want {
			t.Errorf("%q: got %s, want %s in default", header, text, want)
		}
	}
	// The namespace of a well-formed token is made on first use.
	for range 2 {
		h.callAs(tokenOf("made"), body)
	}
	h.callAs(wire.NewToken("made"), body)
	if n := h.messages("made"); n != 3 {
		t.Errorf("made holds %d messages, want 3", n)
	}
	h.refused(tokenOf("made"), `["ns.list"]`, 403, "AUTH_UNAUTHORIZED")
	h.callAs("", `["ns.list"]`)
	h.callAs("", `["ns.delete","made"]`)
	h.callAs(tokenOf("made"), body)
	if n := h.messages("made"); n != 1 {
		t.Errorf("made anew it holds %d messages, want 1", n)
	}
}

func TestTestModeMakesDefault(t *testing.T) {
	h := newHost(t, func(c *server.Config) {
		c.TestMode = true
		c.Store = &withoutDefault{Store: c.Store}
	})
	h.callAs("", `["ns.head"]`)
}

// withoutDefault hides that default is there until it is made again.
type withoutDefault struct {
	store.Store
	made bool
}

func (s *withoutDefault) TokenHash(ctx context.Context, id string) ([32]byte, error) {
	if !s.made {
		return [32]byte{}, store.ErrNamespaceNotFound
	}
	return s.Store.TokenHash(ctx, id)
}

func (s *withoutDefault) CreateNamespace(ctx context.Context, spec store.NamespaceSpec) (store.Namespace, error) {
	s.made = true
	return s.Store.CreateNamespace(ctx, spec) // ErrNamespaceExists, as when another request was first
}
