package pgstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// quick has the lookout look often.
func quick() pgstore.Options { return pgstore.Options{LookTime: 20 * time.Millisecond} }

// eventually asks again until it holds; what says what was there last.
func eventually(t testing.TB, what func() string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come to be: %s", what())
		}
		<-time.After(5 * time.Millisecond)
	}
}

// section is one of the store's, as text a row, or "" when it is not there.
func section(s *pgstore.Store, name string) (store.Section, string) {
	for _, one := range s.Sections() {
		if one.Name != name {
			continue
		}
		var b strings.Builder
		for _, row := range one.Rows {
			fmt.Fprintf(&b, "%s:", row.Name)
			for _, v := range row.Values {
				fmt.Fprintf(&b, " [%v %s %s %s]", v.Number, v.Unit, v.Text, v.Verdict)
			}
			b.WriteString("\n")
		}
		return one, b.String()
	}
	return store.Section{}, ""
}

// mustGuest makes a role with the two grants.
func mustGuest(t testing.TB, server *pgtest.Server, database string) {
	t.Helper()
	server.Exec(t, database, `CREATE ROLE guest LOGIN; GRANT USAGE ON SCHEMA message_store TO guest; GRANT SELECT ON message_store.messages TO guest`)
}

// TestSectionsTellWhoHoldsWhat has one transaction hold a category and the settled
// head, and another wait for the category, and looks with the two grants only, then
// with pg_monitor.
func TestSectionsTellWhoHoldsWhat(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	mustGuest(t, server, database)
	s := mustLook(t, server, database, "guest", quick())
	holding, waiting := server.Connect(t, database), server.Connect(t, database)
	for _, c := range []*pgx.Conn{holding, waiting} {
		mustExec(t, c, "SET search_path = message_store, public")
	}
	mustExec(t, holding, write, "account-1") // a category is known by its messages
	mustExec(t, holding, "BEGIN")
	mustExec(t, holding, write, "account-1")
	ended := make(chan error, 1)
	var busy sync.WaitGroup
	busy.Go(func() {
		_, err := waiting.Exec(t.Context(), write, "account-2")
		ended <- err
	})
	t.Cleanup(busy.Wait) // whatever fails here: before its connection is closed
	var locks, head string
	last := func() string { return locks + head }
	pid := fmt.Sprintf("process %d of postgres", holding.PgConn().PID())
	eventually(t, last, func() bool {
		_, locks = section(s, "locks")
		return strings.Contains(locks, "holds category account: [0 text "+pid) && strings.Contains(locks, "waits for category account:") &&
			strings.Contains(locks[strings.Index(locks, "waits for"):], pid)
	})
	var found store.Section
	eventually(t, last, func() bool {
		found, head = section(s, "head")
		return strings.Contains(head, pid+":")
	})
	if !strings.Contains(found.Lacks, "GRANT pg_monitor TO guest") {
		t.Errorf("the head's section lacks %q", found.Lacks)
	}
	server.Exec(t, database, "GRANT pg_monitor TO guest")
	eventually(t, last, func() bool {
		found, head = section(s, "head")
		return strings.Contains(head, "idle in transaction") && strings.Contains(head, "write_message") && found.Lacks == ""
	})
	mustExec(t, holding, "COMMIT")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	eventually(t, last, func() bool {
		_, locks = section(s, "locks")
		_, head = section(s, "head")
		return locks+head == ""
	})
}

// TestSectionsMeasure is about sizes, dead rows, vacuum, indexes and the room in the
// sequence, and about what is said when the grant is taken away.
func TestSectionsMeasure(t *testing.T) {
	server := pgtest.Start(t, "autovacuum=off")
	database := messageDB(t, server)
	mustGuest(t, server, database)
	// A session tells its statistics when it ends.
	server.Exec(t, database, `SET search_path = message_store, public;
		INSERT INTO messages (stream_name, type, position) SELECT 'a-' || i, 'T', 0 FROM generate_series(1, 5000) i;
		DELETE FROM messages WHERE global_position % 3 = 0;
		ALTER SEQUENCE messages_global_position_seq MAXVALUE 6000`)
	s := mustLook(t, server, database, "guest", quick())
	var rows string
	last := func() string { return rows }
	eventually(t, last, func() bool {
		_, rows = section(s, "messages")
		return strings.Contains(rows, "dead rows: [1666 count (33 % of all) warn]")
	})
	for _, want := range []string{"vacuum: [0 text never", "of 6000 positions are left warn]"} {
		if !strings.Contains(rows, want) {
			t.Errorf("no %q in\n%s", want, rows)
		}
	}
	vacuumed := time.Time{}
	eventually(t, last, func() bool {
		found, now := section(s, "messages")
		rows = now
		if strings.Contains(rows, "rows: [3334 count") && strings.Contains(rows, "dead rows: [0 count (0 % of all) good]") && strings.Contains(rows, "seconds ago") {
			return true
		}
		if found.At.After(vacuumed) { // VACUUM passes over a page that the store reads just then
			server.Exec(t, database, "VACUUM ANALYZE message_store.messages")
			vacuumed = time.Now()
		}
		return false
	})
	_, indexes := section(s, "indexes")
	if strings.Count(indexes, "[0 text valid ]") != 4 || !strings.Contains(indexes, "messages_category") {
		t.Errorf("indexes:\n%s", indexes)
	}
	_, about := section(s, "server")
	if !strings.Contains(about, "connections: [") || !strings.Contains(about, "of 100 good]") {
		t.Errorf("server:\n%s", about)
	}
	server.Exec(t, database, `REVOKE SELECT ON message_store.messages FROM guest`)
	eventually(t, last, func() bool {
		found, now := section(s, "messages")
		rows = found.Fault
		return strings.Contains(found.Fault, "GRANT SELECT") && strings.Contains(now, "rows: [3334") && time.Since(found.At) < time.Minute
	})
}

