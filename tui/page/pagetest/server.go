package pagetest

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// Serve returns the UI's client of a server over a store, with its default namespace.
// Server and store are closed at the end of the test.
func Serve(t testing.TB, st store.Store) *client.Client {
	t.Helper()
	ui, _ := serve(t, st)
	return ui
}

// serve also returns a client as programs have it, whom the server observes.
func serve(t testing.TB, st store.Store) (ui, program *client.Client) {
	t.Helper()
	t.Cleanup(func() { _ = st.Close() })
	token, err := server.EnsureDefault(t.Context(), st, "", filepath.Join(t.TempDir(), "token"))
	if err != nil {
		t.Fatal(err)
	}
	srv, err := server.New(server.Config{Store: st, Version: "0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	listener, served := server.NewMemListener(), make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		_ = srv.Shutdown(context.Background())
		if err := <-served; err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	connect := func(options ...client.Option) *client.Client {
		c, err := client.New("http://127.0.0.1:1", append(options, client.WithToken(token), client.WithDialer(listener.Dial))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	return connect(client.WithActor("ui")), connect()
}
