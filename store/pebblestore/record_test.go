package pebblestore

import (
	"bytes"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

func TestRecordRoundTrip(t *testing.T) {
	for _, r := range []record{
		{stream: "a", messageType: "T", data: []byte("{}")},
		{
			hash: -5, flags: flagCardinal, id: store.NewID(time.Now()), time: 1<<62 + 1, position: 1 << 40, stream: "account-123+x",
			messageType: "Deposited", correlation: "order", metadata: []byte(`{"a":null}`), data: []byte(`{"n":12345678901234567890}`),
		},
		{stream: "x-1", messageType: "T", metadata: []byte{}, data: nil},
	} {
		r.mark()
		value := make([]byte, r.size())
		r.encode(value)
		m, correlation, err := decode(value, 77)
		if err != nil {
			t.Fatal(err)
		}
		if m.ID != r.id || m.Stream != r.stream || m.Type != r.messageType || m.Position != r.position ||
			m.GlobalPosition != 77 || m.Time.UnixNano() != r.time || correlation != r.correlation ||
			!bytes.Equal(m.Data, r.data) || !bytes.Equal(m.Metadata, r.metadata) || (m.Metadata == nil) != (r.metadata == nil) {
			t.Errorf("%+v became %+v, %q", r, m, correlation)
		}
		for cut := range value[:len(value)-len(r.data)] {
			if _, _, err := decode(value[:cut], 1); err == nil {
				t.Errorf("a record cut at %d of %d is accepted", cut, len(value))
			}
		}
	}
}

// FuzzDecode looks for records that make decode panic.
func FuzzDecode(f *testing.F) {
	r := record{stream: "a-1", messageType: "T", metadata: []byte("{}"), data: []byte("{}"), correlation: "c"}
	r.mark()
	value := make([]byte, r.size())
	r.encode(value)
	f.Add(value)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		_, _, _ = decode(value, 1)
		_ = owned(value, store.Group{Member: 0, Size: 2})
	})
}
