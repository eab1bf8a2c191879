package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

func mustOpen(t testing.TB, cfg host.Config) *host.Host {
	t.Helper()
	h, err := host.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mustHost(t testing.TB, cfg host.Config) *host.Host {
	t.Helper()
	h := mustOpen(t, cfg)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestSecondComesToTheFirst(t *testing.T) {
	dir := host.Place(t.TempDir())
	mustHost(t, host.Config{Dir: dir, Listen: "127.0.0.1:0"})
	tg := target.Target{Data: string(dir)}
	s, err := tg.Open(t.Context(), &cobra.Command{}, target.ToRead)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Host != nil {
		t.Error("the second has a host of its own")
	}
	if _, err := s.Write(t.Context(), "account-1", client.Event{Type: "Opened", Data: []byte("{}")}, client.NewStream()); err != nil {
		t.Error(err)
	}
}

func TestWithoutNetworkTheSecondIsToldSo(t *testing.T) {
	dir := host.Place(t.TempDir())
	mustHost(t, host.Config{Dir: dir, Listen: host.NoNetwork})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 250*time.Millisecond, errors.New("waited long enough"))
	defer cancel()
	tg := target.Target{Data: string(dir)}
	if _, err := tg.Open(ctx, &cobra.Command{}, target.ToRead); err == nil || err.Error() != "waited long enough" {
		t.Errorf("the second does not wait for the first: %v", err)
	}
}

func TestStaleEndpointMisleadsNobody(t *testing.T) {
	dir := host.Place(t.TempDir())
	if err := os.WriteFile(filepath.Join(string(dir), "endpoint"), []byte("http://127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tg := target.Target{Data: string(dir)}
	s, err := tg.Open(t.Context(), &cobra.Command{}, target.ToMake)
	if err != nil {
		t.Fatal(err)
	}
	if s.Host == nil {
		t.Error("followed the endpoint of a server that is gone")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(string(dir), "endpoint")); err == nil {
		t.Error("the endpoint file outlives the host")
	}
}

func TestLoaderStartsOnceReportsAndStops(t *testing.T) {
	h := mustHost(t, host.Config{Listen: host.NoNetwork})
	s, err := (&target.Target{}).Embed(h)
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
	news, err := s.Subscribe(t.Context(), client.SubscribeQuery{From: 1})
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
