package tui

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestEditorGetsAFileOfItsOwn runs a script for the editor: it looks at the
// file, changes it, and the file is gone afterwards.
func TestEditorGetsAFileOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", `sh -c 'stat -c %a "$0" >`+dir+`/mode; cat "$0" >`+dir+`/seen; echo "{\"amount\":1}" >"$0"'`)
	s := newStage(t, 120, 40, pagetest.Shop())
	s.app.editor.exec = func(c *exec.Cmd, done tea.ExecCallback) tea.Cmd {
		return func() tea.Msg { return done(c.Run()) }
	}
	s.open()
	s.press("e")
	s.see("a new event", `{"amount":1}`)
	mode, _ := os.ReadFile(filepath.Join(dir, "mode"))
	seen, _ := os.ReadFile(filepath.Join(dir, "seen"))
	if strings.TrimSpace(string(mode)) != "600" || !strings.Contains(string(seen), `"big": 9007199254740993`) {
		t.Errorf("mode %s, text %s", mode, seen)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "evtui-edit-*")); len(left) > 0 {
		t.Errorf("the file is left: %q", left)
	}
	s.press("esc")
	t.Setenv("EDITOR", "false")
	s.press("e")
	s.see("edit: false: exit status 1")
}

func TestEditorProgram(t *testing.T) {
	env := func(set map[string]string) func(string) string { return func(name string) string { return set[name] } }
	all := map[string]string{"VISUAL": "code --wait", "EDITOR": "ed", "PAGER": "most"}
	if got := editorProgram(false, env(all)); got != "code --wait" {
		t.Error(got)
	}
	if got := editorProgram(true, env(all)); got != "most" {
		t.Error(got)
	}
	if a, b := editorProgram(false, env(nil)), editorProgram(true, env(nil)); a != "vi" || b != "less" {
		t.Error(a, b)
	}
}
