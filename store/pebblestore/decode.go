package pebblestore

import (
	"encoding/binary"
	"time"
	"unsafe"

	"github.com/evtui/evtui/store"
)

// owned reports whether the group's member owns the record's stream, without
// decoding more than the header.
func owned(value []byte, group store.Group) bool {
	if group.IsZero() {
		return true
	}
	if len(value) < recordFixedLen || value[0]&flagCardinal == 0 {
		return false
	}
	return group.OwnsHash(int64(binary.BigEndian.Uint64(value[1:9])))
}

// recordTime reads when a record's message was written.
func recordTime(value []byte) (time.Time, error) {
	if len(value) < recordFixedLen {
		return time.Time{}, errRecord
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(value[25:33]))).UTC(), nil
}

// parsed is a record in its parts, borrowed.
type parsed struct {
	store.Message // Type, Metadata and Data not of a shaped one
	correlation   string
	shape         uint64 // 0: not shaped
	values        []byte
}

// The fields of a record that have a number each among its uvarints.
const (
	fieldPosition = iota
	fieldShape
	fieldStream
	fieldType
	fieldCorrelation
	fieldMetadata
	fieldCount
)

// parse reads a record.
func parse(value []byte, gpos int64) (p parsed, err error) {
	if p.Time, err = recordTime(value); err != nil {
		return p, err
	}
	flags := value[0]
	shaped := flags&flagShaped != 0
	copy(p.ID[:], value[9:25])
	p.GlobalPosition = gpos
	rest := value[recordFixedLen:]
	var numbers [fieldCount]uint64
	for i, present := range [fieldCount]bool{
		true, shaped, true, !shaped, flags&flagCorrelation != 0, !shaped && flags&flagMetadata != 0,
	} {
		if !present {
			continue
		}
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return p, errRecord
		}
		numbers[i] = v
		rest = rest[n:]
	}
	var fields [fieldCount][]byte
	for i := fieldStream; i < fieldCount; i++ {
		n := numbers[i]
		if n > uint64(len(rest)) {
			return p, errRecord
		}
		fields[i], rest = rest[:n:n], rest[n:]
	}
	p.Position = int64(numbers[fieldPosition])
	p.Stream, p.correlation = borrow(fields[fieldStream]), borrow(fields[fieldCorrelation])
	if shaped {
		p.shape, p.values = numbers[fieldShape], rest
		if p.shape == 0 {
			return p, errRecord
		}
		return p, nil
	}
	p.Type, p.Data = borrow(fields[fieldType]), rest
	if flags&flagMetadata != 0 {
		p.Metadata = fields[fieldMetadata]
	}
	return p, nil
}

// decoder makes messages of records. One goroutine uses it. What it returns
// borrows from the record, and from the decoder until its next message.
type decoder struct {
	shapes *shapes
	text   []byte // of the last message that was shaped
}

// decode reads a record and returns its message and its correlation category.
func (d *decoder) decode(value []byte, gpos int64) (store.Message, string, error) {
	p, err := parse(value, gpos)
	if err != nil {
		return p.Message, "", err
	}
	m, err := d.message(&p)
	return m, p.correlation, err
}

// usualText is room for the metadata and data of most messages, in bytes.
const usualText = 512

// message puts the values of a shaped record back into its shape.
func (d *decoder) message(p *parsed) (store.Message, error) {
	if p.shape == 0 {
		return p.Message, nil
	}
	of := d.shapes.at(p.shape)
	if of == nil {
		return p.Message, errShape
	}
	if d.text == nil {
		d.text = make([]byte, 0, usualText)
	}
	text, n, err := of.Join(d.text[:0], p.values)
	d.text = text
	if err != nil {
		return p.Message, err
	}
	p.Type, p.Data = of.Type(), text[n:]
	if n > 0 {
		p.Metadata = text[:n:n]
	}
	return p.Message, nil
}

// borrow views bytes as a string without copying them: see store.Message.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
