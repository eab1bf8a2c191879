package pgtest

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Bouncer is a PgBouncer in transaction mode before a server.
type Bouncer struct {
	server *Server
	port   int
}

// Bouncer starts a PgBouncer in transaction mode, with so many connections to a
// database at most, or skips the test where there is none. The roles are those that it
// lets in, without passwords, beside postgres.
func (s *Server) Bouncer(t testing.TB, connections int, roles ...string) *Bouncer {
	t.Helper()
	program := bouncerProgram()
	if program == "" {
		t.Skip("there is no PgBouncer on this machine: no pgbouncer in PATH nor in /usr/sbin")
	}
	b := &Bouncer{server: s, port: freePort(t)}
	dir := filepath.Join(s.Dir, "bouncer")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	users := ""
	for _, role := range append([]string{"postgres"}, roles...) {
		users += fmt.Sprintf("%q \"\"\n", role)
	}
	settings := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s/users
pool_mode = transaction
default_pool_size = %d
max_client_conn = 500
server_idle_timeout = 1
`, s.Port, b.port, dir, connections)
	for name, text := range map[string]string{"users": users, "settings": settings} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.start(t, command(t, dir, program, filepath.Join(dir, "settings")))
	return b
}

func bouncerProgram() string {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if one, err := exec.LookPath(name); err == nil {
			return one
		}
	}
	return ""
}

func (b *Bouncer) start(t testing.TB, process *exec.Cmd) {
	t.Helper()
	var said strings.Builder
	process.Stdout, process.Stderr = &said, &said
	if err := process.Start(); err != nil {
		t.Fatalf("start PgBouncer: %v", err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = process.Wait() }()
	t.Cleanup(func() {
		_ = process.Process.Kill()
		<-ended
	})
	awaitAnswer(t, "PgBouncer", b.URL("postgres"), ended, func() string { return said.String() })
}

// URL names a database as the user postgres, behind the bouncer.
func (b *Bouncer) URL(database string) *url.URL {
	u := b.server.URL(database)
	u.Host = "127.0.0.1:" + strconv.Itoa(b.port)
	return u
}
