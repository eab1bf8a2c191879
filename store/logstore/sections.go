package logstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
)

// Sections tells of the copy's way behind the log, of the log, and of the engine below.
func (s *Store) Sections() []store.Section {
	list := append([]store.Section{s.sums(), s.following()}, s.log.Sections()...)
	return append(list, s.Store.Sections()...)
}

// sums are the copies' figures over all namespaces: those of them that each second
// of the past keeps.
func (s *Store) sums() store.Section {
	var cutOff, behind, foreign, void int64
	var oldest time.Duration
	for _, f := range s.followers() {
		switch n := f.remark(); n.State {
		case store.NoticeApart, store.NoticeCutOff:
			cutOff++
			oldest = max(oldest, n.Age)
		}
		f.mu.Lock()
		behind, foreign, void = behind+int64(f.behind), foreign+f.foreign, void+f.void
		f.mu.Unlock()
	}
	row := func(name string, v store.SectionValue, help string) store.SectionRow {
		return store.SectionRow{Name: name, Key: true, Values: []store.SectionValue{v}, Help: help}
	}
	age := store.SectionValue{Unit: store.UnitSeconds, Number: oldest.Seconds(), Verdict: warn(cutOff)}
	return store.Section{
		Name: "copies", Title: "The log, as this evtui follows it", At: time.Now(),
		Rows: []store.SectionRow{
			row("cut off", count(cutOff, warn(cutOff)), "Namespaces whose log this evtui does not reach, or does not follow. Their reads are as old as the figure below says; their writes are answered UNAVAILABLE."),
			row("oldest read", age, "How long ago the copy of the worst of them was known to be at the end of the log. 0 while all are reached."),
			row("behind", count(behind, warn(behind-noticeBehind)), "Records of all namespaces that the log has and this evtui has not stored yet. Under load always a few; if it only grows, this machine is too slow."),
			row("void", count(void, store.VerdictNone), "Records since the start that lost against another: somebody else wrote at the same place, or sent the same ids before. Nothing is stored of them, and whoever sent them was told."),
			row("foreign", count(foreign, warn(foreign)), "Messages in the log since the start that are none of evtui's: somebody else publishes to its subjects. evtui verify names them."),
		},
	}
}

// following is a row a namespace: how far its copy is.
func (s *Store) following() store.Section {
	section := store.Section{
		Name: "projection", Title: "This evtui's copy of the log", At: time.Now(),
		Columns: []string{"state", "sequence", "behind", "age", "void", "foreign"},
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, one := range s.spaces {
		switch {
		case one.fault != nil:
			section.Rows = append(section.Rows, store.SectionRow{Name: id, Values: []store.SectionValue{words("damaged", store.VerdictBad), {}, {}, {}, {}, {}}})
		case one.follower != nil:
			section.Rows = append(section.Rows, one.follower.row())
		}
	}
	slices.SortFunc(section.Rows, func(a, b store.SectionRow) int { return cmp.Compare(a.Name, b.Name) })
	return section
}

// warn is the verdict on what should be none.
func warn(n int64) store.Verdict {
	if n > 0 {
		return store.VerdictWarn
	}
	return store.VerdictNone
}

func words(text string, v store.Verdict) store.SectionValue {
	return store.SectionValue{Unit: store.UnitText, Text: text, Verdict: v}
}

func count(n int64, v store.Verdict) store.SectionValue {
	return store.SectionValue{Unit: store.UnitCount, Number: float64(n), Verdict: v}
}

// row is a follower's. How old what it shows is matters only while the log is not reached.
func (f *follower) row() store.SectionRow {
	remark := f.remark()
	f.mu.Lock()
	defer f.mu.Unlock()
	state := words("follows", store.VerdictGood)
	age := store.SectionValue{Unit: store.UnitSeconds}
	switch remark.State {
	case "":
	case store.NoticeApart:
		state = words(string(remark.State), store.VerdictBad)
	default:
		state = words(string(remark.State), store.VerdictWarn)
	}
	if f.broken != nil || f.cutOff {
		age = store.SectionValue{Unit: store.UnitSeconds, Number: time.Since(f.asOf).Seconds(), Verdict: store.VerdictWarn}
	}
	return store.SectionRow{Name: f.id, Values: []store.SectionValue{
		state, count(int64(f.seen), store.VerdictNone), count(int64(f.behind), store.VerdictNone), age,
		count(f.void, store.VerdictNone), count(f.foreign, warn(f.foreign)),
	}}
}
