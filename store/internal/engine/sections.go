package engine

import (
	"time"

	"github.com/evtui/evtui/store"
)

// Sections tells the insides of all open namespaces, by id: what every database has,
// and then what the backend's tells.
func (s *Store) Sections() []store.Section {
	now := time.Now().UTC()
	var all []store.Section
	for ns := range s.borrowed() {
		own := append([]store.Section{ns.section()}, ns.db.Sections()...)
		for i := range own {
			own[i].Namespace, own[i].At = ns.h.id, now
		}
		all = append(all, own...)
	}
	return all
}

// section is what every database has.
func (ns *namespace) section() store.Section {
	f := ns.figures()
	row := func(name string, v store.SectionValue) store.SectionRow {
		return store.SectionRow{Name: name, Values: []store.SectionValue{v}}
	}
	seconds := func(d time.Duration) store.SectionValue {
		return store.SectionValue{Unit: store.UnitSeconds, Number: d.Seconds()}
	}
	each := store.SectionValue{}
	if f.Messages > 0 {
		each = store.SectionValue{Unit: store.UnitBytes, Number: float64(f.DiskBytes) / float64(f.Messages)}
	}
	out := store.Section{Name: "namespace", Title: "namespace", Elsewhere: true, Rows: []store.SectionRow{
		row("messages", store.SectionValue{Unit: store.UnitCount, Number: float64(f.Messages)}),
		row("on disk", store.SectionValue{Unit: store.UnitBytes, Number: float64(f.DiskBytes)}),
		row("per message", each),
		row("subscriptions", store.SectionValue{Unit: store.UnitCount, Number: float64(f.Subscriptions)}),
		row("open for", seconds(f.Uptime)),
	}}
	if f.Fsyncs > 0 {
		out.Rows = append(out.Rows, row("fsync p50", seconds(f.FsyncP50)), row("fsync p99", seconds(f.FsyncP99)))
	}
	if f.OldestRead > 0 {
		out.Rows = append(out.Rows, row("oldest read", seconds(f.OldestRead)))
	}
	if f.Poisoned {
		out.Rows = append(out.Rows, row("log", store.SectionValue{Unit: store.UnitText, Text: "failed: " + f.PoisonedBy, Verdict: store.VerdictBad}))
	}
	return out
}
