package e2e

import (
	"bytes"
	"strings"
	"testing"
)

// TestLocaleOutsideUTF8 opens the UI under LC_ALL=C on a name and a payload
// whose UTF-8 holds the bytes of OSC and CSI: no byte beyond ASCII reaches the
// terminal, and nothing but ASCII the reader of a command.
func TestLocaleOutsideUTF8(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	mustRun(t, home, 0, "append", "žluť-1", "Ěvent", `{"note":"ĝ2;TITLEĜ ě1;1HOWNED"}`, "--data", dir)
	var sent bytes.Buffer
	term := mustStart(t, Options{
		Binary: binary, Args: []string{"--data", dir, "--listen", "none", "--config", "none"},
		Env: []string{"HOME=" + home, "LC_ALL=C"}, Copy: &sent,
	})
	mustSee(t, term, "1 Overview", "+")
	mustPress(t, term, "3")
	mustSee(t, term, `\u017elu\u0165-1`, `\u011d2;TITLE\u011c`)
	mustQuit(t, term)
	for i, c := range sent.Bytes() {
		if c >= 0x80 {
			t.Fatalf("%#x reaches the terminal: %q", c, sent.Bytes()[max(0, i-40):min(sent.Len(), i+40)])
		}
	}
	p, err := Launch(nil, []string{"HOME=" + home, "LC_ALL=C"}, binary, "tail", "--data", dir, "--no-follow", "--config", "none")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	mustExit(t, p, 0)
	for _, c := range []byte(p.Stdout() + p.Stderr()) {
		if c >= 0x80 {
			t.Fatalf("a command prints %#x: %q", c, p.Stdout())
		}
	}
	if !bytes.Contains([]byte(p.Stdout()), []byte(`\u017elu\u0165-1`)) {
		t.Errorf("the stream's name is not shown: %q", p.Stdout())
	}
}

// TestDumbTerminal: where no cursor can be placed, lines are printed.
func TestDumbTerminal(t *testing.T) {
	term := mustStart(t, Options{
		Binary: binary, Args: []string{"--data", t.TempDir(), "--listen", "none", "--config", "none"},
		Env: []string{"HOME=" + t.TempDir(), "TERM=dumb"},
	})
	mustSee(t, term, "evtui in plain mode", "Page Overview")
	mustQuit(t, term)
}

// TestNotSuspendedWithoutJobControl presses ctrl-z in a program that leads its
// session, as under xterm -e: it goes on, and says why.
func TestNotSuspendedWithoutJobControl(t *testing.T) {
	term := mustOpen(t, 120, 40, "--data", t.TempDir(), "--listen", "none", "--config", "none")
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "ctrl+z")
	mustSee(t, term, "not suspended: no shell with job control")
	mustPress(t, term, "2")
	mustSee(t, term, "namespaces")
	mustQuit(t, term)
}

// TestSuspendedUnderAShell presses ctrl-z under a shell with job control, and
// goes on.
func TestSuspendedUnderAShell(t *testing.T) {
	home := t.TempDir()
	term := mustStart(t, Options{
		Binary: "/bin/sh", Args: []string{"-i"},
		Env: []string{"HOME=" + home, "PS1=shell>"},
	})
	mustSee(t, term, "shell>")
	mustType(t, term, binary+" --data "+t.TempDir()+" --listen none --config none\r")
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "ctrl+z")
	mustSee(t, term, "shell>", "topped")
	mustType(t, term, "fg\r")
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "q") // nobody else uses the server: no question
	if _, err := term.Await("the shell again", patience, func(s Screen) bool { return strings.Count(s.Text(), "shell>") == 3 }); err != nil {
		t.Fatal(err)
	}
	mustType(t, term, "exit\r")
	mustEnd(t, term, 0)
}

func mustType(t *testing.T, term *Terminal, line string) {
	t.Helper()
	if err := term.Type(line); err != nil {
		t.Fatal(err)
	}
}
