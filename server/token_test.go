package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// newToken calls ns.token, and returns the new token.
func (h *host) newToken(args string) string {
	h.t.Helper()
	return h.tokens(args).Token
}

// tokens calls ns.token.
func (h *host) tokens(args string) wire.Tokens {
	h.t.Helper()
	var answer wire.Tokens
	if err := json.Unmarshal([]byte(h.call(`["ns.token",`+args+`]`)), &answer); err != nil {
		h.t.Fatal(err)
	}
	return answer
}

const headCall = `["ns.head"]`

// taken reports whether a token is.
func (h *host) taken(token string) bool {
	h.t.Helper()
	answer, _ := h.request("POST", "/rpc", token, headCall)
	return answer.StatusCode == http.StatusOK
}

// ids are those of tokens, with what they may.
func ids(answer wire.Tokens) (list []string) {
	for _, t := range answer.Tokens {
		kind := "writes"
		if t.ReadOnly {
			kind = "reads"
		}
		if t.ValidUntil != nil {
			kind += ", ends"
		}
		list = append(list, t.ID+" "+kind)
	}
	return list
}

func idOf(token string) string {
	return fmt.Sprintf("%x", wire.HashToken(token))[:12]
}

func TestTokenIsReplaced(t *testing.T) {
	h := newHost(t)
	first := h.namespace("shop")
	made := h.tokens(`"shop"`)
	if want := []string{idOf(first) + " writes"}; strings.Join(ids(made), ";") != strings.Join(want, ";") || made.Token != "" || made.Tokens[0].CreatedAt.IsZero() {
		t.Errorf("at first %+v, want %q and no token shown", made, want)
	}
	before := time.Now()
	second := h.tokens(`"shop",{"new":true}`)
	if want := []string{idOf(second.Token) + " writes", idOf(first) + " writes, ends"}; strings.Join(ids(second), ";") != strings.Join(want, ";") {
		t.Errorf("with a new one %q, want %q", ids(second), want)
	}
	if until := *second.Tokens[1].ValidUntil; until.Before(before.Add(24*time.Hour)) || until.After(time.Now().Add(24*time.Hour)) {
		t.Errorf("the one before is valid until %s, want a day", until)
	}
	if !h.taken(first) || !h.taken(second.Token) {
		t.Error("one of the two is not taken")
	}
	// A shorter time for those before holds for the earlier ones, too; a longer one does not.
	third := h.tokens(`"shop",{"new":true,"keep":60}`)
	for _, row := range third.Tokens[1:] {
		if row.ValidUntil == nil || time.Until(*row.ValidUntil) > time.Minute {
			t.Errorf("an earlier token ends at %v, want within a minute", row.ValidUntil)
		}
	}
	fourth := h.tokens(`"shop",{"new":true,"keep":7200}`)
	for _, row := range fourth.Tokens[2:] {
		if time.Until(*row.ValidUntil) > time.Minute {
			t.Errorf("a token that was to end gets until %v", row.ValidUntil)
		}
	}
	fifth := h.tokens(`"shop",{"new":true,"keep":0}`)
	if len(fifth.Tokens) != 1 || h.taken(first) || h.taken(second.Token) || h.taken(third.Token) || h.taken(fourth.Token) || !h.taken(fifth.Token) {
		t.Errorf("with keep 0 there are %q", ids(fifth))
	}
	given := wire.NewToken("shop")
	if sixth := h.tokens(`"shop",{"new":true,"token":"` + given + `","keep":0}`); sixth.Token != given || !h.taken(given) {
		t.Errorf("a given token: %+v", sixth)
	}
}

