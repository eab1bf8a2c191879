package filter

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/evtui/evtui/store"
)

// Filter decides which messages are kept. The zero Filter keeps all. It is a
// value, safe for concurrent use.
type Filter struct {
	source   string
	absolute string // source with its times in full
	keep     test
	named    []named // what its conditions name
}

// Line is a line of a log, as a filter made by [ParseLines] sees it.
type Line struct {
	Level string // DEBUG, INFO, WARN or ERROR, in any case
	From  string
	Text  string
	Time  time.Time
	Attrs []byte // JSON, or nil
}

// Error is returned by [Parse] and [ParseLines] for a line that is no filter.
type Error struct {
	Source string
	At     int    // byte offset into Source
	Reason string // what is wrong, and what would be right
}

// Error names the place as the character that it is, from 1.
func (e *Error) Error() string {
	return fmt.Sprintf("filter, character %d: %s", e.Column(), e.Reason)
}

// Column is the place of the fault in characters, from 1.
func (e *Error) Column() int { return utf8.RuneCountInString(e.Source[:e.At]) + 1 }

// Parse compiles a filter of messages. Blank is the zero Filter. Times without
// a date, and those before now such as -5m, are counted from now. It returns an
// [*Error].
func Parse(line string, now time.Time) (Filter, error) {
	return parse(line, now, messageVocabulary())
}

// ParseLines is [Parse] for a filter of log lines, to be asked with KeepsLine.
func ParseLines(line string, now time.Time) (Filter, error) {
	return parse(line, now, lineVocabulary())
}

// IsZero reports whether the filter keeps everything.
func (f Filter) IsZero() bool { return f.keep == nil }

// String returns the line that the filter was made of, without space around it.
func (f Filter) String() string { return f.source }

// Absolute returns the line with each of its times in full, in UTC: it means the
// same wherever and whenever it is compiled.
func (f Filter) Absolute() string { return f.absolute }

// Keeps reports whether the message passes. It does not change or keep m.
func (f Filter) Keeps(m *store.Message) bool {
	return f.keep == nil || f.keep(subject{message: m})
}

// KeepsLine reports whether the line passes a filter made by [ParseLines].
func (f Filter) KeepsLine(l *Line) bool {
	return f.keep == nil || f.keep(subject{line: l})
}

// test is one condition, compiled.
type test func(s subject) bool

// subject is what is looked at: one of the two.
type subject struct {
	message *store.Message
	line    *Line
}

func parse(line string, now time.Time, v vocabulary) (Filter, error) {
	source := strings.Trim(line, blanks)
	if source == "" {
		return Filter{}, nil
	}
	p := &parser{src: source, words: v, now: now}
	keep, err := p.line()
	if err != nil {
		return Filter{}, err
	}
	return Filter{source: source, absolute: p.absolute(), keep: keep, named: p.named}, nil
}
