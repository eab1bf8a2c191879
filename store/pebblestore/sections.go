package pebblestore

import (
	"strconv"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// Sections tells the tree in tables: its levels, and what moves data through them. It
// takes microseconds.
func (d *database) Sections() []store.Section {
	m := d.db.Metrics()
	return []store.Section{d.treeSection(m), levelSection(m)}
}

func (d *database) treeSection(m *pebble.Metrics) store.Section {
	row := func(name string, unit store.Unit, n float64, verdict store.Verdict) store.SectionRow {
		return store.SectionRow{Name: name, Values: []store.SectionValue{{Unit: unit, Number: n, Verdict: verdict}}}
	}
	sublevels, memtables := int64(m.Levels[0].Sublevels), int64(m.MemTable.Size)
	return store.Section{Name: "tree", Title: "LSM tree", Elsewhere: true, Rows: []store.SectionRow{
		row("L0 sublevels", store.UnitCount, float64(sublevels), near(float64(sublevels), l0Stop)),
		row("memtables", store.UnitBytes, float64(memtables), near(float64(memtables), float64(memtablesStop)*float64(d.backend.options.MemtableBytes))),
		row("read amplification", store.UnitCount, float64(m.ReadAmp()), store.VerdictNone),
		row("compaction debt", store.UnitBytes, float64(m.Compact.EstimatedDebt), store.VerdictNone),
		row("compactions running", store.UnitCount, float64(m.Compact.NumInProgress), store.VerdictNone),
		row("compactions", store.UnitCount, float64(m.Compact.Count), store.VerdictNone),
		row("flushes", store.UnitCount, float64(m.Flush.Count), store.VerdictNone),
		row("log", store.UnitBytes, float64(m.WAL.Size), store.VerdictNone),
		row("written to the log", store.UnitBytes, float64(m.WAL.BytesWritten), store.VerdictNone),
	}}
}

// near judges a figure by the limit at which writes stop: three quarters of it is
// close.
func near(n, limit float64) store.Verdict {
	switch {
	case limit <= 0:
		return store.VerdictNone
	case n >= limit:
		return store.VerdictBad
	case n >= 0.75*limit:
		return store.VerdictWarn
	}
	return store.VerdictGood
}

func levelSection(m *pebble.Metrics) store.Section {
	out := store.Section{Name: "levels", Title: "levels", Elsewhere: true, Columns: []string{"tables", "size", "score", "in", "moved", "read", "written"}}
	size := func(n int64) store.SectionValue { return store.SectionValue{Unit: store.UnitBytes, Number: float64(n)} }
	for i := range m.Levels {
		l := level(i, &m.Levels[i])
		out.Rows = append(out.Rows, store.SectionRow{Name: "L" + strconv.Itoa(i), Values: []store.SectionValue{
			{Unit: store.UnitCount, Number: float64(l.Tables)}, size(l.Size), {Unit: store.UnitNumber, Number: l.Score}, size(l.BytesIn), size(l.BytesMoved), size(l.BytesRead), size(l.Written),
		}})
	}
	return out
}
