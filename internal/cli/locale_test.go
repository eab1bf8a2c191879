package cli

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"charm.land/fang/v2"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/terminal"
	"github.com/evtui/evtui/tui"
)

// foreign is what a terminal outside UTF-8 obeys: the second bytes of ĝ and Ĝ
// are OSC and ST, that of ě is CSI.
const foreign = "ĝ2;TITLEĜ ě1;1H Köln 日本 👍 …"

// TestOutsideUTF8 runs the commands as under LC_ALL=C: in every format, and in
// what is said beside it, ASCII alone is printed, and JSON is the same JSON.
func TestOutsideUTF8(t *testing.T) {
	url := hostile(t, foreign)
	shown := 0
	for _, command := range headless(url) {
		for _, format := range []string{"table", "json", "ndjson"} {
			args := append(strings.Fields(command), "-o", format)
			if !strings.Contains(command, "--url") {
				args = append(args, "--url", url)
			}
			out, errs := runInASCII(t, append(args, "--config", "none")...)
			what := "evtui " + command + " -o " + format
			mustBeASCII(t, what, out)
			mustBeASCII(t, what+", to standard error,", errs)
			if strings.Contains(out, "\\u011d2;TITLE\\u011c") {
				shown++
			}
			var back any
			if format == "json" && out != "" && json.Unmarshal([]byte(out), &back) != nil {
				t.Errorf("%s is not JSON: %s", what, out)
			}
			if kept, _ := json.Marshal(back); strings.Contains(out, "TITLE") && format == "json" && !strings.Contains(string(kept), foreign) {
				t.Errorf("%s says another text: %s", what, out)
			}
		}
	}
	if t.Logf("%d outputs show what was sent", shown); shown < 15 {
		t.Errorf("only %d outputs show what was sent: the test shows little", shown)
	}
}

// TestDataStaysAsItIs: what is to be read again is the same whatever the locale.
func TestDataStaysAsItIs(t *testing.T) {
	url := hostile(t, foreign)
	if out, _ := runInASCII(t, "tail", "--no-follow", "-o", "csv", "--url", url, "--config", "none"); !strings.Contains(out, foreign) {
		t.Errorf("CSV is another: %q", out)
	}
}

// TestASCIIFileTakesPartsOfCharacters writes text byte by byte.
func TestASCIIFileTakesPartsOfCharacters(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f := &output.AsciiFile{File: file}
	for i := range len(foreign) {
		if n, err := f.Write([]byte{foreign[i]}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	got, err := os.ReadFile(name)
	if want := `\u011d2;TITLE\u011c \u011b1;1H K\u00f6ln \u65e5\u672c \ud83d\udc4d ~`; err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

// TestSymbolsOfTheTerminal: what is asked for holds, else what locale and
// terminal say.
func TestSymbolsOfTheTerminal(t *testing.T) {
	utf8, c, console := terminal.Terminal{UTF8: true}, terminal.Terminal{}, terminal.Terminal{UTF8: true, NoBraille: true}
	for _, x := range []struct {
		asked string
		flag  bool
		on    terminal.Terminal
		want  tui.Config
	}{
		{symbolsAuto, false, utf8, tui.Config{}},
		{symbolsAuto, false, console, tui.Config{Blocks: true}},
		{symbolsAuto, false, c, tui.Config{Escape: true}},
		{symbolsUnicode, false, console, tui.Config{}},
		{symbolsUnicode, false, c, tui.Config{}},
		{symbolsBlocks, false, utf8, tui.Config{Blocks: true}},
		{symbolsBlocks, false, c, tui.Config{Blocks: true, Escape: true}},
		{symbolsASCII, false, utf8, tui.Config{ASCII: true}},
		{symbolsAuto, true, utf8, tui.Config{ASCII: true}},
		{symbolsASCII, false, c, tui.Config{ASCII: true, Escape: true}},
	} {
		var got tui.Config
		(&screenFlags{symbols: x.asked, ascii: x.flag}).sign(&got, x.on)
		if got.ASCII != x.want.ASCII || got.Blocks != x.want.Blocks || got.Escape != x.want.Escape {
			t.Errorf("--symbols %s, --ascii=%v on %+v: ascii %v, blocks %v, escape %v", x.asked, x.flag, x.on, got.ASCII, got.Blocks, got.Escape)
		}
	}
}

// runInASCII runs evtui with what it prints going to pipes, outside UTF-8.
func runInASCII(t *testing.T, args ...string) (out, errs string) {
	t.Helper()
	root := newRoot()
	root.SetArgs(args)
	output.KeepToLocale(root, args, terminal.Terminal{})
	if !output.InASCII(root.OutOrStdout()) || !output.InASCII(root.ErrOrStderr()) {
		t.Fatal("the locale is not kept to")
	}
	take := func() (*output.AsciiFile, func() string) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		all := make(chan string, 1)
		go func() {
			b, _ := io.ReadAll(r)
			all <- string(b)
		}()
		return &output.AsciiFile{File: w}, func() string { _ = w.Close(); return <-all }
	}
	o, readOut := take()
	e, readErrs := take()
	root.SetOut(o)
	root.SetErr(e)
	root.SetIn(strings.NewReader(""))
	root.SilenceErrors, root.SilenceUsage = true, true
	if err := root.ExecuteContext(t.Context()); err != nil {
		command.PrintError(e, fang.Styles{}, err)
	}
	return readOut(), readErrs()
}

func mustBeASCII(t *testing.T, what, shown string) {
	t.Helper()
	for _, r := range shown {
		if r >= 0x7f || r < 0x20 && r != '\n' && r != '\t' {
			t.Errorf("%s holds %U: %q", what, r, shown)
			return
		}
	}
}
