package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// completed asks as a shell does what the last of the words can become.
func completed(t *testing.T, words ...string) (values []string, directive cobra.ShellCompDirective) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&bytes.Buffer{})
	root.SetArgs(append([]string{cobra.ShellCompNoDescRequestCmd}, words...))
	root.SilenceErrors, root.SilenceUsage = true, true
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("complete %q: %v", words, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	code, err := strconv.Atoi(strings.TrimPrefix(lines[len(lines)-1], ":"))
	if err != nil {
		t.Fatalf("complete %q: %q", words, out.String())
	}
	return lines[:len(lines)-1], cobra.ShellCompDirective(code)
}

// mustStocked makes a data directory with things to complete, and has it be
// the default one. No configuration of the machine's is read.
func mustStocked(t *testing.T) host.Place {
	t.Helper()
	base := t.TempDir()
	for _, name := range []string{"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, base)
	}
	dir := host.Place(filepath.Join(base, "evtui"))
	h := mustHost(t, host.Config{Dir: dir, Listen: "127.0.0.1:0", Notes: host.Notes(filepath.Join(base, "evtui", "servers"))})
	c, err := client.New(h.URL(), client.WithToken(h.Token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.CreateNamespace(t.Context(), "shop", client.NamespaceOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"account-1", "account-2", "order-7"} {
		for _, namespace := range []string{store.DefaultNamespace, "shop"} {
			if _, err := c.In(namespace).Write(t.Context(), stream, client.Event{Type: "T"}, client.AnyVersion()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(base, "evtui", "config.toml"), []byte("[contexts.prod]\nurl = \"http://127.0.0.1:1\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// free are flags whose text nobody can know. A flag that takes a text and is not
// here must complete something.
var free = map[string]string{
	"token": "a secret", "with-token": "a secret", "description": "prose", "metadata": "JSON", "id": "a UUID", "filter": "the filter language", "revoke": "an id that ns token lists",
	"trigger": "a rule", "focus": "an expression", "ignore": "an expression", "hide": "an expression", "show": "an expression", "correlation": "a name", "cors-origin": "an origin",
	"memory": "a size", "max-body": "a size", "value": "of the profile that is named, if one is", "open-url": "a template of a URL",
}

// TestEveryFlagIsCompleted goes over all commands and all their flags that take a
// value.
func TestEveryFlagIsCompleted(t *testing.T) {
	mustStocked(t)
	looked, numbers := 0, []string{"int", "int64", "uint64", "float64", "duration"}
	each(newRoot(), func(cmd *cobra.Command) {
		path := strings.Fields(cmd.CommandPath())[1:]
		flags := func(f *pflag.Flag) {
			if f.Hidden || f.Value.Type() == "bool" {
				return
			}
			looked++
			values, directive := completed(t, append(slices.Clone(path), "--"+f.Name, "")...)
			where := cmd.CommandPath() + " --" + f.Name
			names := directive == cobra.ShellCompDirectiveDefault || directive&(cobra.ShellCompDirectiveFilterDirs|cobra.ShellCompDirectiveFilterFileExt) != 0
			_, isFree := free[f.Name]
			switch {
			case directive&cobra.ShellCompDirectiveError != 0:
				t.Errorf("%s: an error", where)
			case slices.Contains(numbers, f.Value.Type()) || isFree:
				if names {
					t.Errorf("%s: files are offered for what is none (%s)", where, f.Value.Type())
				}
			case !names && len(values) == 0:
				t.Errorf("%s takes a %s and completes nothing", where, f.Value.Type())
			}
		}
		cmd.LocalFlags().VisitAll(flags)
	})
	if looked < 200 {
		t.Errorf("only %d flags were looked at", looked)
	}
}

// TestEveryArgumentIsCompleted goes over all commands that take arguments.
func TestEveryArgumentIsCompleted(t *testing.T) {
	mustStocked(t)
	unknown := map[string]string{"create": "a new name"}
	looked := 0
	each(newRoot(), func(cmd *cobra.Command) {
		if _, takes, _ := strings.Cut(cmd.Use, " "); takes == "" || cmd.Hidden {
			return
		}
		looked++
		values, directive := completed(t, append(strings.Fields(cmd.CommandPath())[1:], "")...)
		names := directive == cobra.ShellCompDirectiveDefault || directive&(cobra.ShellCompDirectiveFilterDirs|cobra.ShellCompDirectiveFilterFileExt) != 0
		if _, ok := unknown[cmd.Name()]; !ok && !names && len(values) == 0 {
			t.Errorf("%s completes nothing", cmd.UseLine())
		}
	})
	if looked < 20 {
		t.Errorf("only %d commands were looked at", looked)
	}
}

func TestWhatIsCompleted(t *testing.T) {
	dir := string(mustStocked(t))
	type offer struct {
		values    []string
		directive cobra.ShellCompDirective
	}
	none := cobra.ShellCompDirectiveNoFileComp
	noSpace := none | cobra.ShellCompDirectiveNoSpace
	for line, want := range map[string]offer{
		"--theme ":                              {[]string{"auto", "dark", "light"}, none},
		"--theme d":                             {[]string{"dark"}, none},
		"serve --durability ":                   {[]string{"sync", "interval", "interval="}, noSpace},
		"serve --log-level ":                    {[]string{"debug", "info", "warn", "error"}, none},
		"serve --db-url s":                      {[]string{"sqlite://"}, noSpace},
		"attach --context ":                     {[]string{"prod"}, none},
		"messages --ns ":                        {[]string{"default", "shop"}, none},
		"messages --data " + dir + " --ns s":    {[]string{"shop"}, none},
		"ns delete ":                            {[]string{"default", "shop"}, none},
		"ns token sh":                           {[]string{"shop"}, none},
		"ns create ":                            {nil, none},
		"messages --category ":                  {[]string{"account", "order"}, none},
		"messages --ns shop --category a":       {[]string{"account"}, none},
		"streams --category ":                   {[]string{"account", "order"}, none},
		"export --categories account,":          {[]string{"account,account", "account,order"}, noSpace},
		"tail ":                                 {[]string{"account", "order"}, none},
		"tail account ":                         {[]string{"account", "order"}, none},
		"tail --stream acc":                     {[]string{"account-1", "account-2"}, none},
		"messages account-":                     {[]string{"account-1", "account-2"}, none},
		"groups ":                               {[]string{"parked", "retry", "account", "order"}, none},
		"import ":                               {[]string{"ndjson", "gz", "json"}, cobra.ShellCompDirectiveFilterFileExt},
		"import --on-invalid ":                  {[]string{"stop", "skip", "report="}, noSpace},
		"open ":                                 {[]string{"evt"}, cobra.ShellCompDirectiveFilterFileExt},
		"profile top ":                          {nil, cobra.ShellCompDirectiveDefault},
		"serve --token-file ":                   {nil, cobra.ShellCompDirectiveDefault},
		"config check ":                         {[]string{"toml"}, cobra.ShellCompDirectiveFilterFileExt},
		"backup ":                               {nil, cobra.ShellCompDirectiveFilterDirs},
		"events --kind sta":                     {[]string{"stall", "stall ended"}, none},
		"messages --data /nowhere/at/all --ns ": {nil, none},
		"messages --url http://127.0.0.1:1 --ns ": {nil, none},
		"load --duration ":                        {nil, none},
	} {
		words := strings.Split(line, " ")
		values, directive := completed(t, words...)
		if !slices.Equal(values, want.values) && len(values)+len(want.values) > 0 || directive != want.directive {
			t.Errorf("evtui %s: %q %d, want %q %d", line, values, directive, want.values, want.directive)
		}
	}
}
