package cli

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/record"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/internal/recording"
	"github.com/evtui/evtui/server/wire"
)

func TestRecordUsage(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for args, want := range map[string]string{
		"record --url http://127.0.0.1:1":                                "which file?",
		"record --url http://127.0.0.1:1 --out x.evt --duration -1s":     "must not be negative",
		"record --url http://127.0.0.1:1 --out x.evt --past 2h":          "from 0 to 1h",
		"record --url http://127.0.0.1:1 --out x.evt --profile-every 3s": "--profile-every must be at least 10s",
		"record --context nobody --out x.evt":                            `there is no context "nobody"`,
		"compare a.evt":                                                  "compare with what?",
		"compare -o json":                                                "--output is for two recordings",
		"compare a b c":                                                  "takes [BEFORE AFTER]",
		"attach":                                                         "which server?",
		"attach http://127.0.0.1:1 --context prod":                       "give one of them",
		"open": "takes FILE",
	} {
		_, _, err := runCommand(t, strings.Fields(args)...)
		if command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: exit %d, %v; want %q", args, command.ExitCode(err), err, want)
		}
	}
	if _, _, err := runCommand(t, "record", "--url", "http://127.0.0.1:1", "--out", filepath.Join(t.TempDir(), "x.evt")); command.ExitCode(err) != command.ExitTryAgain {
		t.Errorf("nobody answers: exit %d, %v", command.ExitCode(err), err)
	}
}

func TestMomentOf(t *testing.T) {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	r := &recording.Recording{Header: recording.Header{Began: noon}, Ended: noon.Add(2 * time.Hour), Samples: []wire.Sample{{Time: noon.Add(-time.Minute)}}}
	cmd := &cobra.Command{Use: "open"}
	for given, want := range map[string]time.Time{
		"": noon.Add(2 * time.Hour), "-30m": noon.Add(90 * time.Minute), "30m": noon.Add(90 * time.Minute), "2026-03-14T12:00:00Z": noon, "2026-03-14T11:59:30Z": noon.Add(-30 * time.Second),
	} {
		if got, err := momentOf(cmd, r, given); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", given, got, err)
		}
	}
	for _, given := range []string{"-3h", "-1d", "2026-03-14T11:58:00Z", "2026-03-14T15:00:00Z"} {
		if _, err := momentOf(cmd, r, given); command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), "from 2026-03-14T11:59:00Z to 2026-03-14T14:00:00Z") {
			t.Errorf("%q: %v", given, err)
		}
	}
	if _, err := momentOf(cmd, r, "later"); command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), "--until needs a time") {
		t.Errorf("later: %v", err)
	}
}

// TestCompareRecordings lays two recordings of one running server over each
// other, in both formats.
func TestCompareRecordings(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	h := mustHost(t, host.Config{Listen: host.NoNetwork})
	s, err := new(target.Target).Embed(h)
	if err != nil {
		t.Fatal(err)
	}
	var files [2]string
	for i := range files {
		files[i] = filepath.Join(t.TempDir(), "run.evt") // the same name in two directories
		u := &record.UI{Session: s}
		if err := u.Start(files[i]); err != nil {
			t.Fatal(err)
		}
		if r := u.Report(); !r.Running || r.File != files[i] {
			t.Errorf("report %+v", r)
		}
		if err := u.Start(files[i]); err == nil || !strings.Contains(err.Error(), "already running") {
			t.Errorf("twice: %v", err)
		}
		if err := u.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := u.Stop(); err != nil || u.Report().Running {
			t.Errorf("stopped twice: %v, %+v", err, u.Report())
		}
	}
	out, _, err := runCommand(t, "compare", files[0], files[1])
	if err != nil || !strings.Contains(out, files[0]) || !strings.Contains(out, "write p99") || !strings.Contains(out, "pebble") {
		t.Errorf("%v\n%s", err, out)
	}
	out, _, err = runCommand(t, "compare", files[0], files[1], "-o", "json")
	var c struct{ Recordings, Figures []any }
	if e := json.NewDecoder(bytes.NewBufferString(out)).Decode(&c); err != nil || e != nil || len(c.Recordings) != 2 || len(c.Figures) < 20 {
		t.Errorf("%v, %v\n%s", err, e, out)
	}
	if err := os.WriteFile(files[1], []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := runCommand(t, "compare", files[0], files[1]); err == nil || !strings.Contains(err.Error(), "not a recording of evtui") {
		t.Errorf("%v", err)
	}
}

// TestRecordOnAServerWithNothingToRecord leaves no file behind.
func TestRecordOnAServerWithNothingToRecord(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	h := mustHost(t, host.Config{Listen: host.NoNetwork})
	web := httptest.NewServer(peer.Handler(h.Server.Handler(), peer.Options{}))
	t.Cleanup(web.Close)
	file := filepath.Join(t.TempDir(), "run.evt")
	_, _, err := runCommand(t, "record", "--url", web.URL, "--token", h.Token, "--out", file)
	if command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "figures, events and log are not offered by this server") {
		t.Errorf("exit %d, %v", command.ExitCode(err), err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file is there: %v", err)
	}
}
