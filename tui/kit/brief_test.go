package kit

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
)

// TestBriefKeepsWhatIsDrawn makes rows of a small and of a large message: the
// small one is whole, the large one has the beginning and its columns.
func TestBriefKeepsWhatIsDrawn(t *testing.T) {
	columns, err := filter.ParseColumns("type,data.last,data.filler,metadata.trace,data.none")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{10, 1_000_000} {
		m := &store.Message{
			Stream: "blob-1", Type: "Stored", Position: 4, GlobalPosition: 9, Metadata: []byte(`{"trace":"t7"}`),
			Data: fmt.Appendf(nil, `{"filler":%q,"last":%d}`, strings.Repeat("x", size), size),
		}
		b := NewBrief(m, columns)
		large := size > briefBytes
		if (b.Whole() == nil) != large || !bytes.HasPrefix(m.Data, b.Data) || b.Bytes != len(m.Data)+len(m.Metadata) {
			t.Errorf("%d: whole %t, %d bytes of %d", size, b.Whole() != nil, len(b.Data), b.Bytes)
		}
		if large && cap(b.Data) > 2*DataBytes {
			t.Errorf("%d: keeps %d bytes of the data", size, cap(b.Data))
		}
		if !b.Shows(columns) {
			t.Errorf("%d: does not show its columns", size)
		}
		for i, want := range []string{"", fmt.Sprint(size), `"xxxxxxxxxx`, `"t7"`, ""} {
			raw, ok, _ := b.value(columns[i])
			if ok != (want != "") || !bytes.HasPrefix(raw, []byte(want)) || len(raw) > DataBytes+1 {
				t.Errorf("%d: column %s is %.20q, %t", size, columns[i], raw, ok)
			}
		}
		other, _ := filter.ParseColumns("data.other")
		if b.Shows(other) == large {
			t.Errorf("%d: shows a column that it was not made with: %t", size, !large)
		}
		m.Data[0] = '#' // the page's memory is another's by now
		if b.Data[0] != '{' {
			t.Errorf("%d: shares the page's memory", size)
		}
	}
}
