package pagetest

import (
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
)

// Serve returns a client of a server over a store, with its default namespace,
// as the UI has one. All three are closed at the end of the test.
func Serve(t testing.TB, st store.Store, options ...client.Option) *client.Client {
	t.Helper()
	ui, _ := serve(t, st, options...)
	return ui
}

// serve also returns a client as programs have it, whom the server observes.
func serve(t testing.TB, st store.Store, options ...client.Option) (ui, program *client.Client) {
	t.Helper()
	t.Cleanup(func() { _ = st.Close() })
	s := servertest.New(t, server.Config{Store: st, Version: "0.0.1"})
	connect := func(own ...client.Option) *client.Client {
		own = append(own, client.WithToken(s.Token), client.WithDialer(s.Dial))
		c, err := client.New("http://127.0.0.1:1", append(own, options...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	return connect(client.WithActor("ui")), connect()
}
