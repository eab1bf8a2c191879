package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mustOpenIn starts evtui in a terminal, in a home of its own that outlives it.
func mustOpenIn(t *testing.T, home string, args ...string) *Terminal {
	t.Helper()
	return mustStart(t, Options{Binary: binary, Width: 120, Height: 30, Args: args, Env: []string{"HOME=" + home}})
}

// mustRun runs a command in a home and returns what it printed and said.
func mustRun(t *testing.T, home string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	p, err := Launch(nil, []string{"HOME=" + home, "XDG_CONFIG_HOME=", "XDG_STATE_HOME="}, binary, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	mustExit(t, p, want)
	return p.Stdout(), p.Stderr()
}

func mustTell(t *testing.T, term *Terminal, line string) {
	t.Helper()
	if err := term.Type(":" + line + "\r"); err != nil {
		t.Fatal(err)
	}
}

func mustConfigure(t *testing.T, home, text string) {
	t.Helper()
	path := filepath.Join(home, ".config", "evtui", "config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustWriteEvent(t *testing.T, c rpc, stream, kind string) {
	t.Helper()
	var at struct{ Position int64 }
	if err := c.call(&at, "stream.write", stream, map[string]any{"type": kind, "data": map[string]any{}}); err != nil {
		t.Fatal(err)
	}
}

// TestAttachedSurvivesItsServer kills the server of an attached UI, starts it
// again in another process, and looks whether the UI goes on by itself: with
// what was there, and with what is written after.
func TestAttachedSurvivesItsServer(t *testing.T) {
	dir := t.TempDir()
	first, c := mustServe(t, dir)
	mustWriteEvent(t, c, "account-1", "Before")
	term := mustOpenIn(t, t.TempDir(), "attach", c.url, "--token", c.token)
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "3")
	mustSee(t, term, "account-1", "Before")
	first.Kill()
	mustSee(t, term, "reconnecting", "Before") // the screen stays
	second := mustLaunch(t, "serve", "--data", dir, "--listen", strings.TrimPrefix(c.url, "http://"))
	if err := second.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	mustWriteEvent(t, c, "account-1", "After")
	screen := mustSee(t, term, "Before", "After")
	if screen.Has("reconnecting") {
		t.Errorf("still reconnecting:\n%s", screen.Text())
	}
	mustPress(t, term, "7")
	mustSee(t, term, "reconnected after")
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
}

// TestAttachToAnotherServer attaches to a server that offers sections 1 to 8 of
// the protocol only, and goes through the pages.
func TestAttachToAnotherServer(t *testing.T) {
	s := mustServePlain(t)
	term := mustOpenIn(t, t.TempDir(), "attach", s.Listen(), "--token", s.Token)
	mustSee(t, term, "metrics are not offered by this server", "account")
	for key, want := range map[string]string{
		"2": "account", "3": "Deposited", "4": "counted here: not offered by this server", "5": "Levels and caches are not offered by this server", "7": "the log is not offered by this server",
	} {
		mustPress(t, term, key)
		mustSee(t, term, want)
	}
	mustPress(t, term, "6", "t", "t", "c") // objects in use: at once
	mustSee(t, term, "profiles are not offered by this server")
	s.Stop()
	mustSee(t, term, "reconnecting")
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
	if err := term.Restored(); err != nil {
		t.Error(err)
	}
}

// TestContexts goes from one server to another and back, and checks that the
// one that is read-only is not written to by any way.
func TestContexts(t *testing.T) {
	_, dev := mustServe(t, t.TempDir())
	_, prod := mustServe(t, t.TempDir())
	mustWriteEvent(t, dev, "toy-1", "Tried")
	mustWriteEvent(t, prod, "payment-9", "Captured")
	home := t.TempDir()
	mustConfigure(t, home, fmt.Sprintf(`
[keys]
quit = ["Q"]

[contexts.dev]
url = %q
token = %q

[contexts.prod]
url = %q
token_file = "prod.token"
colour = "red"
read_only = true
`, dev.url, dev.token, prod.url))
	if err := os.WriteFile(filepath.Join(home, ".config", "evtui", "prod.token"), []byte(prod.token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	term := mustOpenIn(t, home, "--context", "dev")
	mustSee(t, term, " dev ", "1 Overview")
	mustPress(t, term, "3")
	mustSee(t, term, "toy-1")
	mustTell(t, term, "ctx prod")
	screen := mustSee(t, term, " prod ", "read-only", "payment-9")
	if screen.Has("toy-1") {
		t.Errorf("the other server's messages are still there:\n%s", screen.Text())
	}
	mustTell(t, term, "load 2")
	mustSee(t, term, "read-only: load is disabled")
	mustTell(t, term, "ctx dev")
	mustSee(t, term, " dev ", "toy-1")
	mustPress(t, term, "Q") // q is quit's no more
	mustEnd(t, term, 0)

	term = mustOpenIn(t, home, "attach", "--context", "prod", "--read-only=false")
	if screen := mustSee(t, term, " prod ", "1 Overview"); screen.Has("read-only") {
		t.Errorf("read-only though it was asked not to be:\n%s", screen.Text())
	}
	mustPress(t, term, "Q")
	mustEnd(t, term, 0)

	if out, _ := mustRun(t, home, 0, "tail", "--context", "prod", "--no-follow"); !strings.Contains(out, "payment-9") {
		t.Errorf("tail of prod says %q", out)
	}
	if _, said := mustRun(t, home, 1, "ns", "create", "x", "--context", "prod"); !strings.Contains(said, "read-only") {
		t.Errorf("creating a namespace says %q", said)
	}
	if _, said := mustRun(t, home, 2, "tail", "--context", "prd"); !strings.Contains(said, "did you mean prod?") {
		t.Errorf("an unknown context says %q", said)
	}
	if _, said := mustRun(t, home, 2, "tail", "--context", "dev", "--url", dev.url); !strings.Contains(said, "give one of them") {
		t.Errorf("two targets say %q", said)
	}
}

// TestRecordAndOpen records a server by command and from the UI, takes the
// server away, and looks into the files.
func TestRecordAndOpen(t *testing.T) {
	data, home := t.TempDir(), t.TempDir()
	srv, c := mustServe(t, data)
	mustWriteEvent(t, c, "order-7", "Placed")
	one, two := filepath.Join(home, "one.evt"), filepath.Join(home, "two.evt")
	_, said := mustRun(t, home, 0, "record", "--data", data, "--out", one, "--duration", "1s", "--past", "10s")
	if !strings.Contains(said, "recorded 1 s") {
		t.Errorf("record says %q", said)
	}
	if _, said := mustRun(t, home, 1, "record", "--data", data, "--out", one); !strings.Contains(said, "never written over") {
		t.Errorf("recording into a file that is there says %q", said)
	}
	term := mustOpenIn(t, home, "attach", c.url, "--token", c.token)
	mustSee(t, term, "1 Overview")
	mustTell(t, term, "record "+two)
	mustMatch(t, term, `rec \d`)
	mustPress(t, term, "6", "t", "t", "c")
	mustSee(t, term, "x saves it")
	mustPress(t, term, "x")
	mustSee(t, term, "saving to")
	mustPress(t, term, "[")
	mustMatch(t, term, `T\d{6}Z-heap-`)
	mustMatch(t, term, `rec [2-9]`)
	mustTell(t, term, "record stop")
	mustSee(t, term, "shows it")
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
	srv.Kill()

	term = mustOpenIn(t, home, "open", two)
	mustSee(t, term, "recording two.evt", "read-only", "order")
	mustPress(t, term, "2")
	mustSee(t, term, "streams and messages are not recorded")
	mustPress(t, term, "7")
	mustSee(t, term, "recording: of "+c.url)
	mustPress(t, term, "6")
	mustSee(t, term, "nothing captured yet")
	mustPress(t, term, "[")
	mustMatch(t, term, `T\d{6}Z-heap-`) // the profile that was kept meanwhile
	mustTell(t, term, "record x.evt")
	mustSee(t, term, "this is already a recording")
	mustPress(t, term, "q")
	mustEnd(t, term, 0)

	if out, _ := mustRun(t, home, 0, "compare", one, two); !strings.Contains(out, "most appends") || !strings.Contains(out, "Over time") {
		t.Errorf("the comparison says\n%s", out)
	}
	if _, said := mustRun(t, home, 1, "open", filepath.Join(home, ".config")); !strings.Contains(said, "open the recording") {
		t.Errorf("opening what is no recording says %q", said)
	}
}

// TestUIComesBackWhereItWasLeft closes the UI on a page and opens it again.
func TestUIComesBackWhereItWasLeft(t *testing.T) {
	_, c := mustServe(t, t.TempDir())
	home := t.TempDir()
	open := func(args ...string) *Terminal {
		return mustOpenIn(t, home, append([]string{"attach", c.url, "--token", c.token}, args...)...)
	}
	leave := func(term *Terminal) {
		mustPress(t, term, "q")
		mustEnd(t, term, 0)
	}
	term := open()
	mustSee(t, term, "─ Overview ")
	mustPress(t, term, "7")
	mustSee(t, term, "─ Log ")
	leave(term)
	term = open("--no-restore")
	mustSee(t, term, "─ Overview ")
	leave(term)
	term = open()
	mustSee(t, term, "─ Log ")
	leave(term)
	files, err := filepath.Glob(filepath.Join(home, ".local", "state", "evtui", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept in %v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte(`{"state":`), 0o600); err != nil {
		t.Fatal(err)
	}
	term = open()
	mustSee(t, term, "─ Overview ")
	mustPress(t, term, "7")
	mustSee(t, term, "cannot be read and is ignored")
	leave(term)
}
