package tui

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// plain is a server that speaks sections 1 to 8 of the protocol and nothing
// more: what evtui adds is not found, or silently ignored.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		method, _, _ := strings.Cut(strings.TrimPrefix(string(body), `["`), `"`)
		known := []string{
			"stream.write", "stream.get", "stream.last", "stream.version", "category.get", "ns.create", "ns.delete",
			"ns.list", "ns.info", "ns.streams", "ns.categories", "sys.version", "sys.health",
		}
		if r.URL.Path == "/rpc" && !slices.Contains(known, method) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error":{"code":"METHOD_NOT_FOUND","message":"unknown method"}}`))
			return
		}
		body = bytes.ReplaceAll(body, []byte(`"backward":true`), []byte(`"ignored":true`))
		r.Body = io.NopCloser(bytes.NewReader(body))
		if method != "ns.categories" {
			next.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		var list []map[string]any
		_ = json.Unmarshal(recorder.Body.Bytes(), &list)
		for _, c := range list {
			delete(c, "lastPosition")
		}
		_ = json.NewEncoder(w).Encode(list)
	})
}

// newPlainStage is a stage on a plain server.
func newPlainStage(t *testing.T, messages []store.ImportMessage) *stage {
	t.Helper()
	s := &stage{TB: t, store: storetest.NewModel(), now: noon}
	token, err := server.EnsureDefault(t.Context(), s.store, "", filepath.Join(t.TempDir(), "token"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	srv, err := server.New(server.Config{Store: s.store})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(plain(srv.Handler()))
	t.Cleanup(func() {
		web.Close()
		_ = srv.Shutdown(t.Context())
	})
	c, err := client.New(web.URL, client.WithToken(token), client.WithActor("ui"))
	if err != nil {
		t.Fatal(err)
	}
	s.app = newApp(t.Context(), Config{Client: c, Page: PageStreams})
	s.app.now = func() time.Time { return s.now }
	s.app.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	s.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	s.run(s.app.Init())
	return s
}

// TestPlainServerWorks walks what a server without evtui's additions can show,
// and checks that the rest says so.
func TestPlainServerWorks(t *testing.T) {
	s := newPlainStage(t, shop())
	s.open()
	s.see("this server offers no figures", "account › account-1 ", "1–22 of 22")
	s.press("enter")
	s.see(`"amount"`)
	s.press("esc", "esc", "m")
	s.frames(2)
	s.see("o shows the oldest first")
	s.press("o")
	s.frames(3)
	s.see("1–34 of")
	s.press("7")
	s.frames(2)
	s.see("this server offers no log")
	s.press("3")
	s.frames(2)
	s.see("matched 120 · shown 120 · folded 0", "following")
	s.write("order-7", 3000)
	s.frames(1)
	s.see(`{"n":3000}`)
	s.checkTail(3120)
	s.press("c", "payment", "enter")
	s.frames(1)
	s.see("matched 11 · shown 11")
}
