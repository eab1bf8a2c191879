package sqlitestore

import (
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// TestSumCoversEverything changes one thing after the other, and moves bytes
// between neighbours.
func TestSumCoversEverything(t *testing.T) {
	m := engine.Record{
		GlobalPosition: 7, Position: 3, Time: 99, Given: true, ID: store.ID([]byte("0123456789abcdef")),
		Type: "Type", Correlation: "corr", Metadata: []byte(`{"m":1}`), Data: []byte(`{"d":1}`),
	}
	var s summer
	seen := map[int64]string{s.sum("stream", &m): "as it is"}
	for name, change := range map[string]func(*engine.Record) string{
		"global":         func(m *engine.Record) string { m.GlobalPosition++; return "stream" },
		"position":       func(m *engine.Record) string { m.Position++; return "stream" },
		"time":           func(m *engine.Record) string { m.Time++; return "stream" },
		"given":          func(m *engine.Record) string { m.Given = false; return "stream" },
		"id":             func(m *engine.Record) string { m.ID[15] = 'F'; return "stream" },
		"stream":         func(*engine.Record) string { return "strean" },
		"type":           func(m *engine.Record) string { m.Type = "Typo"; return "stream" },
		"correlation":    func(m *engine.Record) string { m.Correlation = ""; return "stream" },
		"metadata":       func(m *engine.Record) string { m.Metadata = nil; return "stream" },
		"empty metadata": func(m *engine.Record) string { m.Metadata = []byte{}; return "stream" },
		"data":           func(m *engine.Record) string { m.Data = []byte(`{"d":2}`); return "stream" },
		"stream to type": func(m *engine.Record) string { m.Type = "mType"; return "strea" },
		"type to corr":   func(m *engine.Record) string { m.Type, m.Correlation = "Typ", "ecorr"; return "stream" },
		"meta to data": func(m *engine.Record) string {
			m.Metadata, m.Data = []byte(`{"m":1`), []byte(`}{"d":1}`)
			return "stream"
		},
		"global to place": func(m *engine.Record) string { m.GlobalPosition, m.Position = 3, 7; return "stream" },
	} {
		changed := m
		sum := s.sum(change(&changed), &changed)
		if other, ok := seen[sum]; ok {
			t.Errorf("%s has the sum of %s", name, other)
		}
		seen[sum] = name
	}
}

// TestSumStays pins the checksum: files keep it.
func TestSumStays(t *testing.T) {
	m := engine.Record{
		GlobalPosition: 1, Position: 0, Time: 1_700_000_000_000_000_000, Given: true, ID: store.ID([]byte("0123456789abcdef")),
		Type: "Opened", Data: []byte(`{"a":1}`),
	}
	if got, want := new(summer).sum("account-1", &m), int64(3907820609); got != want {
		t.Errorf("sum %d, want %d", got, want)
	}
}
