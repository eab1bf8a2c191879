package sqlitestore

import "testing"

// TestSumCoversEverything changes one thing after the other, and moves bytes
// between neighbours.
func TestSumCoversEverything(t *testing.T) {
	m := summed{
		global: 7, position: 3, time: 99, given: true, id: []byte("0123456789abcdef"),
		messageType: "Type", correlation: "corr", metadata: []byte(`{"m":1}`), data: []byte(`{"d":1}`),
	}
	var s summer
	seen := map[int64]string{s.sum("stream", &m): "as it is"}
	for name, change := range map[string]func(*summed) string{
		"global":          func(m *summed) string { m.global++; return "stream" },
		"position":        func(m *summed) string { m.position++; return "stream" },
		"time":            func(m *summed) string { m.time++; return "stream" },
		"given":           func(m *summed) string { m.given = false; return "stream" },
		"id":              func(m *summed) string { m.id = []byte("0123456789abcdeF"); return "stream" },
		"stream":          func(*summed) string { return "strean" },
		"type":            func(m *summed) string { m.messageType = "Typo"; return "stream" },
		"correlation":     func(m *summed) string { m.correlation = ""; return "stream" },
		"metadata":        func(m *summed) string { m.metadata = nil; return "stream" },
		"empty metadata":  func(m *summed) string { m.metadata = []byte{}; return "stream" },
		"data":            func(m *summed) string { m.data = []byte(`{"d":2}`); return "stream" },
		"stream to type":  func(m *summed) string { m.messageType = "mType"; return "strea" },
		"type to corr":    func(m *summed) string { m.messageType, m.correlation = "Typ", "ecorr"; return "stream" },
		"meta to data":    func(m *summed) string { m.metadata, m.data = []byte(`{"m":1`), []byte(`}{"d":1}`); return "stream" },
		"global to place": func(m *summed) string { m.global, m.position = 3, 7; return "stream" },
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
	m := summed{
		global: 1, position: 0, time: 1_700_000_000_000_000_000, given: true, id: []byte("0123456789abcdef"),
		messageType: "Opened", data: []byte(`{"a":1}`),
	}
	if got, want := new(summer).sum("account-1", &m), int64(3907820609); got != want {
		t.Errorf("sum %d, want %d", got, want)
	}
}
