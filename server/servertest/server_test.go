package servertest_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// version asks for a server's version by one way in.
func version(t *testing.T, url string, dial func(context.Context) (net.Conn, error)) string {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	if dial != nil {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
	}
	answer, err := (&http.Client{Transport: transport}).Get(url + "/version")
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text := make([]byte, 100)
	n, _ := answer.Body.Read(text)
	return string(text[:n])
}

func TestServer(t *testing.T) {
	asked := 0
	counting := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			h.ServeHTTP(w, r)
		})
	}
	for name, options := range map[string][]servertest.Option{"alone": nil, "behind": {servertest.Behind(counting)}} {
		t.Run(name, func(t *testing.T) {
			s := servertest.New(t, server.Config{Version: "9.8.7"}, options...)
			url := s.Listen()
			for way, got := range map[string]string{"TCP": version(t, url, nil), "memory": version(t, "http://x", s.Dial)} {
				if !strings.Contains(got, "9.8.7") {
					t.Errorf("over %s the version is %q", way, got)
				}
			}
			if hash, err := s.Store.TokenHash(t.Context(), store.DefaultNamespace); err != nil || hash != wire.HashToken(s.Token) {
				t.Errorf("the token is not the store's: %v", err)
			}
			s.Stop()
			s.Stop()
			if got := version(t, url, nil); strings.Contains(got, "9.8.7") {
				t.Error("it answers after its end")
			}
		})
	}
	if asked != 2 {
		t.Errorf("the handler before the server saw %d requests", asked)
	}
}

// TestOnAStoreThatHasItsToken goes on with a store where another server was.
func TestOnAStoreThatHasItsToken(t *testing.T) {
	st := storetest.NewModel()
	first := servertest.New(t, server.Config{Store: st})
	first.Stop()
	second := servertest.New(t, server.Config{Store: st}, servertest.Token(first.Token))
	if second.Token != first.Token || !strings.Contains(version(t, second.Listen(), nil), "version") {
		t.Error("the second does not serve")
	}
}
