// Package pgtest starts a real PostgreSQL for tests, as a user of its own in a
// temporary directory, with what Message DB's package and EventoDB's layout lay out.
package pgtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL that runs until the test ends.
type Server struct {
	Dir  string // its data and its log
	Port int

	bin       string
	settings  []string
	process   *exec.Cmd
	ended     chan struct{} // closed when process has
	databases atomic.Int64
}

// Start starts a server, or skips the test where there is no PostgreSQL, or no way
// to run it: as root it refuses.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	bin := binaries()
	if bin == "" {
		t.Skip("there is no PostgreSQL on this machine: no initdb in PATH nor below /usr/lib/postgresql")
	}
	dir, err := os.MkdirTemp("", "evtui-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{Dir: dir, Port: freePort(t)}
	if err := giveTo(dir); err != nil {
		t.Skipf("PostgreSQL refuses to run as root, and there is no other user: %v", err)
	}
	run := command(t, dir, filepath.Join(bin, "initdb"), "-D", dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, said)
	}
	s.bin, s.settings = bin, settings
	t.Cleanup(func() { s.Stop() })
	s.Restart(t)
	return s
}

// Stop stops the server as "pg_ctl stop -m fast" does, unless it is stopped.
func (s *Server) Stop() {
	if s.ended == nil {
		return
	}
	_ = s.process.Process.Signal(os.Interrupt)
	<-s.ended
}

// binaries is the directory of PostgreSQL's programs.
func binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if one, err := exec.LookPath("initdb"); err == nil {
		found = append(found, one)
	}
	for _, one := range found {
		if _, err := os.Stat(filepath.Join(filepath.Dir(one), "postgres")); err == nil {
			return filepath.Dir(one)
		}
	}
	return ""
}

// Ports of servers lie below those that systems give to outgoing connections, one of
// which would else take a port between the moment that it is found free and the one that
// a server listens there, or while a server is restarted.
const (
	firstPort = 20_000
	ports     = 12_000
)

func freePort(t testing.TB) int {
	for range 100 {
		port := firstPort + rand.IntN(ports)
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatalf("no port is free among 100 from %d on", firstPort)
	return 0
}

// Restart starts a server that was stopped, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	args := []string{"-D", s.Dir + "/data", "-k", s.Dir, "-p", strconv.Itoa(s.Port)}
	for _, one := range append([]string{"listen_addresses=127.0.0.1", "fsync=off", "max_prepared_transactions=5"}, s.settings...) {
		args = append(args, "-c", one)
	}
	s.process = command(t, s.Dir, filepath.Join(s.bin, "postgres"), args...)
	log, err := os.OpenFile(s.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	process, ended := s.process, make(chan struct{})
	go func() { defer close(ended); _ = process.Wait() }()
	s.ended = ended
	awaitAnswer(t, "PostgreSQL", s.URL("postgres"), ended, func() string { said, _ := os.ReadFile(s.LogFile()); return string(said) })
}

// awaitAnswer returns once a connection to u is taken. It fails the test when the
// process has ended, with what it said, or takes too long.
func awaitAnswer(t testing.TB, name string, u *url.URL, ended <-chan struct{}, said func() string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		c, err := pgx.Connect(ctx, u.String())
		cancel()
		if err == nil {
			_ = c.Close(context.Background())
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", name, said())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer: %v", name, err)
		}
	}
}

// LogFile is what the server says.
func (s *Server) LogFile() string { return filepath.Join(s.Dir, "log") }

// URL names a database as the user postgres.
func (s *Server) URL(database string) *url.URL {
	return &url.URL{Scheme: "postgres", User: url.User("postgres"), Host: "127.0.0.1:" + strconv.Itoa(s.Port), Path: "/" + database, RawQuery: "sslmode=disable"}
}

// Create makes an empty database and returns its name. options are those of CREATE
// DATABASE, such as "TEMPLATE x".
func (s *Server) Create(t testing.TB, options string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	s.Exec(t, "postgres", "CREATE DATABASE "+name+" "+options)
	return name
}

