package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestShare(t *testing.T) {
	root := newRoot()
	root.InitDefaultCompletionCmd()
	dir := t.TempDir()
	if err := writeShare(dir, root); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"bash-completion/completions/evtui":    "complete -o default",
		"zsh/site-functions/_evtui":            "#compdef evtui",
		"fish/vendor_completions.d/evtui.fish": "complete -c evtui",
		"powershell/evtui.ps1":                 "Register-ArgumentCompleter -CommandName 'evtui'",
		"man/man1/evtui.1":                     `.TH "EVTUI" "1"`,
		"man/man1/evtui-serve.1":               `\fB\-\-listen\fR, \fB\-l\fR \fIstring\fR`,
		"man/man1/evtui-ns-create.1":           "evtui ns create",
	} {
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			t.Error(err)
			continue
		}
		// roff escapes every hyphen.
		if text := string(content); !strings.Contains(text, want) && !strings.Contains(strings.ReplaceAll(text, `\-`, "-"), want) {
			t.Errorf("%s lacks %q", file, want)
		}
	}
	if hidden, _ := filepath.Glob(filepath.Join(dir, "man/man1/evtui-s*are.1")); len(hidden) > 0 {
		t.Errorf("a hidden command has a page: %v", hidden)
	}
}

// Every command has its page, with a name and an example, and nothing in it is
// taken for a request that it is not.
func TestManPages(t *testing.T) {
	requests := regexp.MustCompile(`(?m)^\.(\S*)`)
	for _, cmd := range manCommands(newRoot()) {
		var page bytes.Buffer
		if err := writeManPage(&page, cmd); err != nil {
			t.Fatal(err)
		}
		text := page.String()
		if !strings.Contains(text, ".SH \"EXAMPLES\"\n.EX\n") || !strings.Contains(text, ".SH \"NAME\"\n") {
			t.Errorf("%s: a page without name or example:\n%s", cmd.CommandPath(), text)
		}
		for _, request := range requests.FindAllStringSubmatch(text, -1) {
			switch request[1] {
			case "TH", "SH", "TP", "PP", "EX", "EE":
			default:
				t.Errorf("%s: request %q", cmd.CommandPath(), request[0])
			}
		}
		if strings.Contains(text, "__B__") || strings.Contains(text, "__R__") {
			t.Errorf("%s: a mark is left", cmd.CommandPath())
		}
	}
}

func TestRoffEscapes(t *testing.T) {
	var p manPage
	p.text(".hidden\n'quoted\na\\b -c\n")
	if want := "\\&.hidden\n\\&'quoted\na\\eb \\-c\n"; p.String() != want {
		t.Errorf("%q, want %q", p.String(), want)
	}
}

func TestBashTakesItsCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	var script bytes.Buffer
	if err := newRoot().GenBashCompletionV2(&script, true); err != nil {
		t.Fatal(err)
	}
	check := exec.Command(bash, "-n")
	check.Stdin = &script
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
