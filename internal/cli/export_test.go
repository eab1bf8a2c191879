package cli

import (
	"bytes"
	"compress/gzip"
	"github.com/evtui/evtui/internal/cli/command"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// exportedPositions returns the global positions that an export of the directory holds.
func exportedPositions(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, _, err := runCommand(t, append([]string{"export", "--data", dir}, args...)...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	if strings.HasPrefix(out, "\x1f\x8b") {
		unpacked, err := gzip.NewReader(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(unpacked)
		if err != nil {
			t.Fatal(err)
		}
		out = string(all)
	}
	var positions []string
	for _, m := range regexp.MustCompile(`"gpos":(\d+)`).FindAllStringSubmatch(out, -1) {
		positions = append(positions, m[1])
	}
	return strings.Join(positions, " ")
}

// TestExportSelects by category and time, as EventoDB's export does.
func TestExportSelects(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	dir := t.TempDir()
	var file bytes.Buffer
	for i, line := range []string{
		`"stream":"a-1","pos":0,"gpos":1,"time":"2026-11-01T00:00:00Z"`,
		`"stream":"b-1","pos":0,"gpos":2,"time":"2026-11-02T00:00:00Z"`,
		`"stream":"c-1","pos":0,"gpos":3,"time":"2026-11-03T00:00:00.5Z"`,
		`"stream":"a-1","pos":1,"gpos":9,"time":"2026-11-04T00:00:00Z"`,
	} {
		file.WriteString(`{"id":"018f0000-0000-7000-8000-00000000000` + string(rune('1'+i)) + `","type":"T","data":{},"meta":null,` + line + "}\n")
	}
	if _, _, err := runCommandOn(t, &file, "import", "-", "--data", dir); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"":                               "1 2 3 9",
		"--gzip":                         "1 2 3 9",
		"--category a":                   "1 9",
		"--categories a,c":               "1 3 9",
		"--categories a,c --gzip":        "1 3 9",
		"--categories b --category a":    "1 2 9",
		"--since 2026-11-02":             "2 3 9",
		"--since 2026-11-03T00:00:00.5Z": "3 9",
		"--until 2026-11-03":             "1 2",
		"--until 2026-11-03T00:00:00.5Z": "1 2",
		"--since 2026-11-02 --until 2026-11-04 --categories a,b,c": "2 3",
		"--since 2026-12-01":          "",
		"--from 3 --since 2026-11-02": "3 9",
		"--from 3 --categories a,b":   "9",
	} {
		if got := exportedPositions(t, dir, strings.Fields(args)...); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	for args, want := range map[string]string{
		"--since yesterday":                     "--since needs a time",
		"--since 2026-11-02 --until 2026-11-02": "--until must be after --since",
		"--categories a,b-1":                    `"b-1" is no category`,
	} {
		_, _, err := runCommand(t, append([]string{"export", "--data", dir}, strings.Fields(args)...)...)
		if command.ExitCode(err) != command.ExitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
	// What was packed is imported as it is.
	packed := filepath.Join(t.TempDir(), "all.ndjson.gz")
	if _, _, err := runCommand(t, "export", packed, "--gzip", "--data", dir); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if _, _, err := runCommand(t, "import", packed, "--gzip", "--data", other); err != nil {
		t.Fatal(err)
	}
	if got := exportedPositions(t, other); got != "1 2 3 9" {
		t.Errorf("after the round trip: %s", got)
	}
}

// TestFailedExportKeepsTheLast: a nightly export whose token no longer holds
// leaves the one of the night before.
func TestFailedExportKeepsTheLast(t *testing.T) {
	dir := filled(t, 100)
	name := filepath.Join(t.TempDir(), "shop.ndjson")
	if _, errs, err := runCommand(t, "export", name, "--data", dir); err != nil || !strings.Contains(errs, "exported 100 messages") {
		t.Fatal(errs, err)
	}
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := runCommand(t, "export", name, "--data", dir, "--ns", "nothing"); command.ExitCode(err) != command.ExitFailed {
		t.Errorf("exit %d, %v", command.ExitCode(err), err)
	}
	if after, err := os.ReadFile(name); err != nil || string(after) != string(before) {
		t.Errorf("%d bytes of %d are left, %v", len(after), len(before), err)
	}
	if files, _ := os.ReadDir(filepath.Dir(name)); len(files) != 1 {
		t.Errorf("left: %v", files)
	}
}
