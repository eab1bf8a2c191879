package output

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/text"
)

// inertJSON passes JSON on with what a terminal may obey, or what turns the
// direction of writing, as \u escapes: the same JSON, that can be looked at.
// encoding/json escapes only what is below the space. Each Write must hold
// whole characters, as those of a json.Encoder do.
type inertJSON struct {
	w     io.Writer
	ascii bool // whatever is beyond ASCII is escaped
}

// Write implements io.Writer.
func (j inertJSON) Write(p []byte) (int, error) {
	if isInert(p) {
		return j.w.Write(p)
	}
	out := make([]byte, 0, len(p)+64)
	for rest := p; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, `\ufffd`...)
		case acts(r), j.ascii && r >= utf8.RuneSelf:
			out = text.AppendEscape(out, r)
		default:
			out = append(out, rest[:size]...)
		}
		rest = rest[size:]
	}
	if _, err := j.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// acts reports whether a character does something to a terminal: the controls
// from DEL on, and marks of direction. Those below the space are not in JSON's
// strings, and line breaks and tabs stand between values.
func acts(r rune) bool {
	return r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r)
}

// isInert reports whether p is of ASCII that nothing need be done to.
func isInert(p []byte) bool {
	for _, c := range p {
		if c >= 0x7f {
			return false
		}
	}
	return true
}

// InertText passes text on with what a terminal may obey shown instead, line by
// line, wherever it goes: what is piped now is looked at later. Tabs stay, or
// become what tab says. Its user calls Flush at the end.
type InertText struct {
	w    *bufio.Writer
	tab  string // "": as they are
	line []byte // what is there of a line that has no end yet
}

// NewInertText returns a writer to w; tab stands for tabs, "" leaves them.
func NewInertText(w io.Writer, tab string) *InertText {
	return &InertText{w: bufio.NewWriter(w), tab: cmp.Or(tab, "\t")}
}

// Write implements io.Writer.
func (t *InertText) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		t.line = append(t.line, line...)
		rest = after
		if !ended {
			break
		}
		t.pass()
		if err := t.w.WriteByte('\n'); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// pass writes the line that has been gathered.
func (t *InertText) pass() {
	for i, cell := range strings.Split(string(t.line), "\t") {
		if i > 0 {
			_, _ = t.w.WriteString(t.tab) // the writer keeps its first error
		}
		_, _ = t.w.WriteString(text.Sanitize(cell))
	}
	t.line = t.line[:0]
}

// Flush writes what is left.
func (t *InertText) Flush() error {
	t.pass()
	return t.w.Flush()
}

// InertLines is a message of several lines of which none acts on a terminal:
// what a server says is in it.
func InertLines(message string) string {
	lines := strings.Split(message, "\n")
	for i := range lines {
		lines[i] = text.Sanitize(lines[i])
	}
	return strings.Join(lines, "\n")
}
