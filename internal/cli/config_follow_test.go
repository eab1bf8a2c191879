package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
)

// TestConfigCheckKnowsWhatLeadsOn: templates and plugins are checked with the rest
// of the file, and shown.
func TestConfigCheckKnowsWhatLeadsOn(t *testing.T) {
	path := mustConfig(t, "open_url = \"https://t.example.com/{metadata.traceId}\"\n[plugins.peek]\nkey = \"ctrl+t\"\ncommand = [\"less\", \"-R\"]\nwrites = false\n")
	out, _, err := runCommand(t, "config", "check", path)
	if err != nil || !strings.Contains(out, "1 setting, 0 rebound actions, 0 contexts, 1 plugin") {
		t.Errorf("%v, %s", err, out)
	}
	by := mustTell(t)
	if h := by["open_url"]; !strings.HasPrefix(h.Value, "https://t.example.com/") {
		t.Errorf("open_url: %+v", h)
	}
	if h := by["plugins.peek"]; h.Value != "ctrl+t: less -R" {
		t.Errorf("plugins.peek: %+v", h)
	}
	path = mustConfig(t, "open_url = \"https://{data.host}/\"\n[plugins.peek]\nkey = \"hyper+x\"\ncommand = [\"less\"]\n[plugins.poke]\nkey = \"X\"\ncommand = [\"more\"]\n[keys]\nrefresh = [\"X\"]\n")
	_, _, err = runCommand(t, "config", "check", path)
	if command.ExitCode(err) != command.ExitUsage {
		t.Fatalf("ends with %v", err)
	}
	for _, want := range []string{":1: open_url: the host is fixed", "plugins.peek.key: \"hyper+x\" is not a key", "X is taken by"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
}

// TestConfigKnowsReducers counts them, shows them, and says what is wrong with one.
func TestConfigKnowsReducers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "order.jq")
	if err := os.WriteFile(file, []byte(".total += 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	tables := fmt.Sprintf("[[reducer]]\ncategory = \"account\"\njq = \".n += 1\"\n[[reducer]]\ncategory = \"order\"\nfile = %q\n", file)
	path := mustConfig(t, tables)
	out, _, err := runCommand(t, "config", "check", path)
	if err != nil || !strings.Contains(out, "2 reducers") {
		t.Errorf("%v, %s", err, out)
	}
	by := mustTell(t)
	if h := by["reducer.account"]; h.Value != "jq .n += 1" || !strings.HasSuffix(h.From, ":1") {
		t.Errorf("reducer.account: %+v", h)
	}
	if h := by["reducer.order"]; h.Value != "file "+file {
		t.Errorf("reducer.order: %+v", h)
	}
	if err := os.WriteFile(file, []byte("if .a\nthen é) end"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = runCommand(t, "config", "check", mustConfig(t, tables+"[[reducer]]\ncategory = \"basket\"\njq = \"foo\"\n"))
	for _, want := range []string{`:4: the reducer of category "order": ` + file + ": line 2, column 6: ", `:7: the reducer of category "basket": jq: function not defined: foo/0`} {
		if command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
}
