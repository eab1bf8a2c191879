package tui

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/tui/page"
)

// TestKeysPage keeps docs/keys.md what the catalogue says; with -update it
// writes the page.
func TestKeysPage(t *testing.T) {
	page := filepath.Join("..", "docs", "keys.md")
	want := keysPage()
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Error("docs/keys.md does not say what the catalogue does: run make generate")
	}
}

// keysPage is docs/keys.md: every action by its keys, and the palette.
func keysPage() string {
	var pane strings.Builder
	pane.WriteString("# Keys\n\nMade from the catalogue in package tui by `make generate`; do not edit.\n\n" +
		"On one page, a key has one meaning. What can be done just now stands in the footer and, in full, under `?`. " +
		"No key destroys anything. Every action also has a name, which the palette (`:`) runs.\n")
	tables := []struct {
		title    string
		bindings []page.Binding
	}{{"On the pages", page.PaneCatalogue()}, {"Everywhere", registry().shellBindings()}}
	for _, table := range tables {
		pane.WriteString("\n## " + table.title + "\n\n| keys | does | name |\n|---|---|---|\n")
		for _, b := range table.bindings {
			pane.WriteString("| " + keyCells(b.Keys) + " | " + tableCell(b.Help) + " | " + string(b.Action) + " |\n")
		}
	}
	pane.WriteString("\n## Palette\n\n| command | does |\n|---|---|\n")
	for _, c := range registry().commands() {
		pane.WriteString("| `:" + tableCell(c.Usage) + "` | " + tableCell(c.Help) + " |\n")
	}
	return pane.String()
}

func keyCells(keys []string) string {
	cells := make([]string, len(keys))
	for i, key := range keys {
		cells[i] = "`" + tableCell(keyNames([]string{key})) + "`"
	}
	return strings.Join(cells, " ")
}

// tableCell keeps a bar from ending the cell.
func tableCell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