func TestTokensThatOnlyRead(t *testing.T) {
	h := newHost(t)
	writer := h.namespace("shop")
	h.callAs(writer, `["stream.write","a-1",{"type":"T","data":{}}]`)
	first := h.newToken(`"shop",{"new":true,"readOnly":true}`)
	e := h.refused(first, `["stream.write","a-1",{"type":"T","data":{}}]`, 403, "READ_ONLY")
	if !strings.Contains(e.Message, "the token only reads") {
		t.Errorf("refused with %q", e.Message)
	}
	if got := h.callAs(first, `["stream.version","a-1"]`); got != "0" {
		t.Errorf("it reads %s", got)
	}
	second := h.tokens(`"shop",{"new":true,"readOnly":true,"keep":0}`)
	if want := []string{idOf(writer) + " writes", idOf(second.Token) + " reads"}; strings.Join(ids(second), ";") != strings.Join(want, ";") {
		t.Errorf("there are %q, want %q", ids(second), want)
	}
	if h.taken(first) || !h.taken(second.Token) || !h.taken(writer) {
		t.Error("the wrong ones are taken")
	}
	h.callAs(writer, `["stream.write","a-1",{"type":"T","data":{}}]`)
	left := h.tokens(`"shop",{"revoke":"` + idOf(second.Token) + `"}`)
	if len(left.Tokens) != 1 || h.taken(second.Token) {
		t.Errorf("revoked, there are %q", ids(left))
	}
	// The admin's looks at everything, and says that it only reads.
	reader := h.newToken(`"default",{"new":true,"readOnly":true}`)
	for _, body := range []string{`["ns.list"]`, `["ns.info","shop"]`, `["engine.info"]`, `["ns.token","shop"]`} {
		h.callAs(reader, body)
	}
	if info := h.callAs(reader, `["engine.info"]`); !strings.Contains(info, `"readOnly":true`) {
		t.Errorf("engine.info says %s", info)
	}
	if info := h.call(`["engine.info"]`); strings.Contains(info, `"readOnly":true`) {
		t.Errorf("engine.info says to the admin %s", info)
	}
	h.refused(reader, `["ns.token","shop",{"new":true}]`, 403, "READ_ONLY")
	answer, text := h.request("POST", "/rpc", reader, `["stream.version","a-1"]`, wire.NamespaceHeader, "shop")
	if answer.StatusCode != 200 || text != "1" {
		t.Errorf("in another namespace it reads %s %s", answer.Status, text)
	}
	h.refused(reader, `["stream.write","a-1",{"type":"T","data":{}}]`, 403, "READ_ONLY", wire.NamespaceHeader, "shop")
}

func TestTokenRequestsRefused(t *testing.T) {
	h := newHost(t)
	token := h.namespace("shop")
	for body, says := range map[string]string{
		`["ns.token"]`: "namespace is missing", `["ns.token",7]`: "namespace must be a string", `["ns.token","../x"]`: "namespace",
		`["ns.token","shop",{"new":true,"keep":-1}]`:                                "keep must be from 0 to",
		`["ns.token","shop",{"new":true,"keep":99999999999}]`:                       "keep must be from 0 to",
		`["ns.token","shop",{"new":1}]`:                                             "new must be true or false",
		`["ns.token","shop",{"readOnly":true}]`:                                     "new must be true",
		`["ns.token","shop",{"token":"` + wire.NewToken("shop") + `"}]`:             "new must be true",
		`["ns.token","shop",{"new":true,"token":"x"}]`:                              "token must be one of this namespace",
		`["ns.token","shop",{"new":true,"token":"` + wire.NewToken("other") + `"}]`: "token must be one of this namespace",
		`["ns.token","shop",{"new":true,"token":"` + token + `"}]`:                  "is one of the namespace's already",
		`["ns.token","shop",{"new":true,"revoke":"x"}]`:                             "revoke does not go with new",
		`["ns.token","shop",{"revoke":"` + idOf(token) + `"}]`:                      "must not name the namespace's current token",
		`["ns.token","shop",{"revoke":"000000000000"}]`:                             "must be the id of one",
	} {
		if e := h.refused(h.admin, body, 400, "INVALID_REQUEST"); !strings.Contains(e.Message, says) {
			t.Errorf("%s: %q, want %q", body, e.Message, says)
		}
	}
	h.refused(h.admin, `["ns.token","nowhere"]`, 404, "NAMESPACE_NOT_FOUND")
	h.refused(h.admin, `["ns.token","nowhere",{"new":true}]`, 404, "NAMESPACE_NOT_FOUND")
	for range store.MaxTokens - 1 {
		h.tokens(`"shop",{"new":true}`)
	}
	if e := h.refused(h.admin, `["ns.token","shop",{"new":true}]`, 400, "INVALID_REQUEST"); !strings.Contains(e.Message, "at most 32") {
		t.Errorf("one more than there may be: %q", e.Message)
	}
	h.tokens(`"shop",{"new":true,"keep":0}`)
}

// oneToken hides that a store keeps several tokens, as an engine that only looks
// into another's database does.
type oneToken struct{ store.Store }

