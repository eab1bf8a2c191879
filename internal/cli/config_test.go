package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/config"
)

var update = flag.Bool("update", false, "write the tables of docs/configuration.md anew")

// mustConfig has evtui find a configuration file that says text.
func mustConfig(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	path := filepath.Join(dir, "evtui", "config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mustTell runs evtui config and returns what it says by setting.
func mustTell(t *testing.T, args ...string) map[string]held {
	t.Helper()
	out, _, err := runCommand(t, append([]string{"config", "-o", "json"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	var list []held
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	by := map[string]held{}
	for _, h := range list {
		by[h.Setting] = h
	}
	return by
}

// TestConfigTellsWhatHolds sets things in every place and checks which of them
// wins.
func TestConfigTellsWhatHolds(t *testing.T) {
	path := mustConfig(t, "theme = \"light\"\nmouse = false\nsymbols = \"ascii\"\nmemory = \"300MB\"\nlisten = \"127.0.0.1:1\"\ntriggers = [\"stall\", \"heap > 2GB\"]\n"+
		"[keys]\nrefresh = [\"R\"]\n[contexts.prod]\nurl = \"http://h:1\"\ntoken = \"ns_secret\"\nread_only = true\n")
	t.Setenv("EVTUI_MEMORY", "400MB")
	t.Setenv("EVTUI_LISTEN", "127.0.0.1:2")
	t.Setenv("EVTUI_NO_RESTORE", "true")
	at := func(line string) string { return shortPath(path) + ":" + line }
	by := mustTell(t, "--listen", "127.0.0.1:3", "--token", "ns_typed")
	for _, want := range []held{
		{"config", shortPath(path), "default"},
		{"theme", "light", at("1")},
		{"mouse", "false", at("2")},
		{"symbols", "ascii", at("3")},
		{"memory", "400MB", "env EVTUI_MEMORY"},
		{"listen", "127.0.0.1:3", "flag"},
		{"restore", "false", "env EVTUI_NO_RESTORE"},
		{"triggers", "[stall,heap > 2GB]", at("6")},
		{"namespace", "", "default"},
		{"--token", "(set)", "flag"},
		{"--max-open", "64", "default"},
		{"keys.refresh", "R", at("8")},
		{"contexts.prod", "http://h:1, token (set), read-only", at("9")},
	} {
		if got := by[want.Setting]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestConfigSaysNone(t *testing.T) {
	mustConfig(t, "triggers = []\n")
	if got := mustTell(t)["triggers"]; got.Value != "[]" {
		t.Errorf("%+v", got)
	}
	if got := mustTell(t, "--trigger", "stall")["triggers"]; got.Value != "[stall]" || got.From != "flag" {
		t.Errorf("%+v", got)
	}
	if got := mustTell(t, "--config", "none")["config"]; got.Value != "none" || got.From != "flag" {
		t.Errorf("%+v", got)
	}
}

// TestConfigIsStrictForEveryCommand checks that a command does not run on a
// file that is wrong, except those that are about it.
func TestConfigIsStrictForEveryCommand(t *testing.T) {
	path := mustConfig(t, "them = \"dark\"\n")
	for _, args := range []string{"config", "stats --url http://127.0.0.1:1", "export --url http://127.0.0.1:1", "config check", "config check " + path, "serve --listen 127.0.0.1:0 --test-mode"} {
		_, _, err := runCommand(t, strings.Fields(args)...)
		if exitCode(err) != exitUsage || !strings.Contains(err.Error(), path+`:1: unknown setting "them"; did you mean theme?`) {
			t.Errorf("%s: exit %d, %v", args, exitCode(err), err)
		}
	}
	for _, args := range []string{"help", "completion bash", "config check --config none", "config --config none"} {
		if _, _, err := runCommand(t, strings.Fields(args)...); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestConfigCheckFindsEveryFault(t *testing.T) {
	mustConfig(t, "")
	path := filepath.Join(t.TempDir(), "bad.toml")
	for text, want := range map[string]string{
		"memory = \"16MB\"":                  ":1: memory: must be at least 32MiB",
		"memory = \"much\"":                  ":1: memory: must be a size such as 256MB or 1GiB, not \"much\"",
		"refresh = \"5s\"":                   ":1: refresh: must be from 100ms to 2s, not 5s",
		"refresh = \"often\"":                ":1: refresh: time: invalid duration \"often\"",
		"triggers = [\"heap > 5 apples\"]":   ":1: triggers: rule \"heap > 5 apples\": ",
		"[keys]\nquit = [\"r\"]":             ":2: keys.quit: r is taken by refresh",
		"[keys]\nqiut = [\"Q\"]":             ":2: keys.qiut: there is no action \"qiut\"",
		"theme = \"dark\"\ntheme = \"dark\"": ":2: not TOML",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := runCommand(t, "config", "check", path)
		if exitCode(err) != exitUsage || !strings.Contains(err.Error(), path+want) {
			t.Errorf("%q: exit %d, %v; want %s", text, exitCode(err), err, want)
		}
	}
	if err := os.WriteFile(path, []byte("theme = \"dark\"\n[contexts.a]\nurl = \"http://h\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := runCommand(t, "config", "check", path)
	if want := path + " is right: 1 setting, 0 rebound actions, 1 context\n"; err != nil || out != want {
		t.Errorf("%v, %q, want %q", err, out, want)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := errors.Join(os.WriteFile(path, []byte("[contexts.a]\nurl = \"http://h\"\ntoken = \"x\"\n"), 0o600), os.Chmod(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, said, err := runCommand(t, "config", "check", path); err != nil || !strings.Contains(said, "chmod 600") {
		t.Errorf("a token that others can read: %v, %q", err, said)
	}
	if _, _, err := runCommand(t, "config", "check", path+".gone"); exitCode(err) != exitUsage {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestEverySettingHasItsFlag keeps the table and the flags together.
func TestEverySettingHasItsFlag(t *testing.T) {
	cmd := &cobra.Command{}
	new(rootFlags).allFlags(cmd)
	for _, s := range config.Settings() {
		f := cmd.Flags().Lookup(s.Flag)
		if f == nil {
			t.Errorf("%s: there is no --%s", s.Key, s.Flag)
			continue
		}
		if s.Words != nil {
			value := s.FromFlag(f.DefValue)
			if _, err := s.ForFlag(value); err != nil {
				t.Errorf("%s: the default %q is none of its words", s.Key, value)
			}
		}
	}
	text := ""
	for _, s := range config.Settings() {
		text += s.Key + " = " + s.Example + "\n"
	}
	if _, err := config.Parse("examples.toml", []byte(text), configChecks()); err != nil {
		t.Errorf("the examples are wrong: %v", err)
	}
}

// TestConfigurationPage keeps the tables of docs/configuration.md what the
// program says; with -update it writes them. Its examples must be right.
func TestConfigurationPage(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "configuration.md")
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	want := fillTable(t, text, "settings", settingsTable())
	want = fillTable(t, want, "contexts", contextsTable())
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != want {
		t.Error("docs/configuration.md does not say what the program does: run go test ./internal/cli -run TestConfigurationPage -update")
	}
	for i, part := range strings.Split(want, "```toml\n")[1:] {
		example, _, _ := strings.Cut(part, "```")
		if _, err := config.Parse("example.toml", []byte(example), configChecks()); err != nil {
			t.Errorf("example %d: %v", i+1, err)
		}
	}
}

// fillTable puts a table between its marks.
func fillTable(t *testing.T, page, name, table string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- end -->"
	before, rest, ok := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("docs/configuration.md has no %s…%s", begin, end)
	}
	return before + begin + table + end + after
}

func settingsTable() string {
	cmd := &cobra.Command{}
	new(rootFlags).allFlags(cmd)
	var b strings.Builder
	b.WriteString("| setting | is | default | flag | what it does | example |\n|---|---|---|---|---|---|\n")
	for _, s := range config.Settings() {
		f := cmd.Flags().Lookup(s.Flag)
		value := s.FromFlag(f.DefValue)
		if s.Key == "refresh" {
			value = "200ms"
		}
		if value == "" {
			value = `""`
		}
		b.WriteString("| `" + s.Key + "` | " + kindOf(s) + " | `" + value + "` | `--" + s.Flag + "` | " + s.Help + " | `" + s.Key + " = " + s.Example + "` |\n")
	}
	return b.String()
}

func contextsTable() string {
	var b strings.Builder
	b.WriteString("| key of a context | is | what it does | example |\n|---|---|---|---|\n")
	for _, s := range config.ContextKeys() {
		b.WriteString("| `" + s.Key + "` | " + s.Kind.String() + " | " + s.Help + " | `" + s.Key + " = " + s.Example + "` |\n")
	}
	return b.String()
}

func kindOf(s config.Setting) string {
	if s.Words == nil || s.Kind == config.Bool {
		return s.Kind.String()
	}
	words := make([]string, len(s.Words))
	for i, w := range s.Words {
		words[i] = "`" + w.Value + "`"
	}
	return strings.Join(words, ", ")
}
