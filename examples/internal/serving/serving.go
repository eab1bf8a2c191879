// Package serving gives the examples' tests a server: evtui's own, in memory,
// on a free port of this machine.
package serving

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store/pebblestore"
)

// Start serves until the test ends, and returns where and the admin token.
func Start(t *testing.T) (url, token string) {
	t.Helper()
	st, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	if token, err = server.EnsureDefault(t.Context(), st, "", ""); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{Store: st, Version: "0.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String(), token
}
