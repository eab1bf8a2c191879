package host

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

func mustOpen(t *testing.T, cfg Config) *Host {
	t.Helper()
	h, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestTakenPortLeavesNothingOpen(t *testing.T) {
	first := mustOpen(t, Config{Listen: "127.0.0.1:0"})
	dir := Place(t.TempDir())
	if _, err := Open(t.Context(), Config{Dir: dir, Listen: first.network.Addr().String()}); err == nil {
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
	dir := Place(t.TempDir())
	first, err := Open(t.Context(), Config{Dir: dir, Listen: NoNetwork})
	if err == nil {
		err = first.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Config{Dir: dir, Listen: NoNetwork, Token: wire.NewToken(store.DefaultNamespace)})
	if !errors.Is(err, server.ErrTokenDiffers) || !strings.Contains(err.Error(), "leave --token") {
		t.Errorf("another token: %v", err)
	}
	if err := os.WriteFile(dir.TokenFile(), []byte(wire.NewToken(store.DefaultNamespace)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Config{Dir: dir, Listen: NoNetwork})
	if !errors.Is(err, server.ErrTokenDiffers) || !strings.Contains(err.Error(), dir.TokenFile()+" holds another; give the right one") {
		t.Errorf("another token in the file: %v", err)
	}
}
