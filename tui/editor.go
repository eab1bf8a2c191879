package tui

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page"
)

// editedMsg says that the editor has ended.
type editedMsg struct {
	page   page.Name
	edited page.EditedMsg
	err    error
}

// edit opens a text in the user's editor. The terminal is the editor's until it
// ends.
func (a *app) edit(name page.Name, e page.Edit) tea.Cmd {
	dir, path, err := draftFile(e)
	if err != nil {
		return a.say(page.LevelError, "edit: "+err.Error())
	}
	a.drafts[dir] = true
	program := editorProgram(a.cfg.ReadOnly, os.Getenv)
	editor := editorCommand(program, path)
	// The terminal itself: Bubble Tea would hand over its reader of keys through
	// a pipe, which no editor takes for a terminal.
	editor.Stdin, editor.Stdout, editor.Stderr = os.Stdin, os.Stdout, os.Stderr
	return a.exec(editor, func(err error) tea.Msg {
		msg := editedMsg{page: name, edited: page.EditedMsg{ID: e.ID}}
		if err == nil {
			msg.edited.Text, err = os.ReadFile(path)
			msg.edited.Changed = !a.cfg.ReadOnly && !bytes.Equal(msg.edited.Text, e.Text)
		}
		if gone := os.RemoveAll(dir); err == nil {
			err = gone
		}
		if err != nil {
			msg.err = fmt.Errorf("%s: %w", program, err)
		}
		return msg
	})
}

func (a *app) edited(msg editedMsg) tea.Cmd {
	a.screen.touch()
	// The editor left its own screen behind.
	if msg.err != nil {
		return tea.Batch(tea.ClearScreen, a.say(page.LevelError, "edit: "+msg.err.Error()))
	}
	return tea.Batch(tea.ClearScreen, a.deliver(msg.page, msg.edited))
}

// draftFile writes the text into a directory of its own, for its owner only.
func draftFile(e page.Edit) (dir, path string, err error) {
	if dir, err = os.MkdirTemp("", "evtui-edit-"); err != nil {
		return "", "", err
	}
	path = filepath.Join(dir, plainFileName(e.Name))
	if err := os.WriteFile(path, e.Text, 0o600); err != nil {
		_ = os.RemoveAll(dir)
		return "", "", err
	}
	return dir, path, nil
}

// plainFileName makes a name that any file system and any editor takes.
func plainFileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80 {
			return r
		}
		return '_'
	}, s)
	return "evtui-" + s[max(0, len(s)-80):]
}

// dropDrafts removes the files of editors that outlive the program.
func (a *app) dropDrafts() {
	for dir := range a.drafts {
		_ = os.RemoveAll(dir) // gone already, as a rule
	}
}

// editorProgram is what opens a text: with readOnly the pager.
func editorProgram(readOnly bool, env func(string) string) string {
	names, fallback := []string{"VISUAL", "EDITOR"}, "vi"
	if readOnly {
		names, fallback = []string{"PAGER"}, "less"
	}
	for _, name := range names {
		if program := strings.TrimSpace(env(name)); program != "" {
			return program
		}
	}
	return fallback
}

// editorCommand runs the program, which may be a line with arguments, on a
// file.
func editorCommand(program, path string) *exec.Cmd {
	if runtime.GOOS == "windows" {
		words := append(strings.Fields(program), path)
		return exec.Command(words[0], words[1:]...)
	}
	return exec.Command("sh", "-c", program+` "$1"`, "sh", path)
}
