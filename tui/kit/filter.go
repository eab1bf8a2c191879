package kit

import (
	"bytes"
	"errors"
	"time"

	"github.com/evtui/evtui/docs"
	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// FilterHelp is the filter language in a line, for the help.
const FilterHelp = "show messages matching: text, type~Dep*, data.amount>100, /re/, and or not ( )"

// FilterHint is the same for an empty filter line.
const FilterHint = "text, type~Dep* and data.amount>100, !stream~acc*, /re/"

// FilterLine is a page's filter line while it is typed. What is wrong with
// it is shown as it is typed, and a line that is no filter stays open.
type FilterLine struct {
	Fault string // what is wrong with the line so far; "": nothing, or it is closed
}

// Ask opens the line with the filter that holds.
func (f *FilterLine) Ask(t *page.Turn, holds filter.Filter, hint string) {
	f.Fault = ""
	t.Prompt(page.Prompt{ID: "filter", Label: "filter", Hint: hint + "   ? explains", Text: holds.String(), Live: true, Manual: docs.Filter()})
}

// Typed takes what was typed so far. ok says that the line is closed and what
// it says is to be the filter.
func (f *FilterLine) Typed(t *page.Turn, msg page.PromptMsg, parse func(string, time.Time) (filter.Filter, error)) (made filter.Filter, ok bool) {
	f.Fault = ""
	if msg.State == page.PromptCancelled {
		return made, false
	}
	made, err := parse(msg.Text, t.Now)
	if err == nil {
		return made, msg.State == page.PromptDone
	}
	f.Fault = err.Error()
	var fault *filter.Error
	if unfinished := errors.As(err, &fault) && fault.At >= len(fault.Source); unfinished && msg.State == page.PromptChanged {
		f.Fault = "" // nobody types it all at once
	}
	if msg.State == page.PromptDone {
		t.Toast(page.LevelWarn, "%v", err)
		t.Prompt(page.Prompt{ID: "filter", Label: "filter", Text: msg.Text, Live: true, Manual: docs.Filter()})
	}
	return made, false
}

// Over writes the fault over the last of a page's lines of w cells.
func (f *FilterLine) Over(t page.Theme, lines []string, w int) []string {
	if f.Fault == "" || len(lines) == 0 {
		return lines
	}
	lines[len(lines)-1] = t.Warn.Paint(text.Fit(" "+t.Sym.Cross+" "+text.Sanitize(f.Fault), w))
	return lines
}

// ContainsFold reports whether b holds the lower-case needle in any case. It
// folds ASCII in place, and copies only when there is more than that.
func ContainsFold(b, needle []byte) bool {
	if len(needle) == 0 {
		return true
	}
	first, upper := needle[0], needle[0]
	if first >= 0x80 {
		return bytes.Contains(bytes.ToLower(b), needle)
	}
	if first >= 'a' && first <= 'z' {
		upper -= 'a' - 'A'
	}
	for i := 0; i+len(needle) <= len(b); i++ {
		if (b[i] == first || b[i] == upper) && bytes.EqualFold(b[i:i+len(needle)], needle) {
			return true
		}
	}
	return false
}

// RestoredFilter reads a filter that was kept; one that is none any more is
// told of and left out.
func RestoredFilter(t *page.Turn, line string) filter.Filter {
	f, err := filter.Parse(line, t.Now)
	if err != nil {
		t.Toast(page.LevelWarn, "saved filter ignored: %v", err)
	}
	return f
}
