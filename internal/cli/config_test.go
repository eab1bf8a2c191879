package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/server"
)

var update = flag.Bool("update", false, "write the tables of docs/configuration.md again")

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
	at := func(line string) string { return settings.ShortPath(path) + ":" + line }
	by := mustTell(t, "--listen", "127.0.0.1:3", "--token", "ns_typed")
	for _, want := range []held{
		{"config", settings.ShortPath(path), "default"},
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

// TestConfigTellsEveryPath sets where things are in every way there is.
func TestConfigTellsEveryPath(t *testing.T) {
	path := mustConfig(t, "")
	state, data := t.TempDir(), t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	in := func(name ...string) string { return settings.ShortPath(filepath.Join(name...)) }
	by := mustTell(t, "--data", data, "--log-file", filepath.Join(data, "evtui.log"))
	for _, want := range []held{
		{"paths.config", settings.ShortPath(path), "default"},
		{"paths.data", in(data), "flag"}, {"paths.token", in(data, "token"), "flag"}, {"paths.profiles", in(data, "profiles"), "flag"}, {"paths.checkpoints", in(data, "checkpoints"), "flag"},
		{"paths.state", in(state, "evtui"), "default"}, {"paths.servers", in(state, "evtui", "servers"), "default"}, {"paths.log", in(data, "evtui.log"), "flag"},
	} {
		if got := by[want.Setting]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	t.Setenv("XDG_DATA_HOME", data)
	if got := mustTell(t)["paths.data"]; got != (held{"paths.data", in(data, "evtui"), "default"}) {
		t.Errorf("by default %+v", got)
	}
	t.Setenv("EVTUI_DATA", state)
	if got := mustTell(t)["paths.token"]; got != (held{"paths.token", in(state, "token"), "env EVTUI_DATA"}) {
		t.Errorf("by the environment %+v", got)
	}
	t.Setenv("EVTUI_DATA", "")
	if got := mustTell(t, "--db-url", "sqlite://"+data+"/lite/meta.db")["paths.data"]; got != (held{"paths.data", in(data, "lite"), "flag"}) {
		t.Errorf("by --db-url %+v", got)
	}
	if got, told := mustTell(t, "--db-url", "pebble://memory")["paths.data"]; told {
		t.Errorf("a store in memory is at %+v", got)
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

// TestServingSettings sets what holds for the data that is served here, and
// checks that it does not hold for what goes to a server.
func TestServingSettings(t *testing.T) {
	path := mustConfig(t, "token_file = \"admin.token\"\ntls_cert = \"~/cert.pem\"\ntls_key = \"/key.pem\"\ncors_origins = [\"https://shop.example\", \"http://localhost:3000\"]\n"+
		"max_requests = 77\nmax_body = \"2MiB\"\ndrain_timeout = \"3s\"\ntls_ca = \"ca.pem\"\n[contexts.prod]\nurl = \"http://127.0.0.1:1\"\n")
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	beside := func(name string) string { return filepath.Join(filepath.Dir(path), name) }
	if err := os.WriteFile(beside("admin.token"), []byte("ns_ZGVmYXVsdA_1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(line string) string { return settings.ShortPath(path) + ":" + line }
	by := mustTell(t)
	for _, want := range []held{
		{"token_file", beside("admin.token"), at("1")}, {"--token", "(set)", "default"},
		{"tls_cert", filepath.Join(home, "cert.pem"), at("2")}, {"tls_key", "/key.pem", at("3")},
		{"cors_origins", "[https://shop.example,http://localhost:3000]", at("4")}, {"max_requests", "77", at("5")}, {"max_body", "2MiB", at("6")},
		{"drain_timeout", "3s", at("7")}, {"max_imports", "8", "default"}, {"tls_ca", beside("ca.pem"), at("8")},
	} {
		if got := by[want.Setting]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if got := mustTell(t, "--max-requests", "5", "--token", "ns_typed"); got["max_requests"].Value != "5" || got["token_file"].Value != "" {
		t.Errorf("the command line does not win: %+v, %+v", got["max_requests"], got["token_file"])
	}
	if got := mustTell(t, "--context", "prod"); got["token_file"].Value != "" || got["--token"].Value != "" || got["tls_ca"].Value == "" {
		t.Errorf("a context gets the token of the data here: %+v", got["token_file"])
	}
	// A token file that is not there stops what needs it and nothing else.
	if err := os.Remove(beside("admin.token")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := runCommand(t, "serve", "--test-mode", "--listen", "127.0.0.1:0"); err == nil || !strings.Contains(err.Error(), "read the token") {
		t.Errorf("serve says %v", err)
	}
	if _, _, err := runCommand(t, "tail", "--url", "http://127.0.0.1:1", "--no-follow"); err == nil || strings.Contains(err.Error(), "read the token") {
		t.Errorf("tail says %v", err)
	}
}

// TestConfigIsStrictForEveryCommand checks that a command does not run on a
// file that is wrong, except those that are about it.
func TestConfigIsStrictForEveryCommand(t *testing.T) {
	path := mustConfig(t, "them = \"dark\"\n")
	for _, args := range []string{"config", "stats --url http://127.0.0.1:1", "export --url http://127.0.0.1:1", "config check", "config check " + path, "serve --listen 127.0.0.1:0 --test-mode"} {
		_, _, err := runCommand(t, strings.Fields(args)...)
		if command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), path+`:1: unknown setting "them"; did you mean theme?`) {
			t.Errorf("%s: exit %d, %v", args, command.ExitCode(err), err)
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
		"memory = \"16MB\"":                       ":1: memory: must be at least 32MiB",
		"memory = \"much\"":                       ":1: memory: must be a size such as 256MB or 1GiB, not \"much\"",
		"refresh = \"5s\"":                        ":1: refresh: must be from 100ms to 2s, not 5s",
		"max_requests = 0":                        ":1: max_requests: must be more than 0",
		"max_requests = \"5\"":                    ":1: max_requests must be a whole number, such as max_requests = 500",
		"header_timeout = \"-1s\"":                ":1: header_timeout: must not be negative",
		"cors_origins = [\"shop\"]":               ":1: cors_origins: ",
		"tls_cert = \"\"":                         ":1: tls_cert: must name a file",
		"tls_key = true":                          ":1: tls_key must be a file name, such as tls_key = ",
		"refresh = \"often\"":                     ":1: refresh: needs a time with its unit",
		"triggers = [\"heap > 5 apples\"]":        ":1: triggers: rule \"heap > 5 apples\": ",
		"[keys]\nquit = [\"r\"]\norder = [\"r\"]": ":2: keys.quit: r is taken by order",
		"[keys]\nqiut = [\"Q\"]":                  ":2: keys.qiut: there is no action \"qiut\"",
		"theme = \"dark\"\ntheme = \"dark\"":      ":2: not TOML",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := runCommand(t, "config", "check", path)
		if command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), path+want) {
			t.Errorf("%q: exit %d, %v; want %s", text, command.ExitCode(err), err, want)
		}
	}
	if err := os.WriteFile(path, []byte("theme = \"dark\"\n[contexts.a]\nurl = \"http://h\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := runCommand(t, "config", "check", path)
	if want := path + " is valid: 1 setting, 0 rebound actions, 1 context\n"; err != nil || out != want {
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
	if _, _, err := runCommand(t, "config", "check", path+".gone"); command.ExitCode(err) != command.ExitUsage {
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
	want = fillTable(t, want, "contexts", keysTable("context", config.ContextKeys()))
	want = fillTable(t, want, "plugins", keysTable("plugin", config.PluginKeys()))
	want = fillTable(t, want, "reducers", keysTable("reducer", config.ReducerKeys()))
	want = fillTable(t, want, "causes", keysTable("[causes]", config.CausesKeys()))
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
		switch {
		case s.Key == "refresh":
			value = "200ms"
		case s.Key == "max_connections": // which depends on the machine
			value = fmt.Sprintf("%d, at most half of the files that may be open", server.DefaultLimits().Connections)
		case s.Key == "header_timeout":
			value = "as read_timeout"
		case value == "":
			value = `""`
		}
		b.WriteString("| `" + s.Key + "` | " + kindOf(s) + " | `" + value + "` | `--" + s.Flag + "` | " + s.Help + " | `" + s.Key + " = " + s.Example + "` |\n")
	}
	return b.String()
}

func keysTable(of string, keys []config.Setting) string {
	var b strings.Builder
	b.WriteString("| key of a " + of + " | is | what it does | example |\n|---|---|---|---|\n")
	for _, s := range keys {
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
