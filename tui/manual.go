package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
)

// manual takes a stroke that opens, closes or moves the manual of what is typed,
// which is shown in place of the pane meanwhile. It returns the help that is open
// then; took is false for any other stroke.
func (p *promptLine) manual(open *help, of subject, msg tea.KeyPressMsg) (h *help, took bool) {
	switch stroke := msg.String(); {
	case open == nil && (stroke == "f1" || stroke == "?" && p.input.Value() == ""):
		return &help{subject: of, manual: p.prompt.Manual}, true
	case open == nil:
		return nil, false
	case stroke == "f1", stroke == "esc", stroke == "?" && p.input.Value() == "":
		return nil, true
	case stroke == "up", stroke == "down", stroke == "pgup", stroke == "pgdown":
		open.subject = of
		open.Update(msg)
		return open, true
	}
	return open, false
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
