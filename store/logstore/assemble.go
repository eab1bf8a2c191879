package logstore

import (
	"fmt"
	"time"

	"github.com/evtui/evtui/store/internal/engine"
)

// met is a whole record of the log, as its follower met it, or one that is none of ours.
type met struct {
	entry    *entry
	foreign  error // why it cannot be read; entry is nil then
	subject  string
	first    uint64 // the sequence of its first part
	sequence uint64 // of its last one
	sum      uint32 // of that one's body
	time     time.Time
}

func (m *met) place() engine.Place { return engine.Place{Sequence: m.sequence, Sum: m.sum} }

// assembler makes whole records of parts, which follow each other in the log.
type assembler struct {
	of    string // the identity of the namespace
	entry *entry
	first uint64
}

// add takes the next part, and gives what is whole now. What breaks off or begins in
// the midst is none of ours: the log takes the parts of a record together or not at all.
func (a *assembler) add(list []met, r *Record) []met {
	e, err := decode(a.of, r.Subject, r.Body)
	m := met{entry: e, foreign: err, subject: r.Subject, first: r.Sequence, sequence: r.Sequence, sum: engine.Sum(r.Body), time: r.Time}
	follows := a.entry != nil && err == nil && e.token == a.entry.token && e.part == a.entry.part+1 && e.parts == a.entry.parts
	if a.entry != nil && !follows {
		list = append(list, met{foreign: fmt.Errorf("it is %d of %d parts of a record", a.entry.part+1, a.entry.parts), subject: a.entry.subject(), first: a.first, sequence: r.Sequence - 1, time: r.Time})
	}
	switch {
	case follows:
		m.entry, m.first = join(a.entry, e), a.first
	case err == nil && e.part > 0:
		m.entry, m.foreign = nil, fmt.Errorf("it is part %d of a record whose other parts are missing", e.part+1)
	}
	a.entry = nil
	if m.foreign == nil && m.entry.part+1 < m.entry.parts {
		a.entry, a.first = m.entry, m.first
		return list
	}
	return append(list, m)
}

func join(e, next *entry) *entry {
	if e.made != nil || next.made != nil {
		e.made = append(fit(e.made, len(e.write.Events)), fit(next.made, len(next.write.Events))...)
	}
	e.write.Events = append(e.write.Events, next.write.Events...)
	e.imports = append(e.imports, next.imports...)
	e.part = next.part
	return e
}

func fit(made []bool, n int) []bool {
	if made == nil {
		return make([]bool, n)
	}
	return made
}
