package store

import "time"

// Sectioned is offered by a store that measures its insides, whatever they are:
// an LSM tree's levels, a database server's locks.
type Sectioned interface {
	// Sections returns what was measured last: first what is of the whole store, then
	// by namespace. It answers from memory: a store for which measuring takes a
	// question to somebody measures in the background while it is asked, so that the
	// first answer may be empty. Section.At says how old each is. The result is the
	// caller's to read, not to change.
	Sections() []Section
}

// Section is a titled table of what an engine measured.
type Section struct {
	Name      string    `json:"name"`                // for programs: "levels"
	Title     string    `json:"title"`               // for people
	Namespace string    `json:"namespace,omitempty"` // "": of the whole store
	At        time.Time `json:"at"`                  // when it was measured; zero: not yet
	Fault     string    `json:"fault,omitempty"`     // why it could not be measured last; the rows are then as old as At says
	Lacks     string    `json:"lacks,omitempty"`     // what is missing in it, and what would help: a grant that a role needs
	// Columns title the values of the rows. Without any, each row is a named value.
	Columns []string     `json:"columns,omitempty"`
	Rows    []SectionRow `json:"rows"`
	// Passing says that the rows come and go, as processes do: they are no series to
	// be kept.
	Passing bool `json:"passing,omitempty"`
	// Elsewhere says that EngineFigures tells the same, so that /metrics and samples have
	// names of their own for it.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// SectionRow is one line of a section.
type SectionRow struct {
	Name   string         `json:"name"`
	Values []SectionValue `json:"values"`
	Key    bool           `json:"key,omitempty"`  // it is among the few that samples keep
	Help   string         `json:"help,omitempty"` // what it means, in a sentence
}

// SectionValue is one value. The zero value is one that is not known.
type SectionValue struct {
	Unit    Unit    `json:"unit,omitempty"`
	Number  float64 `json:"number,omitempty"`
	Text    string  `json:"text,omitempty"` // for UnitText; else what stands beside the number
	Verdict Verdict `json:"verdict,omitempty"`
}

// Unit is what a value is measured in.
type Unit string

// The units.
const (
	UnitUnknown Unit = "" // the value is not known
	UnitCount   Unit = "count"
	UnitBytes   Unit = "bytes"
	UnitSeconds Unit = "seconds"
	UnitShare   Unit = "share"  // of one
	UnitNumber  Unit = "number" // of no unit, with decimals
	UnitText    Unit = "text"
)

// Verdict is what an engine thinks of a value.
type Verdict string

// The verdicts, from no opinion to what wants somebody's attention now.
const (
	VerdictNone Verdict = ""
	VerdictGood Verdict = "good"
	VerdictWarn Verdict = "warn"
	VerdictBad  Verdict = "bad"
)

// Witness is offered by a store that others write to behind its back: it counts
// what they write, by looking how the settled head moves.
type Witness interface {
	// Witnessed returns what others wrote since it was asked last, and has the store go
	// on looking for some seconds. One caller asks. It answers from memory.
	Witnessed() []Witnessed
}

// Witnessed is how many messages others wrote.
type Witnessed struct {
	Namespace string
	Category  string // "": of several
	Messages  int64
}
