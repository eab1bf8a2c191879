package profiler

import (
	"errors"
	"fmt"

	"github.com/google/pprof/profile"
)

// errMalformed is wrapped by the errors of decoding samples.
var errMalformed = errors.New("malformed sample")

// decode parses a profile's wire form. The library decodes all but the
// samples. Those are nearly all of a large profile, so they are decoded here:
// into a few slabs instead of six allocations each, with equal sets of labels
// shared. It takes a third of the time and of the memory.
//
// Samples share their label maps: whoever writes to labels does so on a copy
// that the library made.
func decode(data []byte) (*profile.Profile, error) {
	d := sampleDecoder{labels: make(map[string]labelSet)}
	rest, err := d.split(data)
	if err != nil {
		return nil, err
	}
	// Never empty for the library, which takes that for no profile at all: an
	// unknown field says nothing.
	p, err := profile.ParseUncompressed(append(rest, 0x98, 0x06, 0))
	if err != nil {
		return nil, err
	}
	d.p, d.at = p, placesOf(p)
	return p, d.decode()
}

// labelSet is what the labels of a sample decode to.
type labelSet struct {
	text  map[string][]string
	num   map[string][]int64
	units map[string][]string
}

type sampleDecoder struct {
	p       *profile.Profile
	at      places
	samples [][]byte
	strings [][]byte
	labels  map[string]labelSet // by wire form
	ids     int                 // locations of all samples
	values  int                 // values of all samples

	locations []*profile.Location // slab
	numbers   []int64             // slab
}

// split sorts the samples from all else, which it returns in its order.
func (d *sampleDecoder) split(data []byte) (rest []byte, err error) {
	for len(data) > 0 {
		f, after, err := nextField(data)
		if err != nil {
			return nil, err
		}
		whole := data[:len(data)-len(after)]
		data = after
		if f.number != fieldSample {
			if f.number == fieldString {
				d.strings = append(d.strings, f.data)
			}
			rest = append(rest, whole...)
			continue
		}
		if f.wire != wireBytes {
			return nil, fmt.Errorf("%w: it is no message", errMalformed)
		}
		d.samples = append(d.samples, f.data)
		if err := d.count(f.data); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (d *sampleDecoder) count(sample []byte) error {
	for len(sample) > 0 {
		f, after, err := nextField(sample)
		if err != nil {
			return err
		}
		sample = after
		n := 1
		if f.wire == wireBytes {
			n = int(varints(f.data))
		}
		switch f.number {
		case fieldSampleLocation:
			d.ids += n
		case fieldSampleValue:
			d.values += n
		}
	}
	return nil
}

func (d *sampleDecoder) decode() error {
	slab := make([]profile.Sample, len(d.samples))
	d.p.Sample = make([]*profile.Sample, len(d.samples))
	d.locations = make([]*profile.Location, 0, d.ids)
	d.numbers = make([]int64, 0, d.values)
	var labels []byte // reused: the label fields of one sample
	for i, data := range d.samples {
		var err error
		if labels, err = d.sample(&slab[i], data, labels[:0]); err != nil {
			return err
		}
		d.p.Sample[i] = &slab[i]
	}
	return nil
}

func (d *sampleDecoder) sample(s *profile.Sample, data, labels []byte) ([]byte, error) {
	firstID, firstValue := len(d.locations), len(d.numbers)
	for len(data) > 0 {
		f, after, err := nextField(data)
		if err != nil {
			return nil, err
		}
		whole := data[:len(data)-len(after)]
		data = after
		switch f.number {
		case fieldSampleLocation:
			err = d.eachNumber(f, func(id uint64) { d.locations = append(d.locations, d.location(id)) })
		case fieldSampleValue:
			err = d.eachNumber(f, func(v uint64) { d.numbers = append(d.numbers, int64(v)) })
		case fieldSampleLabel:
			labels = append(labels, whole...)
		}
		if err != nil {
			return nil, err
		}
	}
	s.Location = d.locations[firstID:len(d.locations):len(d.locations)]
	s.Value = d.numbers[firstValue:len(d.numbers):len(d.numbers)]
	if len(labels) == 0 {
		return labels, nil
	}
	set, known := d.labels[string(labels)]
	if !known {
		var err error
		if set, err = d.decodeLabels(labels); err != nil {
			return nil, err
		}
		d.labels[string(labels)] = set
	}
	s.Label, s.NumLabel, s.NumUnit = set.text, set.num, set.units
	return labels, nil
}

// location returns nil for an unknown id, which the check of the whole finds.
func (d *sampleDecoder) location(id uint64) *profile.Location {
	if i := d.at.ofID(id); i >= 0 {
		return d.p.Location[i]
	}
	return nil
}

// eachNumber visits the numbers of a repeated field, packed or not.
func (d *sampleDecoder) eachNumber(f field, visit func(uint64)) error {
	switch f.wire {
	case wireVarint:
		visit(f.value)
		return nil
	case wireBytes:
		for data := f.data; len(data) > 0; {
			v, after, ok := varint(data)
			if !ok {
				return errCutOff
			}
			visit(v)
			data = after
		}
		return nil
	default:
		return fmt.Errorf("%w: a number of wire type %d", errMalformed, f.wire)
	}
}

// decodeLabels reads label fields as the library does: a label is a string
// where it has one, else a number with an optional unit; a label that is
// neither is none.
func (d *sampleDecoder) decodeLabels(data []byte) (set labelSet, err error) {
	set = labelSet{map[string][]string{}, map[string][]int64{}, map[string][]string{}}
	for len(data) > 0 {
		f, after, err := nextField(data)
		if err != nil {
			return set, err
		}
		data = after
		if f.wire != wireBytes {
			return set, fmt.Errorf("%w: a label is no message", errMalformed)
		}
		if err := d.label(&set, f.data); err != nil {
			return set, err
		}
	}
	for key, units := range set.units {
		set.units[key] = append(units, make([]string, len(set.num[key])-len(units))...)
	}
	if len(set.text) == 0 {
		set.text = nil
	}
	if len(set.num) == 0 {
		set.num, set.units = nil, nil
	}
	return set, nil
}

func (d *sampleDecoder) label(set *labelSet, data []byte) error {
	var number [5]uint64 // key, string, number, unit by field number
	for len(data) > 0 {
		f, after, err := nextField(data)
		if err != nil {
			return err
		}
		data = after
		if f.number == 0 || f.number >= uint64(len(number)) {
			continue
		}
		if f.wire != wireVarint {
			return fmt.Errorf("%w: a label's part of wire type %d", errMalformed, f.wire)
		}
		number[f.number] = f.value
	}
	key, err := d.text(number[1])
	if err != nil {
		return err
	}
	if number[2] != 0 {
		value, err := d.text(number[2])
		set.text[key] = append(set.text[key], value)
		return err
	}
	if number[3] == 0 && number[4] == 0 {
		return nil
	}
	if number[4] != 0 {
		unit, err := d.text(number[4])
		if err != nil {
			return err
		}
		missing := max(0, len(set.num[key])-len(set.units[key]))
		set.units[key] = append(append(set.units[key], make([]string, missing)...), unit)
	}
	set.num[key] = append(set.num[key], int64(number[3]))
	return nil
}

func (d *sampleDecoder) text(i uint64) (string, error) {
	if i >= uint64(len(d.strings)) {
		return "", fmt.Errorf("%w: string %d of %d", errMalformed, i, len(d.strings))
	}
	return string(d.strings[i]), nil
}
