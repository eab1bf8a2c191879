package pebblestore

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/pebblestore/shape"
)

func TestRecordRoundTrip(t *testing.T) {
	var out decoder
	for _, r := range []record{
		{stream: "a", Record: engine.Record{Type: "T", Data: []byte("{}")}},
		{
			hash: -5, flags: flagCardinal, stream: "account-123+x", Record: engine.Record{
				ID: store.NewID(time.Now()), Time: 1<<62 + 1, Position: 1 << 40, Type: "Deposited",
				Correlation: "order", Metadata: []byte(`{"a":null}`), Data: []byte(`{"n":12345678901234567890}`),
			},
		},
		{stream: "x-1", Record: engine.Record{Type: "T", Metadata: []byte{}, Data: nil}},
	} {
		r.mark()
		value := make([]byte, r.size())
		r.encode(value)
		m, correlation, err := out.decode(value, 77)
		if err != nil {
			t.Fatal(err)
		}
		if m.ID != r.ID || m.Stream != r.stream || m.Type != r.Type || m.Position != r.Position ||
			m.GlobalPosition != 77 || m.Time.UnixNano() != r.Time || correlation != r.Correlation ||
			!bytes.Equal(m.Data, r.Data) || !bytes.Equal(m.Metadata, r.Metadata) || (m.Metadata == nil) != (r.Metadata == nil) {
			t.Errorf("%+v became %+v, %q", r, m, correlation)
		}
		for cut := range value[:len(value)-len(r.Data)] {
			if _, _, err := out.decode(value[:cut], 1); err == nil {
				t.Errorf("a record cut at %d of %d is accepted", cut, len(value))
			}
		}
	}
}

// FuzzDecode looks for values that the decoders panic over, and for records
// that are not the same once they are written and read again.
func FuzzDecode(f *testing.F) {
	for _, r := range []record{
		{stream: "a-1", Record: engine.Record{Type: "T", Metadata: []byte("{}"), Data: []byte("{}"), Correlation: "c"}},
		{flags: flagCardinal, hash: -1, stream: "a", Record: engine.Record{ID: store.ID{1, 2, 3}, Given: true, Time: -1, Position: 1 << 62, Type: "T", Data: []byte("{}")}},
		{Record: engine.Record{Metadata: []byte{}}},
	} {
		r.mark()
		value := make([]byte, r.size())
		r.encode(value)
		f.Add(value)
		f.Add(value[:len(value)-1])
	}
	known := newShapes()
	outline, values, _ := shape.Cut(nil, nil, "T", []byte(`{"a":"b"}`), []byte(`{"c":1.5,"d":true}`))
	if n, fresh := known.learn(outline); n != 1 || !fresh {
		f.Fatalf("the first shape has number %d, fresh %v", n, fresh)
	}
	r := record{flags: flagShaped | flagCardinal, stream: "a-1", shape: 1, Record: engine.Record{Correlation: "c", Data: values}}
	r.mark()
	shaped := make([]byte, r.size())
	r.encode(shaped)
	f.Add(shaped)
	f.Add([]byte{})
	f.Add(encodeMeta(nil, engine.State{Next: 1 << 62, LastTime: -1, Messages: 3, Streams: 2, Sparse: true}))
	f.Add(encodeCategory(nil, 1<<31, engine.Counts{Messages: 3, Streams: 2, Last: 9}))
	f.Add(append(make([]byte, recordFixedLen), bytes.Repeat([]byte{0xff}, 40)...)) // lengths beyond any number
	f.Fuzz(func(t *testing.T, value []byte) {
		_ = owned(value, store.Group{Member: 0, Size: 2})
		_, _ = decodeGlobal(value)
		if e, err := decodeEntry(value); err == nil && e.typed {
			if again, err := decodeEntry(encodeEntry(nil, e.gpos, e.nanos, e.sum)); err != nil || again != e {
				t.Errorf("entry %+v comes back as %+v, %v", e, again, err)
			}
		}
		_, _ = decodeCategory("c", value)
		if m, err := decodeMeta(value); err == nil {
			if again, err := decodeMeta(encodeMeta(nil, m)); err != nil || again != m {
				t.Errorf("%+v became %+v, %v", m, again, err)
			}
		}
		out := decoder{shapes: known}
		m, correlation, err := out.decode(value, 1)
		if err != nil {
			return
		}
		p, err := parse(value, 1)
		if err != nil {
			t.Fatal(err)
		}
		r := record{
			flags: value[0], hash: int64(binary.BigEndian.Uint64(value[1:9])), stream: m.Stream, shape: uint32(p.shape),
			Record: engine.Record{
				ID: m.ID, Time: m.Time.UnixNano(), Position: m.Position,
				Type: m.Type, Correlation: correlation, Metadata: m.Metadata, Data: m.Data,
			},
		}
		if p.shape != 0 {
			r.Metadata, r.Data = nil, p.values
		}
		written := make([]byte, r.size())
		r.encode(written)
		second := decoder{shapes: known}
		again, same, err := second.decode(written, 1)
		if err != nil || !reflect.DeepEqual(again, m) || same != correlation {
			t.Errorf("%+v became %+v, %q, %v", m, again, same, err)
		}
	})
}
