package host

import (
	"bytes"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

func TestMain(m *testing.M) { jettest.Main(m) }

// cluster is one evtui's way to a cluster that no other test sees.
type cluster struct {
	url      *url.URL
	password string
}

func mustCluster(t *testing.T) cluster {
	t.Helper()
	c := jettest.Shared(t)
	u := c.URL()
	user, password := c.Account(t)
	u.User = url.User(user)
	return cluster{u, password}
}

// config is that of an evtui with its copy in a directory.
func (c cluster) config(dir string) Config {
	return Config{Dir: Place(dir), Elsewhere: c.url, Password: c.password, Listen: "127.0.0.1:0"}
}

func mustRead(t *testing.T, name string) string {
	t.Helper()
	text, err := readLine(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestClusterDirectory brings up an evtui on a cluster, finds its directory locked, and opens
// it again by its name alone.
func TestClusterDirectory(t *testing.T) {
	c, dir := mustCluster(t), filepath.Join(t.TempDir(), "data")
	h, err := Open(t.Context(), c.config(dir))
	if err != nil {
		t.Fatal(err)
	}
	if mustRead(t, Place(dir).TokenFile()) != h.Token || h.Token == "" {
		t.Error("the admin token is not in its file")
	}
	if at, token, err := Place(dir).Endpoint(); err != nil || at != h.URL() || token != h.Token {
		t.Errorf("the endpoint is %s, %v", at, err)
	}
	if b, err := Place(dir).Backend(); err != nil || b != "nats" || !Place(dir).Copies() {
		t.Errorf("the directory is taken for %q, %v", b, err)
	}
	if text := mustRead(t, filepath.Join(dir, "cluster")); !strings.HasPrefix(text, "nats://") || strings.Contains(text, ":"+c.password+"@") {
		t.Errorf("the directory remembers %s", text)
	}
	for _, again := range []Config{c.config(dir), {Dir: Place(dir), Password: c.password}} {
		if _, err := Open(t.Context(), again); !Locked(err) {
			t.Errorf("opened twice: %v", err)
		}
	}
	written, err := mustClient(t, h, h.Token).Write(t.Context(), "order-1", client.Event{Type: "Placed", Data: []byte(`{}`)}, client.AnyVersion())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = mustOpen(t, Config{Dir: Place(dir), Password: c.password, Listen: "127.0.0.1:0"})
	if got, err := mustClient(t, h, h.Token).Version(t.Context(), "order-1"); err != nil || got != written.LastPosition {
		t.Errorf("after opening it by its name: version %d, %v", got, err)
	}
}

// TestClusterRefusesOtherStores has no directory follow a cluster that is one of another
// store, and names both.
func TestClusterRefusesOtherStores(t *testing.T) {
	c, other, dir := mustCluster(t), mustCluster(t), t.TempDir()
	if err := mustOpenByHand(t, c.config(dir)).Close(); err != nil {
		t.Fatal(err)
	}
	first := mustOpen(t, other.config(t.TempDir()))
	if first.Token == "" {
		t.Fatal("the other cluster has no admin token")
	}
	kept := mustRead(t, Place(dir).TokenFile())
	_, err := Open(t.Context(), other.config(dir))
	if err == nil || !strings.Contains(err.Error(), c.url.User.Username()+"@") || !strings.Contains(err.Error(), "is another cluster") {
		t.Errorf("opened on another cluster: %v", err)
	}
	if mustRead(t, Place(dir).TokenFile()) != kept {
		t.Error("the token's file was changed")
	}
	if h, err := Open(t.Context(), c.config(dir)); err != nil {
		t.Errorf("the directory is of no use any more: %v", err)
	} else if err := h.Close(); err != nil {
		t.Error(err)
	}
	pebble := t.TempDir()
	if err := mustOpenByHand(t, Config{Dir: Place(pebble), Listen: NoNetwork}).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c.config(pebble)); err == nil || !strings.Contains(err.Error(), "holds a pebble store") {
		t.Errorf("a copy beside a store: %v", err)
	}
	if _, err := os.Stat(filepath.Join(pebble, "projection")); err == nil {
		t.Error("a copy was made beside a store")
	}
}

// mustOpenByHand is mustOpen for who closes by hand.
func mustOpenByHand(t *testing.T, cfg Config) *Host {
	t.Helper()
	h, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestClusterToken has a second evtui start without the admin token, with it, and with a wrong
// one.
func TestClusterToken(t *testing.T) {
	c := mustCluster(t)
	first := mustOpen(t, c.config(t.TempDir()))
	var log bytes.Buffer
	cfg := c.config(t.TempDir())
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	second := mustOpenByHand(t, cfg)
	if !strings.Contains(log.String(), "nobody told the admin token of this cluster") || !strings.Contains(log.String(), "--token-file") {
		t.Errorf("the log says %s", log.String())
	}
	if _, err := mustClient(t, second, first.Token).Namespaces(t.Context()); err != nil {
		t.Errorf("the cluster's token at the second evtui: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Token = wire.NewToken(store.DefaultNamespace)
	if _, err := Open(t.Context(), cfg); !errors.Is(err, server.ErrTokenDiffers) {
		t.Errorf("a wrong token: %v", err)
	}
	if text := mustRead(t, cfg.Dir.TokenFile()); text != "" {
		t.Errorf("the wrong token was kept: %s", text)
	}
	cfg.Token = first.Token
	if err := mustOpenByHand(t, cfg).Close(); err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, cfg.Dir.TokenFile()); got != first.Token {
		t.Errorf("the given token is not kept: %q", got)
	}
	cfg.Token = ""
	if h := mustOpen(t, cfg); h.Token != first.Token {
		t.Errorf("after that it starts with %q", h.Token)
	}
}

// TestTwoFirstStarts has several evtui find an empty cluster at once: one makes the namespace
// default, and no other keeps a token that nothing takes.
func TestTwoFirstStarts(t *testing.T) {
	c := mustCluster(t)
	const n = 3
	var (
		starts sync.WaitGroup
		hosts  [n]*Host
	)
	for i := range n {
		starts.Go(func() {
			h, err := Open(t.Context(), c.config(filepath.Join(t.TempDir(), "data")))
			if err != nil {
				t.Errorf("evtui %d: %v", i, err)
				return
			}
			hosts[i] = h
		})
	}
	starts.Wait()
	token := ""
	for i, h := range hosts {
		if h == nil {
			continue
		}
		kept := mustRead(t, h.Dir.TokenFile())
		if kept != h.Token || kept != "" && token != "" {
			t.Errorf("evtui %d keeps %q, says %q, and another has %q", i, kept, h.Token, token)
		}
		token += kept
	}
	for i, h := range hosts {
		if h == nil {
			continue
		}
		if _, err := mustClient(t, h, token).Namespaces(t.Context()); err != nil {
			t.Errorf("evtui %d does not take the token that was kept: %v", i, err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestClusterFirstStartIsNotTorn has a first start end after it kept the token and before it
// knew that the namespace was made.
func TestClusterFirstStartIsNotTorn(t *testing.T) {
	c, dir := mustCluster(t), t.TempDir()
	h := mustOpenByHand(t, c.config(dir))
	token := h.Token
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	file := Place(dir).TokenFile()
	if err := os.Rename(file, file+".next"); err != nil {
		t.Fatal(err)
	}
	if h = mustOpen(t, c.config(dir)); h.Token != token || mustRead(t, file) != token {
		t.Errorf("it starts with %q, not %q", h.Token, token)
	}
}
