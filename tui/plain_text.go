package tui

import (
	"bytes"
	"io"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
)

// plainLine puts a drawn line into words: without escape sequences, frames and
// bars, columns apart by commas. focused says that the keys are on it.
func plainLine(line string) (words string, focused bool) {
	line = ansi.Strip(line)
	if trimmed := strings.TrimLeft(line, " "); strings.HasPrefix(trimmed, ">") {
		line, focused = strings.TrimPrefix(trimmed, ">"), true
	}
	return plainText(line), focused
}

// plainText is text for a screen reader.
func plainText(line string) string {
	line = text.Sanitize(ansi.Strip(line))
	var parts []string
	for _, part := range strings.FieldsFunc(strings.Map(plainRune, line), func(r rune) bool { return r == gap }) {
		if part = strings.TrimSpace(part); strings.ContainsFunc(part, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			parts = append(parts, strings.Fields(strings.ReplaceAll(part, "  ", " , "))...)
			parts = append(parts, ",")
		}
	}
	return joinWords(parts)
}

// gap stands for what was drawn between two things.
const gap = '\x00'

// plainRune takes frames, bars and charts out.
func plainRune(r rune) rune {
	switch {
	case r >= 0x2500 && r <= 0x259f, r >= 0x2800 && r <= 0x28ff:
		return gap
	case r == '…':
		return '~'
	}
	return r
}

// joinWords puts words together, with one comma where there are several, and
// without rows of dots and dashes.
func joinWords(words []string) string {
	var b strings.Builder
	comma := false
	for _, w := range words {
		if w == "," {
			comma = b.Len() > 0
			continue
		}
		if w == "|" || len(w) > 2 && strings.Trim(w, ".-=~#*_:|") == "" {
			continue // a rule, a bar, a sparkline
		}
		switch {
		case comma:
			b.WriteString(", ")
		case b.Len() > 0:
			b.WriteByte(' ')
		}
		comma = false
		b.WriteString(w)
	}
	return b.String()
}

// clipboardOnly lets of what a program writes to a terminal only that through
// which fills the clipboard: the rest would be drawn.
type clipboardOnly struct{ w io.Writer }

// Write implements io.Writer.
func (c clipboardOnly) Write(p []byte) (int, error) {
	const begin = "\x1b]52;"
	for rest := p; ; {
		at := bytes.Index(rest, []byte(begin))
		if at < 0 {
			return len(p), nil
		}
		rest = rest[at:]
		end := bytes.IndexAny(rest, "\a\\")
		if end < 0 {
			return len(p), nil
		}
		if _, err := c.w.Write(rest[:end+1]); err != nil {
			return 0, err
		}
		rest = rest[end+1:]
	}
}
