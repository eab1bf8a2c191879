package logstore

import (
	"sort"
	"time"

	"github.com/evtui/evtui/store"
)

// Sections tells of the copy's way behind the log, of the log, and of the engine below.
func (s *Store) Sections() []store.Section {
	list := append([]store.Section{s.following()}, s.log.Sections()...)
	return append(list, s.Store.Sections()...)
}

// following is a row a namespace: how far its copy is.
func (s *Store) following() store.Section {
	section := store.Section{
		Name: "projection", Title: "This evtui's copy of the log", At: time.Now(),
		Columns: []string{"sequence", "behind", "age", "void", "foreign", "state"},
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, one := range s.spaces {
		switch {
		case one.fault != nil:
			section.Rows = append(section.Rows, store.SectionRow{Name: id, Values: []store.SectionValue{{}, {}, {}, {}, {}, words(one.fault.Reason, store.VerdictBad)}})
		case one.follower != nil:
			section.Rows = append(section.Rows, one.follower.row())
		}
	}
	sort.Slice(section.Rows, func(i, j int) bool { return section.Rows[i].Name < section.Rows[j].Name })
	return section
}

func words(text string, v store.Verdict) store.SectionValue {
	return store.SectionValue{Unit: store.UnitText, Text: text, Verdict: v}
}

func count(n int64, v store.Verdict) store.SectionValue {
	return store.SectionValue{Unit: store.UnitCount, Number: float64(n), Verdict: v}
}

// row is a follower's. How old what it shows is matters only while the log is not reached.
func (f *follower) row() store.SectionRow {
	notice := f.notice()
	f.mu.Lock()
	defer f.mu.Unlock()
	state := words("follows", store.VerdictGood)
	age := store.SectionValue{Unit: store.UnitSeconds}
	switch {
	case contradicts(f.broken):
		state = words(notice, store.VerdictBad)
	case notice != "":
		state = words(notice, store.VerdictWarn)
	}
	if f.broken != nil || f.cutOff {
		age = store.SectionValue{Unit: store.UnitSeconds, Number: time.Since(f.asOf).Seconds(), Verdict: store.VerdictWarn}
	}
	foreign := store.VerdictNone
	if f.foreign > 0 {
		foreign = store.VerdictWarn
	}
	return store.SectionRow{Name: f.id, Key: true, Values: []store.SectionValue{
		count(int64(f.seen), store.VerdictNone), count(int64(f.behind), store.VerdictNone), age,
		count(f.void, store.VerdictNone), count(f.foreign, foreign), state,
	}}
}
