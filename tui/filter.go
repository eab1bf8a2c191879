package tui

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/evtui/evtui/store"
)

// filter decides which messages are shown. The zero filter keeps all.
//
//	Deposited         text in the type, the stream's name or the data, in any case
//	type~Dep*         a type that matches the pattern; stream~acc*-1?3 likewise
//	!type~Dep*        a leading ! inverts
type filter struct {
	source  string // as it was typed
	invert  bool
	field   string // "type", "stream", or "" for plain text
	pattern string // of path.Match
	needle  []byte // lower case
}

// parseFilter reads a filter line. Blank is the zero filter.
func parseFilter(line string) (filter, error) {
	f := filter{source: strings.TrimSpace(line)}
	rest, inverted := strings.CutPrefix(f.source, "!")
	f.invert = inverted
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return filter{}, nil
	}
	field, pattern, ok := strings.Cut(rest, "~")
	if field = strings.TrimSpace(field); ok && (field == "type" || field == "stream") {
		f.field, f.pattern = field, strings.TrimSpace(pattern)
		if _, err := path.Match(f.pattern, ""); err != nil {
			return filter{}, fmt.Errorf("pattern %q: a [ without its ]", f.pattern)
		}
		return f, nil
	}
	f.needle = bytes.ToLower([]byte(rest))
	return f, nil
}

// isZero reports whether the filter keeps everything.
func (f filter) isZero() bool { return f.source == "" }

// keeps reports whether the message passes.
func (f filter) keeps(m *store.Message) bool {
	return f.isZero() || f.matches(m) != f.invert
}

func (f filter) matches(m *store.Message) bool {
	switch f.field {
	case "type":
		return glob(f.pattern, m.Type)
	case "stream":
		return glob(f.pattern, m.Stream)
	}
	return containsFold(m.Data, f.needle) || containsFold([]byte(m.Type), f.needle) ||
		containsFold([]byte(m.Stream), f.needle)
}

// glob matches whole names; a pattern without any sign of one is a prefix, so
// that a filter bites while it is being typed.
func glob(pattern, name string) bool {
	if !strings.ContainsAny(pattern, `*?[\`) {
		pattern += "*"
	}
	// path.Match stops * at slashes, which mean nothing in these names.
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00"))
	return err == nil && ok
}

// containsFold reports whether b holds the lower-case needle in any case. It
// folds ASCII in place, and copies only when there is more than that.
func containsFold(b, needle []byte) bool {
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
