package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
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

// mustLook opens a database as a role.
func mustLook(t testing.TB, server *pgtest.Server, database, role string, o pgstore.Options) *pgstore.Store {
	t.Helper()
	u := server.URL(database)
	if role != "" {
		named := strings.Replace(u.String(), "postgres@", role+"@", 1)
		var err error
		if u, err = u.Parse(named); err != nil {
			t.Fatal(err)
		}
	}
	return mustLookAt(t, u, o)
}

func mustLookAt(t testing.TB, u *url.URL, o pgstore.Options) *pgstore.Store {
	t.Helper()
	s, err := pgstore.Open(t.Context(), u, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func messageDB(t testing.TB, server *pgtest.Server) (database string) {
	t.Helper()
	database = server.Create(t, "TEMPLATE template0")
	server.MessageDB(t, database)
	return database
}

const write = `SELECT message_store.write_message(gen_random_uuid()::varchar, $1, 'Noted', '{"a": 1}')`

// writer writes to streams of its own category, some transactions slowly, some
// rolled back, until the context ends.
func writer(ctx context.Context, url string, n int, random *rand.Rand, written *atomic.Int64) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.Background()) }()
	if _, err := c.Exec(ctx, "SET search_path = message_store, public"); err != nil {
		return err
	}
	for ctx.Err() == nil {
		tx, err := c.Begin(ctx)
		if err != nil {
			return err
		}
		rows := 1 + random.IntN(3)
		for range rows {
			if _, err := tx.Exec(ctx, write, fmt.Sprintf("c%d-%d", n, random.IntN(5))); err != nil {
				return err
			}
			if random.IntN(8) == 0 {
				if _, err := tx.Exec(ctx, fmt.Sprintf("SELECT pg_sleep(%f)", random.Float64()/20)); err != nil {
					return err
				}
			}
		}
		if random.IntN(6) == 0 {
			if err := tx.Rollback(ctx); err != nil {
				return err
			}
			continue
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
		written.Add(int64(rows))
	}
	return nil
}

// follow reads on from what it saw last, until nothing more comes after done.
func follow(t testing.TB, s *pgstore.Store, seen map[int64]bool, done <-chan struct{}) {
	sub, err := s.Subscribe(t.Context(), "default", store.SubscribeQuery{})
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = sub.Close() }()
	buf := make([]store.Announcement, 100)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		n, err := sub.Next(ctx, buf)
		cancel()
		for _, a := range buf[:n] {
			seen[a.GlobalPosition] = true
		}
		select {
		case <-done:
			if errors.Is(err, context.DeadlineExceeded) {
				return
			}
		default:
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
			return
		}
	}
}

// naive reads on from the highest position that it saw.
func naive(t testing.TB, url string, seen map[int64]bool, done <-chan struct{}) {
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = c.Close(context.Background()) }()
	for last, quiet := int64(0), 0; quiet < 100; {
		rows, err := c.Query(t.Context(), "SELECT global_position FROM message_store.messages WHERE global_position > $1 ORDER BY 1", last)
		if err != nil {
			t.Error(err)
			return
		}
		quiet++
		for rows.Next() {
			if err := rows.Scan(&last); err != nil {
				t.Error(err)
			}
			seen[last], quiet = true, 0
		}
		select {
		case <-done:
		default:
			quiet = 0
		}
	}
}

