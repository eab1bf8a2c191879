package profiler

import "fmt"

// labelSet is what the labels of a sample decode to.
type labelSet struct {
	text  map[string][]string
	num   map[string][]int64
	units map[string][]string
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
