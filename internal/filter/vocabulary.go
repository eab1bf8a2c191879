package filter

import (
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// kind is what a field holds, and so which comparisons it takes.
type kind int

const (
	kindWord  kind = iota // a name
	kindText              // words of people: ~ looks anywhere in it
	kindLevel             // a log's level, in its order
	kindInt
	kindTime
	kindDocument // JSON, with paths
)

// field is one that conditions can name. Of the functions it has the one of
// its kind.
type field struct {
	name, alias string
	kind        kind
	word        func(subject) string
	number      func(subject) int64
	time        func(subject) time.Time
	document    func(subject) []byte
}

// vocabulary is the fields of what is filtered, and where text without a field
// is looked for.
type vocabulary struct {
	fields []field
	bare   func(s subject, find func(string) bool, findBytes func([]byte) bool) bool
}

func messageVocabulary() vocabulary {
	return vocabulary{
		fields: []field{
			{name: "type", kind: kindWord, word: func(s subject) string { return s.message.Type }},
			{name: "stream", kind: kindWord, word: func(s subject) string { return s.message.Stream }},
			{name: "category", kind: kindWord, word: func(s subject) string { return store.Category(s.message.Stream) }},
			{name: "id", kind: kindWord, word: func(s subject) string { return s.message.ID.String() }},
			{name: "position", alias: "pos", kind: kindInt, number: func(s subject) int64 { return s.message.Position }},
			{name: "gpos", alias: "global", kind: kindInt, number: func(s subject) int64 { return s.message.GlobalPosition }},
			{name: "time", kind: kindTime, time: func(s subject) time.Time { return s.message.Time }},
			{name: "data", kind: kindDocument, document: func(s subject) []byte { return s.message.Data }},
			{name: "metadata", alias: "meta", kind: kindDocument, document: func(s subject) []byte { return s.message.Metadata }},
		},
		bare: func(s subject, find func(string) bool, findBytes func([]byte) bool) bool {
			m := s.message
			return find(m.Type) || find(m.Stream) || findBytes(m.Data)
		},
	}
}

func lineVocabulary() vocabulary {
	return vocabulary{
		fields: []field{
			{name: "level", kind: kindLevel, word: func(s subject) string { return s.line.Level }},
			{name: "from", kind: kindWord, word: func(s subject) string { return s.line.From }},
			{name: "text", alias: "msg", kind: kindText, word: func(s subject) string { return s.line.Text }},
			{name: "time", kind: kindTime, time: func(s subject) time.Time { return s.line.Time }},
			{name: "attrs", alias: "attr", kind: kindDocument, document: func(s subject) []byte { return s.line.Attrs }},
		},
		bare: func(s subject, find func(string) bool, findBytes func([]byte) bool) bool {
			l := s.line
			return find(l.Text) || find(l.Level) || findBytes(l.Attrs)
		},
	}
}

// field finds a field by its name, in any case.
func (v vocabulary) field(name string) (field, bool) {
	for _, f := range v.fields {
		if strings.EqualFold(f.name, name) || f.alias != "" && strings.EqualFold(f.alias, name) {
			return f, true
		}
	}
	return field{}, false
}

// names lists the fields for people.
func (v vocabulary) names() string {
	var out []string
	for _, f := range v.fields {
		name := f.name
		if f.kind == kindDocument {
			name += ".…"
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// document names the first field that is JSON. Every vocabulary has one.
func (v vocabulary) document() string {
	i := slices.IndexFunc(v.fields, func(f field) bool { return f.kind == kindDocument })
	return v.fields[i].name
}

// level orders the levels of a log; -1: none of them.
func level(name string) int {
	for i, names := range [][2]string{{"debug", "trace"}, {"info", ""}, {"warn", "warning"}, {"error", "err"}} {
		if strings.EqualFold(name, names[0]) || names[1] != "" && strings.EqualFold(name, names[1]) {
			return i
		}
	}
	return -1
}
