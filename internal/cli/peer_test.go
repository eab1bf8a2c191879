package cli

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/spf13/cobra"
)

// TestPeerVariables: EventoDB's variables set what they set there, and yield to
// evtui's, which yield to the command line.
func TestPeerVariables(t *testing.T) {
	for _, c := range []struct {
		name, args string
		env        map[string]string
		want       map[string]string
	}{
		{"EventoDB's", "", map[string]string{"EVENTODB_PORT": "1234", "EVENTODB_TEST_MODE": "1", "EVENTODB_LOG_FORMAT": "console", "EVENTODB_TOKEN": "x"},
			map[string]string{"port": "1234", "test-mode": "true", "log-format": "text", "token": "x"}},
		{"evtui's go first", "", map[string]string{"EVENTODB_PORT": "1234", "EVTUI_PORT": "99", "EVENTODB_LOG_LEVEL": "warn", "EVTUI_LOG_LEVEL": "debug"},
			map[string]string{"port": "99", "log-level": "debug"}},
		{"also under another name", "", map[string]string{"EVENTODB_PORT": "1234", "EVTUI_LISTEN": "127.0.0.1:9"},
			map[string]string{"port": "0", "listen": "127.0.0.1:9"}},
		{"the command line goes first", "--port 7 --data here", map[string]string{"EVENTODB_PORT": "1234", "EVENTODB_DB_URL": "pebble:///elsewhere", "EVENTODB_TEST_MODE": "1"},
			map[string]string{"port": "7", "data": "here", "db-url": "", "test-mode": "false"}},
		{"a database goes before its directory", "", map[string]string{"EVENTODB_DB_URL": "pebble:///there", "EVENTODB_DATA_DIR": "here"},
			map[string]string{"data": ""}},
		{"test mode needs no place", "--test-mode", map[string]string{"EVENTODB_DATA_DIR": "here", "EVTUI_DATA": "there"},
			map[string]string{"data": "", "test-mode": "true"}},
		{"no test mode", "", map[string]string{"EVENTODB_DATA_DIR": "here", "EVENTODB_TEST_MODE": "false"},
			map[string]string{"data": "here", "test-mode": "false"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			cmd := serveCommand()
			cmd.RunE = func(cmd *cobra.Command, _ []string) error {
				_, err := settings.FromEnvironment(cmd)
				return err
			}
			cmd.SetArgs(strings.Fields(c.args))
			if err := cmd.Execute(); err != nil {
				t.Fatal(err)
			}
			for flag, want := range c.want {
				if got := cmd.Flags().Lookup(flag).Value.String(); got != want {
					t.Errorf("--%s is %q, want %q", flag, got, want)
				}
			}
		})
	}
	t.Setenv("EVTUI_CONFIG", "none")
	t.Setenv("EVENTODB_PORT", "many")
	if _, _, err := runCommand(t, "serve", "--data", t.TempDir()); command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), "EVENTODB_PORT in the environment: --port must be a whole number") {
		t.Error(err)
	}
}

// TestServesWithoutATerminal: evtui as EventoDB is started, by a script.
func TestServesWithoutATerminal(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	log, logged := io.Pipe()
	root := newRoot()
	root.SetArgs([]string{"--test-mode", "--port", "0", "--log-format", "console"})
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(logged)
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx); logged.Close() }()
	url := regexp.MustCompile(`msg=serving url=http://\S+:(\d+) .*testMode=true`)
	var all []byte
	buf := make([]byte, 1024)
	for !url.Match(all) {
		n, err := log.Read(buf)
		if all = append(all, buf[:n]...); err != nil {
			t.Fatalf("%v after %s", err, all)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	address := "http://127.0.0.1:" + string(url.FindSubmatch(all)[1])
	for range 2 { // no token, and a namespace that is made on first use
		if _, _, err := runCommand(t, "append", "a-1", "T", "{}", "--url", address); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-ended; err != nil || out.Len() > 0 {
		t.Errorf("it ended with %v, and printed %s", err, out.Bytes())
	}
}
