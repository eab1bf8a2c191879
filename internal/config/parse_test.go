package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const whole = `# evtui
theme = "light"
mouse = false
symbols = "ascii"
triggers = [
  "stall",
  "heap > 1GB",
]

[keys]
refresh = ["R", "ctrl+r"]
quit = "Q"

[contexts.prod]
url = "https://events.example.com"
token_file = "prod.token"
tls_ca = "../ca.pem"
colour = "red"
read_only = true

[contexts.dev]
url = "http://127.0.0.1:8080"
namespace = "shop"
colour = "#00ff7f"
`

func TestParse(t *testing.T) {
	f, err := Parse("/etc/evtui/config.toml", []byte(whole), Checks{})
	if err != nil {
		t.Fatal(err)
	}
	want := File{
		Path: "/etc/evtui/config.toml",
		Values: map[string]Value{
			"theme": {2, []string{"light"}}, "mouse": {3, []string{"false"}}, "symbols": {4, []string{"ascii"}},
			"triggers": {5, []string{"stall", "heap > 1GB"}},
		},
		Keys: []Rebinding{{11, "refresh", []string{"R", "ctrl+r"}}, {12, "quit", []string{"Q"}}},
		Contexts: []Context{
			{Line: 14, Name: "prod", URL: "https://events.example.com", TokenFile: filepath.FromSlash("/etc/evtui/prod.token"), TLSCA: filepath.FromSlash("/etc/ca.pem"), Colour: "red", ReadOnly: true},
			{Line: 21, Name: "dev", URL: "http://127.0.0.1:8080", Namespace: "shop", Colour: "#00ff7f"},
		},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
}

// TestProblems checks that each fault is reported with its line and with what
// would be right.
func TestProblems(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"unknown key":      {"theme = \"dark\"\nthem = \"dark\"", []string{":2: unknown setting \"them\"; did you mean theme?"}},
		"unknown table":    {"[kyes]\nrefresh = [\"R\"]", []string{":1: unknown setting \"kyes\"; did you mean keys?"}},
		"far from any":     {"wibble_wobble = 1", []string{":1: unknown setting \"wibble_wobble\"; it must be one of keys, contexts, plugins, reducer, causes, theme"}},
		"wrong word":       {"\n\ntheme = \"drak\"", []string{":3: theme: must be one of auto, dark, light, not \"drak\""}},
		"wrong kind":       {"mouse = \"no\"", []string{":1: mouse must be true or false, such as mouse = false"}},
		"number":           {"memory = 512", []string{":1: memory must be a string, such as memory = \"512MB\""}},
		"list of numbers":  {"triggers = [1]", []string{":1: triggers must be a list of strings"}},
		"the flag says no": {"refresh = \"soon\"", []string{":1: refresh: not soon"}},
		"not TOML":         {"theme = \"dark\"\nmouse = = true", []string{":2: not TOML: "}},
		"twice":            {"mouse = true\nmouse = true", []string{":2: not TOML: "}},
		"keys, no table":   {"keys = 3", []string{":1: keys must be a table, such as\n[keys]"}},
		"keys of number":   {"[keys]\nrefresh = 3", []string{":2: keys.refresh must be a list of keys"}},
		"no url":           {"[contexts.prod]\ncolour = \"red\"", []string{"contexts.prod has no url, such as url ="}},
		"bad url":          {"[contexts.prod]\nurl = \"db.internal\"", []string{":2: contexts.prod.url: must be a URL such as"}},
		"bad colour":       {"[contexts.p]\nurl = \"http://h\"\ncolour = \"rad\"", []string{":3: contexts.p.colour: must be one of red, orange,", "not \"rad\" and not #rrggbb"}},
		"both tokens":      {"[contexts.p]\nurl = \"http://h\"\ntoken = \"x\"\ntoken_file = \"y\"", []string{"both token and token_file"}},
		"no file":          {"[contexts.p]\nurl = \"http://h\"\ntoken_file = \"\"", []string{":3: contexts.p.token_file: must name a file"}},
		"context key":      {"[contexts.p]\nurl = \"http://h\"\nreadonly = true", []string{":3: unknown key \"readonly\" in contexts.p; did you mean read_only?"}},
		"context kind":     {"[contexts.p]\nurl = \"http://h\"\nread_only = \"yes\"", []string{":3: contexts.p.read_only must be true or false"}},
		"context name":     {"[contexts.\"a b\"]\nurl = \"http://h\"", []string{"a context's name is made of"}},
		"context no table": {"contexts = \"prod\"", []string{":1: contexts must be a table"}},
		"plugins no table": {"plugins = 3", []string{":1: plugins must be a table, such as\n[plugins.peek]"}},
		"plugin name":      {"[plugins.Peek]\ncommand = [\"x\"]", []string{"a plugin's name is made of"}},
		"no command":       {"[plugins.peek]\nkey = \"X\"", []string{"plugins.peek has no command, such as command ="}},
		"command of words": {"[plugins.peek]\ncommand = \"x y\"", []string{":2: plugins.peek.command must be a list of strings"}},
		"plugin key":       {"[plugins.peek]\ncommand = [\"x\"]\nkeys = \"X\"", []string{":3: unknown key \"keys\" in plugins.peek; did you mean key?"}},
		"plugin conflict":  {"[plugins.peek]\ncommand = [\"x\"]\nkey = \"q\"", []string{"plugins.peek.key: q is taken"}},
		"reducer no list":  {"reducer = 3", []string{":1: reducer must be a list of tables, such as\n[[reducer]]"}},
		"reducer of none":  {"[[reducer]]\njq = \".\"", []string{":1: a reducer needs a category"}},
		"reducer of both":  {"[[reducer]]\ncategory = \"a\"\njq = \".\"\nfile = \"f\"", []string{":1: the reducer of category \"a\" needs a program: either jq or file"}},
		"reducer kind":     {"[[reducer]]\ncategory = \"a\"\njq = 3", []string{":1: the jq of a reducer must be a string"}},
		"reducer key":      {"[[reducer]]\ncategory = \"a\"\njg = \".\"", []string{":1: unknown key \"jg\" of a reducer; did you mean jq?"}},
		"reducer twice":    {"[[reducer]]\ncategory = \"a\"\njq = \".\"\n[[reducer]]\ncategory = \"a\"\njq = \".\"", []string{":4: category \"a\" has a reducer already, on line 1"}},
		"two at once":      {"theme = \"drak\"\nmouse = 3", []string{":1: theme", ":2: mouse"}},
		"conflict":         {"[keys]\nok = [\"R\"]\nrefresh = [\"q\"]", []string{":3: keys.refresh: q is taken"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("c.toml", []byte(test.text), Checks{
				Value: func(_, value string) error {
					if value == "soon" {
						return errors.New("not soon")
					}
					return nil
				},
				Keys: func(list []Rebinding, _ []Plugin) map[int]error {
					out := map[int]error{}
					for i, r := range list {
						if r.Keys[0] == "q" {
							out[i] = errors.New("q is taken")
						}
					}
					return out
				},
			})
			if err == nil {
				t.Fatalf("%q is accepted", test.text)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is\n%v\nand does not say %q", err, want)
				}
			}
			if problem, ok := errors.AsType[*Problem](err); !ok || problem.Path != "c.toml" {
				t.Errorf("%#v is no Problem of the file", err)
			}
		})
	}
}

