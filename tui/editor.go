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

// editor opens texts in the user's editor, each in a directory of its own.
type editor struct {
	exec   func(*exec.Cmd, tea.ExecCallback) tea.Cmd // runs a program in the terminal
	drafts map[string]bool                           // the directories of what is open
}

// open opens a text of a page; with readOnly in the pager. The terminal is the
// editor's until it ends.
func (e *editor) open(name page.Name, x page.Edit, readOnly bool) (failed page.Toast, cmd tea.Cmd) {
	dir, path, err := draftFile(x)
	if err != nil {
		return page.Toast{Level: page.LevelError, Text: "edit: " + err.Error()}, nil
	}
	e.drafts[dir] = true
	program := editorProgram(readOnly, os.Getenv)
	process := editorCommand(program, path)
	// The terminal itself: Bubble Tea would hand over its reader of keys through
	// a pipe, which no editor takes for a terminal.
	process.Stdin, process.Stdout, process.Stderr = os.Stdin, os.Stdout, os.Stderr
	return page.Toast{}, e.exec(process, func(err error) tea.Msg {
		msg := editedMsg{page: name, edited: page.EditedMsg{ID: x.ID}}
		if err == nil {
			msg.edited.Text, err = os.ReadFile(path)
			msg.edited.Changed = !readOnly && !bytes.Equal(msg.edited.Text, x.Text)
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

// drop removes the files of editors that outlive the program.
func (e *editor) drop() {
	for dir := range e.drafts {
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