// TestFollowingMissesNothing follows 24 writers whose transactions end out of
// order. A reader that takes the highest position for the head misses some: else
// the test would show nothing.
func TestFollowingMissesNothing(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	url := server.URL(database).String()
	s := mustLook(t, server, database, "", pgstore.Options{})
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writers, readers sync.WaitGroup
	var written atomic.Int64
	for n := range 24 {
		writers.Go(func() {
			if err := writer(ctx, url, n, rand.New(rand.NewPCG(seed, uint64(n))), &written); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	seen, simple := map[int64]bool{}, map[int64]bool{}
	readers.Go(func() { follow(t, s, seen, done) })
	readers.Go(func() { naive(t, url, simple, done) })
	for written.Load() < 3000 && !t.Failed() {
		<-time.After(10 * time.Millisecond) // other processes write: there is nothing else to wait for
	}
	cancel()
	writers.Wait()
	close(done)
	readers.Wait()
	missed, missedSimply, all := 0, 0, 0
	c := server.Connect(t, database)
	rows, err := c.Query(t.Context(), "SELECT global_position FROM message_store.messages")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var at int64
		if err := rows.Scan(&at); err != nil {
			t.Fatal(err)
		}
		all++
		if !seen[at] {
			missed++
		}
		if !simple[at] {
			missedSimply++
		}
	}
	t.Logf("of %d messages, the subscription missed %d and a simple reader %d", all, missed, missedSimply)
	if missed > 0 {
		t.Errorf("the subscription missed %d of %d messages", missed, all)
	}
	if missedSimply == 0 {
		t.Error("a simple reader missed nothing: the writers are too tame")
	}
}

// TestHeadWaitsForWhoHoldsIt has a transaction hold a position, and then one that is
// prepared: the head waits, says for whom, and goes on.
func TestHeadWaitsForWhoHoldsIt(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	s := mustLook(t, server, database, "", pgstore.Options{})
	insertOne := `INSERT INTO message_store.messages (stream_name, type, position) VALUES ($1, 'T', 0)`
	holding, other := server.Connect(t, database), server.Connect(t, database)
	for _, prepared := range []bool{false, true} {
		before, err := s.Head(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, holding, "BEGIN")
		mustExec(t, holding, insertOne, fmt.Sprintf("held-%t", prepared))
		if prepared {
			mustExec(t, holding, "PREPARE TRANSACTION 'p'")
		}
		mustExec(t, other, insertOne, fmt.Sprintf("a-%t", prepared))
		if head, err := s.Head(t.Context(), "default"); err != nil || head != before {
			t.Errorf("prepared %t: head %d, %v while a transaction holds %d", prepared, head, err, before+1)
		}
		about, err := s.Namespace(t.Context(), "default")
		if want := map[bool]string{false: "of postgres", true: "a prepared transaction"}[prepared]; err != nil || !strings.Contains(about.Notice, want) {
			t.Errorf("prepared %t: notice %q, %v", prepared, about.Notice, err)
		}
		if prepared {
			mustExec(t, holding, "COMMIT PREPARED 'p'")
		} else {
			mustExec(t, holding, "ROLLBACK")
		}
		deadline := time.Now().Add(10 * time.Second)
		for head := before; head != before+2; {
			if head, err = s.Head(t.Context(), "default"); err != nil || time.Now().After(deadline) {
				t.Fatalf("prepared %t: head %d, %v, want %d", prepared, head, err, before+2)
			}
		}
	}
}

func mustExec(t testing.TB, c *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// TestGapIsWaitedForByTime is about sequences that hand out positions ahead.
func TestGapIsWaitedForByTime(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	server.Exec(t, database, "ALTER SEQUENCE message_store.messages_global_position_seq CACHE 10")
	s := mustLook(t, server, database, "", pgstore.Options{GapTime: 300 * time.Millisecond})
	one, other := server.Connect(t, database), server.Connect(t, database)
	insertOne := `INSERT INTO message_store.messages (stream_name, type, position) VALUES ($1, 'T', 0)`
	mustExec(t, one, insertOne, "a-1")
	mustExec(t, other, insertOne, "a-2") // at 11
	if head, err := s.Head(t.Context(), "default"); err != nil || head != 1 {
		t.Errorf("head %d, %v behind a gap that may be filled, want 1", head, err)
	}
	mustExec(t, one, insertOne, "a-3") // at 2
	for head, err := int64(0), error(nil); head != 11; {
		if head, err = s.Head(t.Context(), "default"); err != nil || head > 2 && head != 11 {
			t.Fatalf("head %d, %v", head, err)
		}
	}
}

var statement = regexp.MustCompile(`(?m)(?:statement|execute [^:]*): (.*)`)

// TestGuestSaysNothingElse has PostgreSQL log every statement of a session that
// reads all there is, by a role with the two grants only.
func TestGuestSaysNothingElse(t *testing.T) {
	server := pgtest.Start(t, "log_statement=all", "log_line_prefix=%a|")
	database := messageDB(t, server)
	server.Exec(t, database, `CREATE ROLE guest LOGIN; GRANT USAGE ON SCHEMA message_store TO guest; GRANT SELECT ON message_store.messages TO guest`)
	c := server.Connect(t, database)
	mustExec(t, c, "SET search_path = message_store, public")
	for i := range 50 {
		mustExec(t, c, write, fmt.Sprintf("a-%d", i%7))
	}
	s := mustLook(t, server, database, "guest", pgstore.Options{})
	ctx := t.Context()
	for m, err := range s.ReadCategory(ctx, "default", store.CategoryQuery{Category: "a", Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.MessageByID(ctx, "default", m.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, call := range []func() error{
		func() error { _, err := s.Head(ctx, "default"); return err },
		func() error { _, err := s.Namespaces(ctx); return err },
		func() error { _, err := s.Categories(ctx, "default"); return err },
		func() error { _, err := s.Streams(ctx, "default", store.StreamsQuery{Limit: 3}); return err },
		func() error { _, err := s.PositionAt(ctx, "default", time.Now().Add(-time.Hour)); return err },
		func() error { _, err := s.LastMessage(ctx, "default", "a-1", "Noted"); return err },
	} {
		if err := call(); err != nil {
			t.Error(err)
		}
	}
	log, err := os.ReadFile(server.LogFile())
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for line := range strings.Lines(string(log)) {
		rest, ours := strings.CutPrefix(line, "evtui|")
		found := statement.FindStringSubmatch(rest)
		if !ours || found == nil {
			continue
		}
		said++
		if text := found[1]; text != "BEGIN READ ONLY" && text != "COMMIT" && !strings.HasPrefix(text, "SET LOCAL ") && !strings.HasPrefix(text, "SELECT") && !strings.HasPrefix(text, "WITH") {
			t.Errorf("the guest said %q", text)
		}
	}
	if said < 100 {
		t.Errorf("%d statements were found in the log", said)
	}
}

// TestServerGoesAndComesBack is about what a guest says while PostgreSQL does not
// let it in, and that it comes back by itself.
func TestServerGoesAndComesBack(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	server.Exec(t, database, `CREATE ROLE guest LOGIN; GRANT USAGE ON SCHEMA message_store TO guest; GRANT SELECT ON message_store.messages TO guest`)
	s := mustLook(t, server, database, "guest", pgstore.Options{})
	refused := func(what string) {
		t.Helper()
		var unavailable *store.UnavailableError
		if _, err := s.Head(t.Context(), "default"); !errors.As(err, &unavailable) {
			t.Errorf("%s: %v", what, err)
		} else {
			t.Logf("%s: %v", what, err)
		}
	}
	server.Exec(t, database, `REVOKE SELECT ON message_store.messages FROM guest`)
	refused("without the grant")
	server.Exec(t, database, `GRANT SELECT ON message_store.messages TO guest; ALTER ROLE guest CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guest'`)
	refused("without connections")
	server.Exec(t, database, `ALTER ROLE guest CONNECTION LIMIT 4`)
	deadline := time.Now().Add(10 * time.Second)
	for {
		if _, err := s.Head(t.Context(), "default"); err == nil {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("it does not come back: %v", err)
		}
	}
}