// TestSettingsAreSound keeps the table in order: examples that hold, words that
// lead to the flag and back.
func TestSettingsAreSound(t *testing.T) {
	var text strings.Builder
	for _, s := range Settings() {
		fmt.Fprintf(&text, "%s = %s\n", s.Key, s.Example)
		for _, w := range s.Words {
			if flag, err := s.ForFlag(w.Value); err != nil || s.FromFlag(flag) != w.Value {
				t.Errorf("%s: %q becomes %q (%v) and does not come back", s.Key, w.Value, flag, err)
			}
		}
	}
	f, err := Parse("c.toml", []byte(text.String()), Checks{})
	if err != nil || len(f.Values) != len(Settings()) {
		t.Errorf("the examples make %d values, error %v", len(f.Values), err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	if f, err := LoadDefault(Checks{}); err != nil || f.Path != "" {
		t.Errorf("without a file: %+v, %v", f, err)
	}
	path, err := Path()
	if err != nil || path != filepath.Join(dir, "evtui", "config.toml") {
		t.Fatalf("path %q, error %v", path, err)
	}
	if _, err := Load(path, Checks{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is named and missing: %v", err)
	}
	mustWrite(t, path, "theme = \"dark\"\n[contexts.a]\nurl = \"http://h:1\"\ntoken_file = \"a.token\"\n")
	mustWrite(t, filepath.Join(dir, "evtui", "a.token"), "ns_secret\n")
	f, err := LoadDefault(Checks{})
	if err != nil || f.Path != path {
		t.Fatalf("%+v, %v", f, err)
	}
	c, ok := f.Context("a")
	if token, err := c.Secret(); !ok || err != nil || token != "ns_secret" {
		t.Errorf("token %q, %v, error %v", token, ok, err)
	}
	c.TokenFile += ".gone"
	if _, err := c.Secret(); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("a token file that is missing: %v", err)
	}
	if err := f.Unknown("b"); !strings.Contains(err.Error(), "must be one of a") && !strings.Contains(err.Error(), "did you mean a?") {
		t.Error(err)
	}
	if err := (&File{}).Unknown("prod"); !strings.Contains(err.Error(), "add [contexts.prod] with its url") {
		t.Error(err)
	}
}

func TestBeside(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	t.Setenv("USERPROFILE", "/home/ann")
	got, err := beside("/etc/c.toml", "~/x.token")
	if want := filepath.Join("/home/ann", "x.token"); err != nil || got != want {
		t.Errorf("%q, error %v; want %q", got, err, want)
	}
}

func mustWrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStateDir(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	if got, err := StateDir(); err != nil || got != filepath.Join(dir, "evtui") {
		t.Errorf("%q, error %v", got, err)
	}
	t.Setenv("XDG_STATE_HOME", "relative")
	if got, err := StateDir(); err != nil || !filepath.IsAbs(got) {
		t.Errorf("%q, error %v", got, err)
	}
}

// TestReducers reads both kinds; a file lies beside the configuration, and is read
// when it is asked for.
func TestReducers(t *testing.T) {
	dir := t.TempDir()
	f, err := Parse(filepath.Join(dir, "config.toml"), []byte("[[reducer]]\ncategory = \"account\"\njq = \".n += 1\"\n\n[[reducer]]\nfile = \"order.jq\"\ncategory = \"order\"\n"), Checks{})
	if err != nil || len(f.Reducers) != 2 || f.Reducers[0].Line != 1 || f.Reducers[1].Line != 5 {
		t.Fatalf("%+v, %v", f.Reducers, err)
	}
	if program, err := f.Reducers[0].Program(); err != nil || program != ".n += 1" {
		t.Errorf("%q, %v", program, err)
	}
	if _, err := f.Reducers[1].Program(); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "order.jq"), []byte(".\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if program, err := f.Reducers[1].Program(); err != nil || program != ".\n" {
		t.Errorf("%q, %v", program, err)
	}
}
