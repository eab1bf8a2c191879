package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
)

// manualStroke reports whether a stroke opens, closes or moves the manual of the
// prompt that is typed into, which is shown in place of the pane meanwhile.
func (a *app) manualStroke(msg tea.KeyPressMsg) bool {
	p, stroke := a.prompt, msg.String()
	switch {
	case p.prompt.Manual == "":
		return false
	case stroke == "f1", stroke == "?" && p.input.Value() == "":
		if a.help != nil {
			a.help = nil
		} else {
			a.help = &help{subject: newSubject(a), manual: p.prompt.Manual}
		}
	case a.help == nil:
		return false
	case stroke == "esc":
		a.help = nil
	case stroke == "up", stroke == "down", stroke == "pgup", stroke == "pgdown":
		a.help.subject = newSubject(a)
		a.help.Update(msg)
	default:
		return false
	}
	a.screen.touch()
	return true
}

// manualTitle is the first head of a page in Markdown.
func manualTitle(markdown string) string {
	first, _, _ := strings.Cut(markdown, "\n")
	return strings.TrimLeft(first, "# ")
}

// manualLines puts a page of the documentation into lines of at most w cells:
// heads, paragraphs, and code as it stands. Tables are not among what it knows.
func manualLines(markdown string, w int) []helpLine {
	var lines []helpLine
	var paragraph []string
	flush := func() {
		if len(paragraph) == 0 {
			return
		}
		for _, line := range text.Wrap(plainMarkdown(strings.Join(paragraph, " ")), w) {
			lines = append(lines, helpLine{help: line})
		}
		paragraph = nil
	}
	code := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\n")
		switch fence := strings.HasPrefix(line, "```"); {
		case fence:
			flush()
			code = !code
		case code:
			lines = append(lines, helpLine{help: "  " + line})
		case strings.HasPrefix(line, "#"):
			flush()
			lines = append(lines, helpLine{help: strings.TrimLeft(line, "# "), title: true})
		case line == "":
			flush()
			if n := len(lines); n > 0 && lines[n-1] != (helpLine{}) {
				lines = append(lines, helpLine{})
			}
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return lines
}

// plainMarkdown takes the signs of code and emphasis out of a paragraph.
func plainMarkdown(s string) string { return strings.NewReplacer("`", "", "**", "").Replace(s) }
