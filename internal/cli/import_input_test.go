package cli

import (
	"bytes"
	"compress/gzip"
	"github.com/evtui/evtui/internal/cli/command"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestImportInput names what is no lines of JSON, and passes on what is.
func TestImportInput(t *testing.T) {
	line := `{"id":"x"}` + "\n"
	for name, c := range map[string]struct{ in, out, fault string }{
		"lines":            {in: line + line, out: line + line},
		"after blanks":     {in: "\n \n" + line, out: "\n \n" + line},
		"gzip":             {in: packed(t, line), out: line},
		"two gzip members": {in: packed(t, line) + packed(t, line), out: line + line},
		"empty":            {},
		"cut gzip":         {in: packed(t, line)[:15], fault: "truncated"},
		"gzip twice":       {in: packed(t, packed(t, line)), fault: "gzip twice"},
		"zstd":             {in: "\x28\xb5\x2f\xfd\x00", fault: "zstd -dc"},
		"zstd in gzip":     {in: packed(t, "\x28\xb5\x2f\xfd\x00"), fault: "zstd -dc"},
		"sqlite":           {in: "SQLite format 3\x00rest", fault: "is a SQLite database"},
		"an array":         {in: " [{},{}]", fault: "one JSON array"},
		"CSV":              {in: "id,stream,type\n1,a-1,T\n", fault: "looks like CSV"},
		"TSV":              {in: "id\tstream\n", fault: "looks like CSV"},
		"bytes":            {in: "\x01\x02\x00\x03", fault: "is not text"},
		"words":            {in: "hello there\n", fault: `with "hello there"`},
		"HTML":             {in: "<!doctype html>", fault: "HTML"},
		"UTF-16":           {in: "\xff\xfe{\x00", fault: "UTF-16"},
		"a mark":           {in: "\xef\xbb\xbf{}", fault: "byte order mark"},
		"a tar":            {in: "name" + strings.Repeat("\x00", 253) + "ustar\x0000", fault: "tar archive"},
	} {
		in, err := readLines(strings.NewReader(c.in), "FILE", false)
		out := ""
		if err == nil {
			var all []byte
			all, err = io.ReadAll(in)
			out = string(all)
		}
		if c.fault == "" && (err != nil || out != c.out || in.empty != (c.in == "")) {
			t.Errorf("%s: %q, empty %t, %v", name, out, in.empty, err)
		}
		if c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault) || !strings.Contains(err.Error(), "FILE")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readLines(strings.NewReader(line), "FILE", true); err == nil || !strings.Contains(err.Error(), "--gzip") {
		t.Errorf("--gzip of what is not compressed: %v", err)
	}
}

// TestForcedImportKeepsWhatIsThere gives --force what it cannot take: what the
// namespace holds stays.
func TestForcedImportKeepsWhatIsThere(t *testing.T) {
	eachEngine(t, func(t *testing.T, dir string) {
		file := filepath.Join(t.TempDir(), "export.ndjson")
		mustRun(t, "export", file, "--ns", "shop", "--data", dir)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := mustRun(t, "verify", "--digest", "-o", "json", "--data", dir)
		for name, content := range map[string]string{
			"empty": "", "blank": "\n\n", "csv": "a,b\n", "cut": string(text[:len(text)-20]), "twice": string(text) + string(text),
			"gzip.cut": packed(t, string(text))[:40], "empty.gz": packed(t, ""),
		} {
			bad := filepath.Join(t.TempDir(), name)
			mustChangeNew(t, bad, content)
			mustFail(t, command.ExitFailed, nil, "import", bad, "--force", "--yes", "--data", dir)
			if after, _ := mustRun(t, "verify", "--digest", "-o", "json", "--data", dir); after != before {
				t.Fatalf("%s: %s, before %s", name, after, before)
			}
		}
		mustFail(t, command.ExitUsage, []string{"--yes"}, "import", file, "--force", "--data", dir)
		mustFail(t, command.ExitUsage, []string{"give one of them"}, "import", file, "--force", "--yes", "--resume", "--data", dir)
		mustFail(t, command.ExitUsage, []string{"--force"}, "import", file, "--yes", "--data", dir)
		gz := filepath.Join(t.TempDir(), "good")
		mustChangeNew(t, gz, packed(t, string(text)))
		mustRun(t, "import", gz, "--force", "--yes", "--data", dir)
		if out, _ := mustRun(t, "messages", "--all", "--data", dir, "--columns", "stream"); !strings.Contains(out, "a-2") || strings.Contains(out, "b-") {
			t.Errorf("replaced: %q", out)
		}
	})
}

// TestNotAFileToImport names directories and tables of Pebble.
func TestNotAFileToImport(t *testing.T) {
	dir := mustFillDir(t)
	tables, err := filepath.Glob(filepath.Join(dir, "ns", "shop.*", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatal(tables, err)
	}
	mustFail(t, command.ExitFailed, []string{"is a directory"}, "import", dir, "--data", dir)
	mustFail(t, command.ExitFailed, []string{tables[0]}, "import", tables[0], "--data", dir)
}

func mustChangeNew(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
