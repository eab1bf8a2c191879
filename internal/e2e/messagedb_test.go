package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// pictures says where the picture of a Message DB goes; `make screenshots` gives it.
var pictures = flag.String("pictures", "", "write the picture of a Message DB into this directory")

// messageDBLines are the three lines that docs/postgresql.md begins with.
func messageDBLines(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "postgresql.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```sh by=internal/e2e.TestMessageDB\n")
	block, _, _ = strings.Cut(block, "```")
	lines := strings.Split(strings.TrimSpace(block), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[2], "evtui --db-url ") {
		t.Fatalf("the page begins with %q", lines)
	}
	return lines
}

// TestMessageDB follows docs/postgresql.md to the letter on a PostgreSQL of its own:
// it installs Message DB, writes two events with its own function, and looks. Then
// others write, record a position, and wait for each other, and the pages show it.
func TestMessageDB(t *testing.T) {
	server := pgtest.Start(t)
	home := t.TempDir()
	env := []string{"HOME=" + home, "PGHOST=127.0.0.1", "PGPORT=" + strconv.Itoa(server.Port), "PGUSER=postgres"}
	lines := messageDBLines(t)
	mustInstall(t, home, env, lines[0])
	mustShell(t, home, env, lines[1])
	term := mustStart(t, Options{
		Binary: binary, Args: strings.Fields(lines[2])[1:], Dir: home, Width: 132, Height: 36,
		Env: []string{"HOME=" + home, "PGPORT=" + strconv.Itoa(server.Port), "EVTUI_LISTEN=127.0.0.1:0"},
	})
	mustSee(t, term, "1 Overview", "read-only")
	mustMatch(t, term, `2 messages +1 stream +1 category`)
	writer := server.Connect(t, "message_store")
	write := func(stream, kind, data string) {
		t.Helper()
		sql := `SELECT message_store.write_message(gen_random_uuid()::varchar, $1, $2, $3::text::jsonb)`
		if _, err := writer.Exec(context.Background(), sql, stream, kind, data); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := writer.Exec(context.Background(), "SET search_path = message_store, public"); err != nil {
		t.Fatal(err)
	}
	mustPress(t, term, "3")
	mustMatch(t, term, `account-1 +1 +Deposited`)
	write("account-2", "Opened", `{"owner": "Ben", "limit": 9007199254740993}`)
	mustMatch(t, term, `account-2 +0 +Opened .*9007199254740993`)
	write("account:position-billing", "Recorded", `{"position": 1}`)
	mustPress(t, term, "4")
	mustMatch(t, term, `account +billing .* 2 .*position stream`)
	mustShowLocks(t, server, term)
	mustQuit(t, term)
}

// mustShowLocks has one transaction hold a category that another waits for, beside
// traffic for the charts, and sees both on the Engine page.
func mustShowLocks(t *testing.T, server *pgtest.Server, term *Terminal) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	traffic := server.Connect(t, "message_store")
	// Whatever fails here: a connection is closed once nobody uses it.
	var busy sync.WaitGroup
	defer func() {
		cancel()
		busy.Wait()
	}()
	busy.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			stream := fmt.Sprintf("%s-%d", []string{"account", "transfer", "fundsTransfer"}[i%3], i%20)
			_, _ = traffic.Exec(ctx, `SET search_path = message_store, public`)
			_, _ = traffic.Exec(ctx, `SELECT write_message(gen_random_uuid()::varchar, $1, 'Deposited', '{"amount": 5}')`, stream)
		}
	})
	mustMatch(t, term, `[1-9][\d,]* new/s`)
	holding, waiting := server.Connect(t, "message_store"), server.Connect(t, "message_store")
	const order = `SET search_path = message_store, public; BEGIN; SELECT write_message(gen_random_uuid()::varchar, 'order-7', 'Placed', '{"total": 12}');`
	if _, err := holding.PgConn().Exec(ctx, order+" COMMIT;"+order).ReadAll(); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	busy.Go(func() {
		_, err := waiting.PgConn().Exec(ctx, order+" COMMIT;").ReadAll()
		waited <- err
	})
	mustPress(t, term, "5")
	pid := holding.PgConn().PID()
	mustMatch(t, term, fmt.Sprintf(`holds category order +process %d of postgres`, pid))
	mustMatch(t, term, fmt.Sprintf(`waits for category order +process %d of postgres.* process %d of postgres`, waiting.PgConn().PID(), pid))
	if *pictures != "" {
		mustPicture(t, term)
	}
	// Who writes is listed below, which every lock of the traffic pushes down.
	if err := term.Resize(132, 60); err != nil {
		t.Fatal(err)
	}
	mustMatch(t, term, fmt.Sprintf(`process %d of postgres .*idle in transaction`, pid))
	if _, err := holding.Exec(ctx, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	if _, err := term.Await("no more locks", patience, func(s Screen) bool { return !s.Has("category order") }); err != nil {
		t.Error(err)
	}
}

// mustPicture waits until the locks have been there for a while, and writes the picture.
func mustPicture(t *testing.T, term *Terminal) {
	t.Helper()
	mustMatch(t, term, `holds category order.* [1-9]\d*(\.\d)? s`)
	file, err := os.Create(filepath.Join(*pictures, "messagedb.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := term.Settle(60*time.Millisecond, patience).WriteSVG(file, "evtui · a Message DB"); err != nil {
		t.Fatal(err)
	}
}

// mustInstall runs the line that installs Message DB, or skips where npm cannot have it.
func mustInstall(t *testing.T, dir string, env []string, line string) {
	t.Helper()
	for _, program := range []string{"npm", "psql", "createdb"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s on this machine", program)
		}
	}
	fetch, install, _ := strings.Cut(line, " && ")
	if said, err := shell(t, dir, env, fetch); err != nil {
		t.Skipf("Message DB's package cannot be had from npm: %v: %s", err, said)
	}
	mustShell(t, dir, env, install)
}

func mustShell(t *testing.T, dir string, env []string, line string) {
	t.Helper()
	if said, err := shell(t, dir, env, line); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, said)
	}
}

func shell(t *testing.T, dir string, env []string, line string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "sh", "-c", line)
	run.Dir, run.Env = dir, append(append(os.Environ(), "NO_UPDATE_NOTIFIER=1"), env...)
	said, err := run.CombinedOutput()
	return string(said), err
}
