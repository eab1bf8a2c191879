package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// mustBeRefused checks that a head is refused as unavailable, before the caller
// gives up, and that the reason says why.
func mustBeRefused(t testing.TB, s *pgstore.Store, what, why string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := s.Head(ctx, "default")
	var unavailable *store.UnavailableError
	if !errors.As(err, &unavailable) || !strings.Contains(err.Error(), why) {
		t.Errorf("%s: %v, which should say %q", what, err, why)
	}
}

// TestServerStopsAndRestarts has a subscription wait while PostgreSQL stops and
// comes back: it says so, and goes on with the next call where it was.
func TestServerStopsAndRestarts(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	s := mustLook(t, server, database, "", quick())
	insert := `INSERT INTO message_store.messages (stream_name, type, position) VALUES ('a-1', 'T', (SELECT count(*) FROM message_store.messages))`
	server.Exec(t, database, insert)
	sub, err := s.Subscribe(t.Context(), "default", store.SubscribeQuery{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Close() }()
	buf := make([]store.Announcement, 10)
	if n, err := sub.Next(t.Context(), buf); n != 1 || err != nil {
		t.Fatalf("%d announcements, %v", n, err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := sub.Next(t.Context(), buf)
		ended <- err
	}()
	server.Stop()
	mustBeRefused(t, s, "stopped", "")
	var unavailable *store.UnavailableError
	select {
	case err := <-ended:
		if !errors.As(err, &unavailable) {
			t.Errorf("the subscription: %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("a subscription waits for a server that is stopped")
	}
	eventually(t, func() string { return "no section says it" }, func() bool {
		found, _ := section(s, "server")
		return found.Fault != ""
	})
	server.Restart(t)
	server.Exec(t, database, insert)
	eventually(t, func() string { return "it does not come back" }, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		n, err := sub.Next(ctx, buf)
		return err == nil && n == 1 && buf[0].GlobalPosition == 2
	})
	eventually(t, func() string { return "the sections do not come back" }, func() bool {
		found, _ := section(s, "server")
		return found.Fault == "" && !found.At.IsZero()
	})
}

// TestServerIsFull has other programs take all connections.
func TestServerIsFull(t *testing.T) {
	const most, reserved = 12, 2
	server := pgtest.Start(t, fmt.Sprintf("max_connections=%d", most), fmt.Sprintf("superuser_reserved_connections=%d", reserved))
	database := messageDB(t, server)
	mustGuest(t, server, database)
	server.Exec(t, database, "CREATE ROLE other LOGIN")
	s := mustLook(t, server, database, "guest", pgstore.Options{})
	admin := server.Connect(t, database)
	u := server.URL(database)
	u.User = nil
	var others []*pgx.Conn
	// Once they have all there are, connections that are still ending among them,
	// nobody else can have one.
	eventually(t, func() string { return fmt.Sprintf("%d connections are taken", len(others)) }, func() bool {
		mustExec(t, admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guest'")
		if c, err := pgx.Connect(t.Context(), u.String()+"&user=other"); err == nil {
			others = append(others, c)
		}
		return len(others) == most-reserved-1
	})
	for range 4 { // connections that the pool believes in are found to be gone
		_, _ = s.Head(t.Context(), "default")
	}
	mustBeRefused(t, s, "full", "")
	for _, c := range others {
		_ = c.Close(context.Background())
	}
	eventually(t, func() string { return "it does not come back" }, func() bool {
		_, err := s.Head(t.Context(), "default")
		return err == nil
	})
}

// hangable passes bytes on between clients and a server, unless it hangs.
type hangable struct {
	listener net.Listener
	to       string
	hangs    atomic.Bool
	passing  sync.WaitGroup
}

func mustPass(t testing.TB, to string) *hangable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hangable{listener: l, to: to}
	ended := make(chan struct{})
	go func() { defer close(ended); h.accept() }()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
		h.passing.Wait()
	})
	return h
}

func (h *hangable) accept() {
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	for {
		in, err := h.listener.Accept()
		if err != nil {
			return
		}
		open = append(open, in)
		out, err := net.Dial("tcp", h.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		open = append(open, out)
		h.passing.Go(func() { h.pass(in, out) })
		h.passing.Go(func() { h.pass(out, in) })
	}
}

// pass drops what comes while it hangs: what is waited for then never comes.
func (h *hangable) pass(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err == nil && !h.hangs.Load() {
			_, err = to.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// TestServerHangs has nothing come back from PostgreSQL any more: nobody waits for it
// longer than is said.
func TestServerHangs(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	u := server.URL(database)
	way := mustPass(t, u.Host)
	u.Host = way.listener.Addr().String()
	s := mustLookAt(t, u, pgstore.Options{})
	if _, err := s.Head(t.Context(), "default"); err != nil {
		t.Fatal(err)
	}
	way.hangs.Store(true)
	mustBeRefused(t, s, "it hangs", "PostgreSQL")
	mustBeRefused(t, s, "it still hangs", "PostgreSQL")
	way.hangs.Store(false)
	eventually(t, func() string { return "it does not come back" }, func() bool {
		_, err := s.Head(t.Context(), "default")
		return err == nil
	})
}
