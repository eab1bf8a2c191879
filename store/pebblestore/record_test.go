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
		m, correlation, err := out.decode(value, 77)
		if err != nil {
			t.Fatal(err)
		}
		if m.ID != r.id || m.Stream != r.stream || m.Type != r.messageType || m.Position != r.position ||
			m.GlobalPosition != 77 || m.Time.UnixNano() != r.time || correlation != r.correlation ||
			!bytes.Equal(m.Data, r.data) || !bytes.Equal(m.Metadata, r.metadata) || (m.Metadata == nil) != (r.metadata == nil) {
			t.Errorf("%+v became %+v, %q", r, m, correlation)
		}
		for cut := range value[:len(value)-len(r.data)] {
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
		{stream: "a-1", messageType: "T", metadata: []byte("{}"), data: []byte("{}"), correlation: "c"},
		{flags: flagCardinal | flagClientID, hash: -1, id: store.ID{1, 2, 3}, time: -1, position: 1 << 62, stream: "a", messageType: "T", data: []byte("{}")},
		{metadata: []byte{}},
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
	r := record{flags: flagShaped | flagCardinal, stream: "a-1", correlation: "c", shape: 1, values: values}
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
			flags: value[0], hash: int64(binary.BigEndian.Uint64(value[1:9])), id: m.ID, time: m.Time.UnixNano(), position: m.Position,
			stream: m.Stream, messageType: m.Type, correlation: correlation, metadata: m.Metadata, data: m.Data,
			shape: uint32(p.shape), values: p.values,
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