// Connect opens a connection of the test's own.
func (s *Server) Connect(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), s.URL(database).String())
	if err != nil {
		t.Fatalf("connect to %s: %v", database, err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// Exec runs statements on a database.
func (s *Server) Exec(t testing.TB, database, statements string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.URL(database).String())
	if err != nil {
		t.Fatalf("connect to %s: %v", database, err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.PgConn().Exec(ctx, statements).ReadAll(); err != nil {
		t.Fatalf("on %s: %v", database, err)
	}
}

// MessageDB installs Message DB, from its own package, in a database. It skips the
// test where the package cannot be had.
func (s *Server) MessageDB(t testing.TB, database string) {
	t.Helper()
	base := messageDB(t)
	var all strings.Builder
	for _, pattern := range []string{
		"schema/*", "types/*", "tables/*", "functions/message-store-version*", "functions/hash-64*", "functions/acquire-lock*", "functions/category*", "functions/is-category*",
		"functions/id*", "functions/cardinal-id*", "functions/stream-version*", "functions/write-message*", "functions/get-*", "indexes/*",
	} {
		files, err := filepath.Glob(filepath.Join(base, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("Message DB's package has no %s", pattern)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
			all.WriteString("\n")
		}
	}
	s.Exec(t, database, "SET search_path = message_store, public; "+all.String())
}

// messageDBVersion is the npm package whose SQL is installed; nothing of it is in
// this repository.
const messageDBVersion = "@eventide/message-db@1.3.1"

// messageDB fetches the package, once a machine.
func messageDB(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "evtui-ci", "message-db")
	base := filepath.Join(dir, "package", "database")
	if _, err := os.Stat(filepath.Join(base, "VERSION.txt")); err == nil {
		return base
	}
	aside := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "sh", "-c", "npm pack --silent "+messageDBVersion+" && tar xzf ./*.tgz")
	run.Dir = aside
	if said, err := run.CombinedOutput(); err != nil {
		t.Skipf("Message DB's package cannot be had from npm: %v: %s", err, said)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// Another test may have been faster.
	if err := os.Rename(filepath.Join(aside, "package"), filepath.Join(dir, "package")); err != nil {
		return filepath.Join(aside, "package", "database")
	}
	return base
}

// EventoDB lays a database out as EventoDB does: a registry of namespaces.
func (s *Server) EventoDB(t testing.TB, database string) {
	t.Helper()
	s.Exec(t, database, `CREATE SCHEMA eventodb_store;
		CREATE TABLE eventodb_store.namespaces (id text PRIMARY KEY, token_hash text NOT NULL UNIQUE, schema_name text NOT NULL UNIQUE,
			description text, created_at bigint NOT NULL, metadata jsonb)`)
}

// Namespace adds a namespace to EventoDB's registry, with its table.
func (s *Server) Namespace(t testing.TB, database, id, schema, tokenHash string) {
	t.Helper()
	quote := func(name string) string { return pgx.Identifier{name}.Sanitize() }
	literal := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
	s.Exec(t, database, fmt.Sprintf(`CREATE SCHEMA %[1]s;
		CREATE TABLE %[1]s.messages (id uuid NOT NULL DEFAULT gen_random_uuid(), stream_name varchar NOT NULL, type varchar NOT NULL, "position" bigint NOT NULL,
			global_position bigserial NOT NULL, data jsonb, metadata jsonb, "time" timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'), PRIMARY KEY (global_position));
		CREATE UNIQUE INDEX messages_id ON %[1]s.messages (id);
		CREATE UNIQUE INDEX messages_stream ON %[1]s.messages (stream_name, position);
		CREATE INDEX messages_category ON %[1]s.messages ((split_part(stream_name, '-', 1)), global_position, ((metadata->>'correlationStreamName')));
		INSERT INTO eventodb_store.namespaces VALUES (%[2]s, %[3]s, %[4]s, 'a namespace', extract(epoch FROM now())::bigint, '{}')`,
		quote(schema), literal(id), literal(tokenHash), literal(schema)))
}
