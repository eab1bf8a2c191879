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
	t.Cleanup(func() { _ = st.Close() })
	s := servertest.New(t, server.Config{Store: st, Version: "0.0.1"})
	options = append([]client.Option{client.WithToken(s.Token), client.WithActor("ui"), client.WithDialer(s.Dial)}, options...)
	c, err := client.New("http://127.0.0.1:1", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