// TestWitnessed counts what others write, some of it rolled back, by category, each
// message once.
func TestWitnessed(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	url := server.URL(database).String()
	s := mustLook(t, server, database, "", quick())
	c := server.Connect(t, database)
	mustExec(t, c, "SET search_path = message_store, public")
	seen := map[string]int64{}
	take := func() {
		for _, w := range s.Witnessed() {
			if w.Namespace != "default" {
				t.Errorf("it happened in %q", w.Namespace)
			}
			seen[w.Category] += w.Messages
		}
	}
	last := func() string { return fmt.Sprint(seen) }
	eventually(t, last, func() bool { // what is there already is nothing new
		mustExec(t, c, write, "warm-1")
		take()
		return seen["warm"] > 0
	})
	wanted := map[string]int64{}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		category := []string{"account", "order"}[i%2]
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), write, fmt.Sprintf("%s-%d", category, i)); err != nil {
			t.Fatal(err)
		}
		if random.IntN(3) == 0 {
			err = tx.Rollback(t.Context())
		} else {
			wanted[category]++
			err = tx.Commit(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		take()
	}
	eventually(t, last, func() bool {
		take()
		return seen["account"] == wanted["account"] && seen["order"] == wanted["order"]
	})
	other, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.Background()) }()
	mustExec(t, other, `INSERT INTO message_store.messages (stream_name, type, position) SELECT 'flood-' || i, 'T', 0 FROM generate_series(1, 60000) i`)
	eventually(t, last, func() bool { // too many to be told apart
		take()
		return seen[""]+seen["flood"] == 60_000
	})
	if seen["account"] != wanted["account"] || seen["order"] != wanted["order"] {
		t.Errorf("seen %v, written %v", seen, wanted)
	}
}

// TestCountsGoUpByWhatCame has categories counted while others write: the differences
// are exact also where the counts are estimates, and all is as of one settled head.
func TestCountsGoUpByWhatCame(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	c := server.Connect(t, database)
	mustExec(t, c, `INSERT INTO message_store.messages (stream_name, type, position) SELECT (ARRAY['account','order','rare'])[CASE WHEN i = 7 THEN 3 ELSE 1 + i % 2 END] || '-' || i / 4, 'T', i FROM generate_series(1, 120000) i`)
	mustExec(t, c, `ANALYZE message_store.messages`)
	s := mustLook(t, server, database, "", pgstore.Options{})
	counted := func() map[string]store.CategoryCount {
		list, err := s.Categories(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]store.CategoryCount{}
		for _, one := range list {
			if !one.Estimated {
				t.Errorf("%s is said to be exact", one.Category)
			}
			all[one.Category] = one
		}
		return all
	}
	before := counted()
	if n := before["account"].MessageCount; n < 50_000 || n > 70_000 || before["rare"].MessageCount < 1 || len(before) != 3 {
		t.Errorf("estimates %+v", before)
	}
	for i := range 10 {
		mustExec(t, c, `INSERT INTO message_store.messages (stream_name, type, position) VALUES ($1, 'T', 0)`, fmt.Sprintf("order-x%d", i))
	}
	mustExec(t, c, `INSERT INTO message_store.messages (stream_name, type, position) VALUES ('later-1', 'T', 0)`)
	after := counted()
	if came := after["order"].MessageCount - before["order"].MessageCount; came != 10 || after["order"].StreamCount-before["order"].StreamCount != 10 {
		t.Errorf("10 came, counted were %d", came)
	}
	if after["account"] != before["account"] || after["later"].MessageCount != 1 {
		t.Errorf("nothing came in account, one in later: %+v, before %+v", after, before)
	}
	if s.Describe().Counts != store.CountsEstimated {
		t.Error("the store says that it counts exactly")
	}
	// A transaction that holds the head hides what is above it, from counts too.
	holding := server.Connect(t, database)
	mustExec(t, holding, "BEGIN")
	mustExec(t, holding, `INSERT INTO message_store.messages (stream_name, type, position) VALUES ('held-1', 'T', 0)`)
	mustExec(t, c, `INSERT INTO message_store.messages (stream_name, type, position) VALUES ('order-y', 'T', 0)`)
	if again := counted(); again["order"] != after["order"] {
		t.Errorf("above the settled head: %+v, before %+v", again["order"], after["order"])
	}
}

// TestBelowTheFirstPosition: what lies below position 1 is read by nobody, so that it is
// not counted, and the namespace says so.
func TestBelowTheFirstPosition(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	c := server.Connect(t, database)
	mustExec(t, c, `INSERT INTO message_store.messages (global_position, stream_name, type, position) VALUES (-7, 'below-1', 'T', 0), (0, 'a-1', 'T', 0), (1, 'a-1', 'T', 1), (2, 'a-1', 'T', 2)`)
	s := mustLook(t, server, database, "", pgstore.Options{})
	about, err := s.Namespace(t.Context(), "default")
	if want := "not shown: messages at global positions below 1 (2)"; err != nil || about.Notice != want || about.MessageCount != 2 {
		t.Errorf("%d messages, notice %q, %v, want 2 and %q", about.MessageCount, about.Notice, err, want)
	}
	categories, err := s.Categories(t.Context(), "default")
	if err != nil || len(categories) != 1 || categories[0].MessageCount != 2 {
		t.Errorf("categories %+v, %v", categories, err)
	}
	read := 0
	for _, err := range s.ReadCategory(t.Context(), "default", store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		read++
	}
	if read != 2 {
		t.Errorf("%d messages were read, 2 are counted", read)
	}
}
