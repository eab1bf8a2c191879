package server_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

func TestEnsureDefault(t *testing.T) {
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "token")
	st := storetest.NewModel()
	token, err := server.EnsureDefault(ctx, st, "", file)
	if err != nil {
		t.Fatal(err)
	}
	if named, err := wire.ParseToken(token); err != nil || named != "default" {
		t.Errorf("the token names %q (%v)", named, err)
	}
	if hash, err := st.TokenHash(t.Context(), "default"); err != nil || hash != wire.HashToken(token) {
		t.Errorf("the store does not keep the token's hash (%v)", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the token file's mode is %v", info.Mode())
	}
	again := func(given, file string) (string, error) { return server.EnsureDefault(ctx, st, given, file) }
	for _, given := range []string{"", token} {
		if got, err := again(given, file); err != nil || got != token {
			t.Errorf("given %q: got %q, %v", given, got, err)
		}
	}
	if _, err := again(wire.NewToken("default"), file); !errors.Is(err, server.ErrTokenDiffers) {
		t.Errorf("another token: %v", err)
	}
	if kept, err := os.ReadFile(file); err != nil || strings.TrimSpace(string(kept)) != token {
		t.Errorf("the token file holds %q (%v)", kept, err)
	}
	if _, err := again("", ""); !errors.Is(err, server.ErrTokenUnknown) {
		t.Errorf("no token anywhere: %v", err)
	}
	for _, wrong := range []string{"x", wire.NewToken("other")} {
		if _, err := again(wrong, file); err == nil {
			t.Errorf("%q is accepted", wrong)
		}
	}
	// A token that is given but not kept yet is kept, for those who attach.
	second := filepath.Join(t.TempDir(), "token")
	if got, err := again(token, second); err != nil || got != token {
		t.Errorf("got %q, %v", got, err)
	}
	if kept, err := os.ReadFile(second); err != nil || strings.TrimSpace(string(kept)) != token {
		t.Errorf("the second token file holds %q (%v)", kept, err)
	}
	if err := os.WriteFile(file, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := again("", file); err == nil {
		t.Error("rubbish in the token file is accepted")
	}
}

func TestEnsureDefaultTakesWhatIsGiven(t *testing.T) {
	st := storetest.NewModel()
	given := wire.NewToken("default")
	got, err := server.EnsureDefault(context.Background(), st, given, "")
	if err != nil || got != given {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestEnsureDefaultAfterACrash: the token was kept, the namespace not made.
func TestEnsureDefaultAfterACrash(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	kept := wire.NewToken("default")
	if err := os.WriteFile(file, []byte(kept+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := server.EnsureDefault(context.Background(), storetest.NewModel(), "", file)
	if err != nil || got != kept {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestNewNeedsAStore(t *testing.T) {
	if _, err := server.New(server.Config{}); err == nil {
		t.Error("a server without a store is made")
	}
}

// racedStore is a shared store on which somebody else makes the namespace default just after
// this server found none.
type racedStore struct {
	store.Store
	token string // of who is faster
	lost  bool
}

func (r *racedStore) TokenHash(ctx context.Context, id string) ([32]byte, error) {
	hash, err := r.Store.TokenHash(ctx, id)
	if errors.Is(err, store.ErrNamespaceNotFound) && !r.lost {
		r.lost = true
		if _, made := r.CreateNamespace(ctx, store.NamespaceSpec{ID: id, TokenHash: wire.HashToken(r.token)}); made != nil {
			return hash, made
		}
	}
	return hash, err
}

// TestLostRaceForDefault has another server make the namespace default first: no token that
// nothing takes is left behind, and the right one that was given is kept.
func TestLostRaceForDefault(t *testing.T) {
	others, wrong := wire.NewToken("default"), wire.NewToken("default")
	for name, c := range map[string]struct {
		given, kept, keeps string
		err                error
	}{
		"nobody told the token":   {err: server.ErrTokenUnknown},
		"the right one is given":  {given: others, keeps: others},
		"another one is given":    {given: wrong, err: server.ErrTokenDiffers},
		"another one is kept":     {kept: wrong, keeps: wrong, err: server.ErrTokenDiffers},
		"the right one is kept":   {kept: others, keeps: others},
		"kept, and another given": {given: wrong, kept: others, keeps: others, err: server.ErrTokenDiffers},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "token")
			if c.kept != "" {
				if err := os.WriteFile(file, []byte(c.kept+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			token, err := server.EnsureDefault(t.Context(), &racedStore{Store: storetest.NewModel(), token: others}, c.given, file)
			if !errors.Is(err, c.err) || err == nil && token != others {
				t.Errorf("token %q, error %v; want error %v", token, err, c.err)
			}
			kept, err := os.ReadFile(file)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(string(kept)); got != c.keeps {
				t.Errorf("the file keeps %q, want %q", got, c.keeps)
			}
			if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) > 1 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
