package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/store/pebblestore"
)

func TestExitCodes(t *testing.T) {
	cmd := &cobra.Command{Use: "evtui"}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("any"), 1},
		{fmt.Errorf("verify: %w", command.ErrReported), 1},
		{command.Usage(cmd, "wrong"), 2},
		{fmt.Errorf("open: %w", pebblestore.ErrLocked), 3},
		{fmt.Errorf("join: %w", command.ErrBusy), 3},
		{fmt.Errorf("read: %w", context.Canceled), 130},
		{command.ErrInterrupted, 130},
		{&command.Signalled{Signal: syscall.SIGTERM}, 130},
	} {
		if got := command.ExitCode(c.err); got != c.want {
			t.Errorf("ExitCode(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}

func TestDurability(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"sync": 0, "interval": 100 * time.Millisecond, "interval=50ms": 50 * time.Millisecond,
	} {
		d := target.Durability{Interval: time.Hour}
		if err := d.Set(text); err != nil || d.Interval != want {
			t.Errorf("Set(%q): %v, %v", text, d.Interval, err)
		}
		if back := (&target.Durability{}); back.Set(d.String()) != nil || *back != d {
			t.Errorf("%q does not come back from %q", text, d.String())
		}
	}
	for _, text := range []string{"", "never", "interval=", "interval=0s", "interval=-1s", "sync=1s"} {
		if err := (&target.Durability{}).Set(text); err == nil {
			t.Errorf("Set(%q) is accepted", text)
		}
	}
}

func TestMix(t *testing.T) {
	for _, text := range []string{"", "1", "0:0", "-1:1", "1:-1", "a:b", "1:1:1"} {
		if err := (&load.Mix{Config: &load.Config{}}).Set(text); err == nil {
			t.Errorf("Set(%q) is accepted", text)
		}
	}
	var c load.Config
	if err := (&load.Mix{Config: &c}).Set("0:3"); err != nil || c.Writes != 0 || c.Reads != 3 {
		t.Errorf("Set(0:3): %+v, %v", c, err)
	}
}

func TestEnvironmentYieldsToTheCommandLine(t *testing.T) {
	t.Setenv("EVTUI_URL", "http://from.environment")
	t.Setenv("EVTUI_TOKEN", "from-environment")
	t.Setenv("EVTUI_YES", "true")
	for _, c := range []struct{ args, url, token string }{
		{"", "http://from.environment", "from-environment"},
		{"--token given", "http://from.environment", "given"},
		{"--data here", "", "from-environment"},
	} {
		var (
			tg  target.Target
			yes bool
		)
		cmd := &cobra.Command{Use: "x", RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := settings.FromEnvironment(cmd)
			return err
		}}
		tg.Flags(cmd)
		cmd.Flags().BoolVar(&yes, "yes", false, "")
		cmd.SetArgs(strings.Fields(c.args))
		if err := cmd.Execute(); err != nil {
			t.Fatal(err)
		}
		if tg.URL != c.url || tg.Token != c.token {
			t.Errorf("%q: url %q, token %q", c.args, tg.URL, tg.Token)
		}
		if yes {
			t.Errorf("%q: the environment said yes", c.args)
		}
	}
}

func TestTableShowsAndNeverObeys(t *testing.T) {
	var out bytes.Buffer
	if err := output.WriteTable(&out, [][]string{{"NAME", "N\t"}, {"a\x1b[2Jb", "1"}, {"日本", "12345"}}); err != nil {
		t.Fatal(err)
	}
	want := "NAME        N\na␛[2Jb      1\n日本    12345\n"
	if out.String() != want {
		t.Errorf("got\n%q, want\n%q", out.String(), want)
	}
}
