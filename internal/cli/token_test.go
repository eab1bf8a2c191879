package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/spf13/cobra"
)

// run runs a command with the flags of a target, up to where it knows its token.
func tokenFor(t *testing.T, args ...string) (token, warned string, err error) {
	t.Helper()
	var (
		tg  target.Target
		out bytes.Buffer
	)
	root := newRoot()
	cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
	tg.TokenFlags(cmd)
	root.AddCommand(cmd)
	root.SetArgs(append([]string{"x", "--config", "none"}, args...))
	root.SetErr(&out)
	root.SilenceErrors, root.SilenceUsage = true, true
	err = root.Execute()
	return tg.Token, out.String(), err
}

func TestTokenFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("good", "ns_secret\n", 0o600)
	open := write("open", "  ns_secret\r\n", 0o644)
	for name, c := range map[string]struct {
		args           []string
		variable, file string
		want, wrong    string
		warns          bool
	}{
		"by flag":                      {args: []string{"--token-file", good}, want: "ns_secret"},
		"by environment":               {file: good, want: "ns_secret"},
		"token by environment":         {variable: "ns_other", want: "ns_other"},
		"others may read it":           {args: []string{"--token-file", open}, want: "ns_secret", warns: runtime.GOOS != "windows"},
		"the flag wins":                {args: []string{"--token-file", good}, variable: "ns_other", want: "ns_secret"},
		"the other flag wins":          {args: []string{"--token", "ns_other"}, file: good, want: "ns_other"},
		"both by flag":                 {args: []string{"--token", "ns_other", "--token-file", good}, wrong: "give one of them"},
		"both by environment":          {variable: "ns_other", file: good, wrong: "give one of them"},
		"no such file":                 {args: []string{"--token-file", filepath.Join(dir, "nowhere")}, wrong: "read the token"},
		"a directory":                  {args: []string{"--token-file", dir}, wrong: "read the token"},
		"empty":                        {args: []string{"--token-file", write("empty", "\n", 0o600)}, wrong: "is empty"},
		"more than a token":            {args: []string{"--token-file", write("more", "ns_secret\nsecond secret\n", 0o600)}, wrong: "nothing else"},
		"far more than a token can be": {args: []string{"--token-file", write("big", strings.Repeat("a b", 1<<20), 0o600)}, wrong: "nothing else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("EVTUI_TOKEN", c.variable)
			t.Setenv("EVTUI_TOKEN_FILE", c.file)
			token, said, err := tokenFor(t, c.args...)
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "secret") {
					t.Errorf("got %v, want %q and no secret", err, c.wrong)
				}
				return
			}
			if err != nil || token != c.want {
				t.Errorf("got %q, %v, want %q", token, err, c.want)
			}
			if warned := strings.Contains(said, "chmod 600"); warned != c.warns || strings.Contains(said, "ns_") {
				t.Errorf("said %q, want a warning: %v", said, c.warns)
			}
		})
	}
}

// TestTokenFileWhereverTheTokenIs: no command leaves only the way that shows
// the token to everybody.
func TestTokenFileWhereverTheTokenIs(t *testing.T) {
	var look func(cmd *cobra.Command)
	seen := 0
	look = func(cmd *cobra.Command) {
		if cmd.Flags().Lookup("token") != nil {
			seen++
			if cmd.Flags().Lookup("token-file") == nil {
				t.Errorf("%s has --token and no --token-file", cmd.CommandPath())
			}
		}
		for _, sub := range cmd.Commands() {
			look(sub)
		}
	}
	look(newRoot())
	if seen < 10 {
		t.Errorf("only %d commands have --token", seen)
	}
}

func TestNetworkFlags(t *testing.T) {
	for args, want := range map[string]string{
		"":                                         "",
		"--tls-cert a --tls-key b":                 "",
		"--tls-cert a":                             "--tls-key",
		"--tls-key b":                              "--tls-cert",
		"--cors-origin https://shop.example":       "",
		"--cors-origin *":                          "",
		"--cors-origin shop.example":               "--cors-origin",
		"--max-requests 0":                         "--max-requests",
		"--max-connections -1":                     "--max-connections",
		"--max-body 0":                             "--max-body",
		"--max-body 1MiB":                          "",
		"--drain-timeout 0s":                       "--drain-timeout",
		"--read-timeout 0s":                        "--read-timeout",
		"--header-timeout -1s":                     "--header-timeout",
		"--header-timeout 5s --idle-timeout 1m":    "",
		"--max-subscriptions 0":                    "--max-subscriptions",
		"--max-imports 0":                          "--max-imports",
		"--stall-timeout 0s":                       "--stall-timeout",
		"--cors-origin https://a --cors-origin /b": "--cors-origin",
	} {
		var n networkFlags
		cmd := &cobra.Command{Use: "x", RunE: func(cmd *cobra.Command, _ []string) error { return n.check(cmd) }}
		n.flags(cmd)
		cmd.SetArgs(strings.Fields(args))
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		err := cmd.Execute()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", args, err)
		}
		if args == "--max-body 1MiB" && n.Limits.BodyBytes != 1<<20 {
			t.Errorf("--max-body 1MiB stands for %d bytes", n.Limits.BodyBytes)
		}
	}
}
