package e2e

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// patience is how long a screen may take to show what it must. It is long
// because the machine may be busy with other tests; nothing waits for it when
// all is well.
const patience = time.Minute

// Hangup takes the terminal away, as closing its window does.
func (t *Terminal) Hangup() error { return t.outside.Close() }

// Restored returns an error that names what the program, now ended, left
// behind on the terminal: the alternate screen, a hidden cursor, a mode, or
// changed settings.
func (t *Terminal) Restored() error {
	<-t.ended
	t.mu.Lock()
	defer t.mu.Unlock()
	var left []error
	if t.emulator.IsAltScreen() {
		left = append(left, errors.New("the alternate screen is still shown"))
	}
	if t.hidden {
		left = append(left, errors.New("the cursor is still hidden"))
	}
	for _, mode := range []ansi.Mode{
		ansi.ModeMouseNormal, ansi.ModeMouseButtonEvent, ansi.ModeMouseAnyEvent, ansi.ModeMouseExtSgr,
		ansi.ModeBracketedPaste, ansi.ModeFocusEvent,
	} {
		if t.modes[mode] {
			left = append(left, fmt.Errorf("mode %v is still set", mode))
		}
	}
	if !reflect.DeepEqual(t.before, t.after) {
		left = append(left, errors.New("the terminal's settings differ from those before"))
	}
	return errors.Join(left...)
}

func mustStart(t *testing.T, o Options) *Terminal {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a pseudo-terminal, which this system does not have")
	}
	term, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(term.Close)
	return term
}

func mustSee(t *testing.T, term *Terminal, texts ...string) Screen {
	t.Helper()
	screen, err := term.Await(strings.Join(texts, " and "), patience, func(s Screen) bool { return s.Has(texts...) })
	if err != nil {
		t.Fatal(err)
	}
	return screen
}

func mustEnd(t *testing.T, term *Terminal, want int) {
	t.Helper()
	code, err := term.Wait(patience)
	if err != nil {
		t.Fatal(err)
	}
	if code != want {
		t.Fatalf("exit code %d, want %d; the screen is\n%s", code, want, term.Screen().Text())
	}
}

func TestTerminalShowsTypesResizesAndEnds(t *testing.T) {
	term := mustStart(t, Options{
		Binary: "/bin/sh", Width: 30, Height: 5,
		Args: []string{"-c", `echo hello; read line; echo "got $line on $(stty size)"; exit 3`},
	})
	mustSee(t, term, "hello")
	if err := term.Resize(40, 7); err != nil {
		t.Fatal(err)
	}
	if err := term.Type("words\r"); err != nil {
		t.Fatal(err)
	}
	mustEnd(t, term, 3)
	if screen := term.Screen(); !screen.Has("got words on 7 40") {
		t.Errorf("the last screen lacks what was typed:\n%s", screen.Text())
	}
	if err := term.Restored(); err != nil {
		t.Error(err)
	}
}

func TestRestoredNamesWhatIsLeftBehind(t *testing.T) {
	term := mustStart(t, Options{
		Binary: "/bin/sh", Width: 30, Height: 5,
		Args: []string{"-c", `printf '\033[?1049h\033[?25l\033[?1002h'; stty -echo`},
	})
	mustEnd(t, term, 0)
	err := term.Restored()
	if err == nil {
		t.Fatal("nothing was found")
	}
	for _, part := range []string{"alternate screen", "cursor", "mode", "settings"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name the %s", err, part)
		}
	}
}

func TestAwaitTellsWhatItSaw(t *testing.T) {
	term := mustStart(t, Options{Binary: "/bin/sh", Args: []string{"-c", "echo this is there; read x"}})
	mustSee(t, term, "this is there")
	_, err := term.Await("that", time.Millisecond, func(s Screen) bool { return s.Has("that is not") })
	if err == nil || !strings.Contains(err.Error(), "this is there") {
		t.Errorf("the error does not show the screen: %v", err)
	}
}

func TestSVGDrawsEveryKindOfCell(t *testing.T) {
	emulator := vt.NewEmulator(20, 4)
	if _, err := emulator.WriteString("\x1b[1;38;2;1;2;3mBold\x1b[m <&> 日本\r\n╭─┬━╮⣿⠁▁█▏░▚\r\n\x1b[48;2;9;8;7m  \x1b[7mrev\x1b[m"); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := snapshot(emulator).WriteSVG(&out, "a <title>"); err != nil {
		t.Fatal(err)
	}
	svg := out.String()
	for _, part := range []string{
		`fill="#010203" textLength="36" font-weight="700">Bold<`, "&lt;&amp;&gt;", "日本",
		`fill="#090807"`, `stroke-linecap="round"`, `fill-opacity="0.25"`, `stroke-width="2.4"`, "a &lt;title&gt;",
	} {
		if !strings.Contains(svg, part) {
			t.Errorf("no %s in\n%s", part, svg)
		}
	}
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := decoder.Token(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Errorf("not well-formed: %v", err)
			}
			break
		}
	}
}
