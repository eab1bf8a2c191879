package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesNameTheirTests holds docs/reliability.md against the tree: every
// test and every flag of a test that it names must be there.
func TestPromisesNameTheirTests(t *testing.T) {
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(string(page), -1)
	if len(named) < 40 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, m := range named {
		if !strings.Contains(mustTests(t, filepath.Join(root, filepath.FromSlash(m[1]))), "\nfunc "+m[2]+"(") {
			t.Errorf("there is no %s in %s", m[2], m[1])
		}
	}
	flags := regexp.MustCompile(`-([a-z]+\.[a-z]+)\b`).FindAllStringSubmatch(string(page), -1)
	if len(flags) < 8 {
		t.Errorf("only %d flags are named", len(flags))
	}
	var all strings.Builder
	for _, dir := range []string{"internal/e2e", "server", "server/client", "store/pebblestore", "store/sqlitestore"} {
		all.WriteString(mustTests(t, filepath.Join(root, filepath.FromSlash(dir))))
	}
	for _, m := range flags {
		if !strings.Contains(all.String(), `("`+m[1]+`", `) {
			t.Errorf("no test has the flag -%s", m[1])
		}
	}
}

// mustTests returns the text of a directory's tests.
func mustTests(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return strings.ReplaceAll(all.String(), "\r\n", "\n")
}
