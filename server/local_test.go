package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// connect returns both ends of an in-process connection.
func connect(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l := server.NewMemListener()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	near, err := l.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	far = <-accepted
	t.Cleanup(func() { _, _, _ = near.Close(), far.Close(), l.Close() })
	return near, far
}

func TestMemListener(t *testing.T) {
	l := server.NewMemListener()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody accepts, and Dial says %v", err)
	}
	if l.Addr().Network() != "memory" {
		t.Errorf("the network is %q", l.Addr().Network())
	}
	waiting := make(chan error, 1)
	go func() { _, err := l.Accept(); waiting <- err }()
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-waiting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept says %v", err)
	}
	if _, err := l.Dial(context.Background()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial says %v", err)
	}
}

func TestMemConnCarriesBothWays(t *testing.T) {
	near, far := connect(t)
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // eight times what it buffers
	var wg sync.WaitGroup
	for _, c := range []net.Conn{near, far} {
		wg.Go(func() {
			if n, err := c.Write(sent); n != len(sent) || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
		})
		wg.Go(func() {
			got := make([]byte, len(sent))
			if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("read %v, the same: %v", err, bytes.Equal(got, sent))
			}
		})
	}
	wg.Wait()
}

func TestMemConnCloses(t *testing.T) {
	near, far := connect(t)
	if _, err := near.Write([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	if err := near.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(far); err != nil || string(got) != "last words" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := far.Write([]byte("x")); err != nil {
		t.Errorf("half closed, the other half says %v", err)
	}
	_ = near.Close()
	if _, err := far.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing to nobody says %v", err)
	}
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("reading what is closed says %v", err)
	}
	if _, err := near.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing what is closed says %v", err)
	}
}

func TestMemConnDeadlines(t *testing.T) {
	near, far := connect(t)
	_ = near.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	var timeout net.Error
	if _, err := near.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
	// A deadline in the past wakes who waits already; net/http relies on it.
	_ = near.SetReadDeadline(time.Time{})
	woken := make(chan error, 1)
	go func() { _, err := near.Read(make([]byte, 1)); woken <- err }()
	_ = near.SetReadDeadline(time.Unix(1, 0))
	if err := <-woken; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	_ = near.SetDeadline(time.Time{})
	if _, err := far.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := near.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("after the deadline is off: %d, %v", n, err)
	}
	_ = near.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	n, err := near.Write(make([]byte, 1<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == 1<<20 {
		t.Errorf("writing more than fits: %d, %v", n, err)
	}
}

func TestLogRingPassesOnAndKeeps(t *testing.T) {
	var text logText
	ring := server.NewLogRing(10, slog.LevelInfo, slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelWarn}))
	log := slog.New(ring)
	log.Debug("too fine")
	log.Info("kept", "time", "x", "level", 5, "msg", "y")
	log.With("a", 1).WithGroup("g").With("b", 2).Warn("nested", "c", 3)
	log.WithGroup("").Error("failed", "err", errors.New("why"))
	log.Info("bare")
	var got []string
	for _, l := range ring.After(0, 100) {
		got = append(got, fmt.Sprintf("%d %s %s %s", l.Seq, l.Level, l.Text, l.Attrs))
		if time.Since(l.Time) > time.Minute || l.Time.Location() != time.UTC {
			t.Errorf("the time is %v", l.Time)
		}
	}
	want := []string{
		`1 INFO kept {"time":"x","level":5,"msg":"y"}`,
		`2 WARN nested {"a":1,"g":{"b":2,"c":3}}`,
		`3 ERROR failed {"err":"why"}`,
		`4 INFO bare `,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if passed := text.String(); strings.Contains(passed, "kept") || !strings.Contains(passed, "a=1 g.b=2 g.c=3") || !strings.Contains(passed, "failed") {
		t.Errorf("passed on: %s", passed)
	}
}

func TestLogRingUnderLoad(t *testing.T) {
	ring := server.NewLogRing(50, nil, nil)
	log := slog.New(ring)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 500 {
				log.Info("line", "w", w, "i", i)
			}
		})
	}
	wg.Go(func() {
		last := uint64(0)
		for last < 2000 {
			for _, l := range ring.After(last, 7) {
				if l.Seq <= last {
					t.Errorf("line %d follows %d", l.Seq, last)
				}
				last = l.Seq
			}
			runtime.Gosched()
		}
	})
	wg.Wait()
}

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

var _ store.Store = (*storetest.Model)(nil)
