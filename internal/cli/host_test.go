package cli

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

func mustOpen(t *testing.T, cfg hostConfig) *host {
	t.Helper()
	h, err := openHost(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mustHost(t *testing.T, cfg hostConfig) *host {
	t.Helper()
	h := mustOpen(t, cfg)
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestSecondComesToTheFirst(t *testing.T) {
	dir := place(t.TempDir())
	mustHost(t, hostConfig{Dir: dir, Listen: "127.0.0.1:0"})
	tg := target{data: string(dir)}
	s, err := tg.open(t.Context(), &cobra.Command{}, toRead)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.host != nil {
		t.Error("the second has a host of its own")
	}
	if _, err := s.Write(t.Context(), "account-1", store.Event{Type: "Opened", Data: []byte("{}")}, store.NoStream); err != nil {
		t.Error(err)
	}
}

func TestWithoutNetworkTheSecondIsToldSo(t *testing.T) {
	dir := place(t.TempDir())
	mustHost(t, hostConfig{Dir: dir, Listen: noNetwork})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 250*time.Millisecond, errors.New("waited long enough"))
	defer cancel()
	tg := target{data: string(dir)}
	if _, err := tg.open(ctx, &cobra.Command{}, toRead); err == nil || err.Error() != "waited long enough" {
		t.Errorf("the second does not wait for the first: %v", err)
	}
}

func TestStaleEndpointMisleadsNobody(t *testing.T) {
	dir := place(t.TempDir())
	if err := dir.announce("http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	tg := target{data: string(dir)}
	s, err := tg.open(t.Context(), &cobra.Command{}, toMake)
	if err != nil {
		t.Fatal(err)
	}
	if s.host == nil {
		t.Error("followed the endpoint of a server that is gone")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir.endpointFile()); err == nil {
		t.Error("the endpoint file outlives the host")
	}
}

func TestTakenPortLeavesNothingOpen(t *testing.T) {
	first := mustHost(t, hostConfig{Listen: "127.0.0.1:0"})
	dir := place(t.TempDir())
	if _, err := openHost(t.Context(), hostConfig{Dir: dir, Listen: first.network.Addr().String()}); err == nil {
		t.Fatal("two hosts on one port")
	}
	st, err := pebblestore.Open(string(dir), pebblestore.Options{})
	if err != nil {
		t.Fatalf("the store is still open: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}

func TestOtherTokenIsRefused(t *testing.T) {
	dir := place(t.TempDir())
	if err := mustOpen(t, hostConfig{Dir: dir, Listen: noNetwork}).close(); err != nil {
		t.Fatal(err)
	}
	_, err := openHost(t.Context(), hostConfig{Dir: dir, Listen: noNetwork, Token: wire.NewToken(store.DefaultNamespace)})
	if !errors.Is(err, server.ErrTokenDiffers) || !strings.Contains(err.Error(), "leave --token") {
		t.Errorf("another token: %v", err)
	}
	if err := os.WriteFile(dir.tokenFile(), []byte(wire.NewToken(store.DefaultNamespace)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = openHost(t.Context(), hostConfig{Dir: dir, Listen: noNetwork})
	if !errors.Is(err, server.ErrTokenDiffers) || !strings.Contains(err.Error(), dir.tokenFile()+" holds another; give the right one") {
		t.Errorf("another token in the file: %v", err)
	}
}

func TestLoaderStartsOnceReportsAndStops(t *testing.T) {
	h := mustHost(t, hostConfig{Listen: noNetwork})
	s, err := (&target{}).embed(h)
	if err != nil {
		t.Fatal(err)
	}
	l := newLoader(s)
	l.Stop() // nothing to stop
	if err := l.Start(2); err != nil {
		t.Fatal(err)
	}
	if err := l.Start(2); err == nil {
		t.Error("a second load starts")
	}
	news, err := s.Subscribe(t.Context(), store.SubscribeQuery{From: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer news.Close()
	// Of three messages by two workers one at least has been answered: only
	// then does its worker write the next.
	for seen := 0; seen < 3; {
		n, err := news.Next(t.Context(), make([]store.Announcement, 10))
		if err != nil {
			t.Fatal(err)
		}
		seen += n
	}
	l.Stop()
	if r := l.Report(); r.Running || r.Messages == 0 || r.Errors != 0 {
		t.Errorf("after the end: %+v", r)
	}
	if err := l.Start(1); err != nil {
		t.Errorf("it does not start again: %v", err)
	}
	l.Stop()
}
