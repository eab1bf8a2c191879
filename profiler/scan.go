package profiler

import "fmt"

// The tags of the fields of pprof's profile.proto that cost memory.
const (
	fieldSample   = 2
	fieldMapping  = 3
	fieldLocation = 4
	fieldFunction = 5
	fieldString   = 6

	fieldSampleLocation = 1
	fieldSampleValue    = 2
	fieldSampleLabel    = 3
	fieldLocationLine   = 4
)

// What the decoder spends on one of each, in bytes, with the slack of growing
// slices and of maps made by hint. Measured on 64-bit; a little high on purpose.
const (
	costSample   = 200
	costLabels   = 1000 // the three maps of a sample that has any label
	costLabel    = 400
	costVarint   = 10
	costMapping  = 200
	costLocation = 180
	costLine     = 60
	costFunction = 180
	costString   = 40
	costOther    = 40
)

// fieldCost estimates what decoding a field takes, samples aside. Two bytes of
// input can ask the decoder for 400 bytes of heap, so the size of the input
// alone bounds nothing.
func fieldCost(f field) (int64, error) {
	switch f.number {
	case fieldLocation:
		return locationCost(f.data)
	case fieldMapping:
		return costMapping, nil
	case fieldFunction:
		return costFunction, nil
	case fieldString:
		return costString + int64(len(f.data)), nil
	default:
		return costOther + costVarint*varints(f.data), nil
	}
}

func locationCost(data []byte) (int64, error) {
	cost := int64(costLocation)
	for len(data) > 0 {
		f, rest, err := nextField(data)
		if err != nil {
			return 0, err
		}
		data = rest
		if f.number == fieldLocationLine {
			cost += costLine
		}
	}
	return cost, nil
}

// varints counts the varints in a packed field: every byte without the
// continuation bit ends one.
func varints(data []byte) (n int64) {
	for _, b := range data {
		n += int64(1 - b>>7)
	}
	return n
}

// The wire types of protobuf that numbers and messages have.
const (
	wireVarint = 0
	wireBytes  = 2
)

// field is one field of a protobuf message: value is set for varints, data for
// what has a length.
type field struct {
	number uint64
	wire   uint8
	value  uint64
	data   []byte
}

// nextField splits the first field off a protobuf message.
func nextField(data []byte) (f field, rest []byte, err error) {
	key, rest, ok := varint(data)
	if !ok {
		return f, nil, errCutOff
	}
	f.number, f.wire = key>>3, uint8(key&7)
	switch f.wire {
	case wireVarint:
		f.value, rest, ok = varint(rest)
	case 1:
		rest, ok = skip(rest, 8)
	case wireBytes:
		var n uint64
		if n, rest, ok = varint(rest); ok && n <= uint64(len(rest)) {
			f.data, rest = rest[:n], rest[n:]
		} else {
			ok = false
		}
	case 5:
		rest, ok = skip(rest, 4)
	default:
		return f, nil, fmt.Errorf("%w: unknown wire type %d", ErrFormat, key&7)
	}
	if !ok {
		return f, nil, errCutOff
	}
	return f, rest, nil
}

func varint(data []byte) (v uint64, rest []byte, ok bool) {
	for i := 0; i < 10 && i < len(data); i++ {
		v |= uint64(data[i]&0x7f) << (7 * i)
		if data[i]&0x80 == 0 {
			return v, data[i+1:], true
		}
	}
	return 0, nil, false
}

func skip(data []byte, n int) ([]byte, bool) {
	if len(data) < n {
		return nil, false
	}
	return data[n:], true
}