func TestTokensNotOffered(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Store = oneToken{c.Store} })
	h.refused(h.admin, `["ns.token","default"]`, 404, "METHOD_NOT_FOUND")
	if h.taken(tokenOf("default")) {
		t.Error("a wrong token is taken")
	}
}

// TestTokenFileFollows changes the admin token, with its file, and starts again.
func TestTokenFileFollows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	h := newHost(t, func(c *server.Config) { c.TokenFile = file })
	ctx := context.Background()
	if _, err := server.EnsureDefault(ctx, h.store, h.admin, file); err != nil {
		t.Fatal(err)
	}
	kept := func() string {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	h.newToken(`"default",{"new":true,"readOnly":true}`)
	if kept() != h.admin {
		t.Error("a token that only reads took the admin token's place in the file")
	}
	before := h.admin
	h.admin = h.newToken(`"default",{"new":true,"keep":3600}`)
	if kept() != h.admin {
		t.Error("the file does not hold the new token")
	}
	if _, err := os.Stat(file + ".next"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the next token lies beside: %v", err)
	}
	// While it is valid, a start with the one before is let pass; the file stays.
	if got, err := server.EnsureDefault(ctx, h.store, before, file); err != nil || got != h.admin || kept() != h.admin {
		t.Errorf("a start with the token before: %q, %v, and the file holds %q", got, err, kept())
	}
	h.admin = h.newToken(`"default",{"new":true,"keep":0}`)
	if _, err := server.EnsureDefault(ctx, h.store, before, file); !errors.Is(err, server.ErrTokenDiffers) {
		t.Errorf("a start with a token that is over: %v", err)
	}
	if got, err := server.EnsureDefault(ctx, h.store, "", file); err != nil || got != h.admin {
		t.Errorf("a start with the file: %q, %v", got, err)
	}
}

// TestTokenFileAfterACrash: whether the store knows the next token or not, the
// start after finds the right one.
func TestTokenFileAfterACrash(t *testing.T) {
	for _, known := range []bool{false, true} {
		t.Run(fmt.Sprint(known), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "token")
			h := newHost(t)
			ctx := context.Background()
			if _, err := server.EnsureDefault(ctx, h.store, h.admin, file); err != nil {
				t.Fatal(err)
			}
			next, want := wire.NewToken("default"), h.admin
			if err := os.WriteFile(file+".next", []byte(next+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if known {
				want = next
				h.newToken(`"default",{"new":true,"keep":0,"token":"` + next + `"}`)
			}
			got, err := server.EnsureDefault(ctx, h.store, "", file)
			text, bad := os.ReadFile(file)
			if err != nil || bad != nil || got != want || strings.TrimSpace(string(text)) != want {
				t.Errorf("got %q, %v, and the file holds %q (%v), want %q", got, err, text, bad, want)
			}
			if _, err := os.Stat(file + ".next"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the next token lies beside still: %v", err)
			}
		})
	}
}

// TestSubscriptionEndsWithItsToken revokes the token of an open subscription,
// on a stream that is silent and on one that is written to all the time.
func TestSubscriptionEndsWithItsToken(t *testing.T) {
	for _, busy := range []bool{false, true} {
		t.Run(fmt.Sprintf("busy=%v", busy), func(t *testing.T) {
			h := newHost(t, func(c *server.Config) { c.Limits.Heartbeat = 20 * time.Millisecond })
			first := h.namespace("shop")
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/subscribe?category=a&token="+first, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			lines := bufio.NewScanner(answer.Body)
			if !lines.Scan() || lines.Text() != ": ready" {
				t.Fatalf("it begins with %q", lines.Text())
			}
			second := h.newToken(`"shop",{"new":true,"keep":0}`)
			stop := make(chan struct{})
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				for busy {
					select {
					case <-stop:
						return
					default:
						_, _ = h.store.Append(ctx, "shop", store.Write{Stream: "a-1", Events: []store.Event{{Type: "T", Data: []byte(`{}`)}}, ExpectedVersion: store.AnyVersion})
					}
				}
			}()
			last := ""
			for lines.Scan() {
				if lines.Text() != "" {
					last = lines.Text()
				}
			}
			close(stop)
			<-stopped
			if !strings.HasPrefix(last, `: end {"error":{"code":"AUTH_UNAUTHORIZED"`) {
				t.Errorf("it ends with %q, %v", last, lines.Err())
			}
			if !h.taken(second) {
				t.Error("the new token is not taken")
			}
		})
	}
}
