package profiler

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/google/pprof/profile"
)

// errMalformed is wrapped by the errors of decoding samples.
var errMalformed = errors.New("malformed sample")

// decode parses a profile's wire form, if that takes no more than about limit
// bytes of heap; else it returns ErrTooLarge, before it has taken them.
//
// The library decodes all but the samples. Those are nearly all of a large
// profile, so they are decoded here: into a few slabs instead of six
// allocations each, by several goroutines. Of each set of labels the library gets
// one sample, which those that have it share.
// It takes less than half of the time and of the memory (BenchmarkDecode, and
// docs/architecture.md, Dependencies).
//
// Samples share their label maps: whoever writes to labels does so on a copy
// that the library made.
func decode(data []byte, limit int64) (*profile.Profile, error) {
	s, err := split(data, limit)
	if err != nil {
		return nil, err
	}
	// Never empty for the library, which takes that for no profile at all: an
	// unknown field says nothing.
	p, err := profile.ParseUncompressed(append(s.rest, 0x98, 0x06, 0))
	if err != nil {
		return nil, err
	}
	sets := p.Sample
	return p, s.decode(p, sets)
}

// parts is a profile's wire form, taken apart.
type parts struct {
	rest    []byte // all but the samples, and one with each set of labels
	samples [][]byte
	labels  []int32          // by sample: which set it has, from 1; 0: none
	sets    map[string]int32 // by wire form
	wire    []byte           // reused: the label fields of one sample
	blocks  []block
	end     block
	cost    int64 // bytes of heap that decoding takes, about
}

// block is where a run of samples begins.
type block struct {
	sample   int
	location int // of all samples' locations
	value    int // of all samples' values
}

// blockSamples is how many samples are decoded at a time.
const blockSamples = 4096

// split takes a profile apart, counts, and stops with ErrTooLarge as soon as
// the estimate exceeds limit.
func split(data []byte, limit int64) (*parts, error) {
	s := &parts{sets: map[string]int32{}}
	for len(data) > 0 {
		f, after, err := nextField(data)
		if err != nil {
			return nil, err
		}
		whole := data[:len(data)-len(after)]
		data = after
		var cost int64
		if f.number == fieldSample {
			cost, err = s.add(f)
		} else {
			s.rest = append(s.rest, whole...)
			cost, err = fieldCost(f)
		}
		if err != nil {
			return nil, err
		}
		if s.cost += cost; s.cost > limit {
			return nil, fmt.Errorf("%w: decoding it would take more than %d MB of memory", ErrTooLarge, limit>>20)
		}
	}
	return s, nil
}

// add takes in a sample and returns what decoding it costs.
func (s *parts) add(f field) (cost int64, err error) {
	if f.wire != wireBytes {
		return 0, fmt.Errorf("%w: it is no message", errMalformed)
	}
	if len(s.samples)%blockSamples == 0 {
		s.blocks = append(s.blocks, s.end)
	}
	s.samples = append(s.samples, f.data)
	s.end.sample++
	s.wire = s.wire[:0]
	cost = costSample
	for data := f.data; len(data) > 0; {
		f, after, err := nextField(data)
		if err != nil {
			return 0, err
		}
		whole := data[:len(data)-len(after)]
		data = after
		n := int64(1)
		if f.wire == wireBytes {
			n = varints(f.data)
		}
		switch f.number {
		case fieldSampleLocation:
			s.end.location += int(n)
			cost += costVarint * n
		case fieldSampleValue:
			s.end.value += int(n)
			cost += costVarint * n
		case fieldSampleLabel:
			cost += costLabel
			s.wire = append(s.wire, whole...)
		}
	}
	set := int32(0)
	if len(s.wire) > 0 {
		cost += costLabels
		set = s.setOf(s.wire)
	}
	s.labels = append(s.labels, set)
	return cost, nil
}

// setOf returns the number of a set of labels.
func (s *parts) setOf(wire []byte) int32 {
	if set, known := s.sets[string(wire)]; known {
		return set
	}
	set := int32(len(s.sets) + 1)
	s.sets[string(wire)] = set
	s.rest = binary.AppendUvarint(append(s.rest, fieldSample<<3|wireBytes), uint64(len(wire)))
	s.rest = append(s.rest, wire...)
	return set
}

// decode fills in p's samples, with the labels of sets.
func (s *parts) decode(p *profile.Profile, sets []*profile.Sample) error {
	slab := make([]profile.Sample, len(s.samples))
	locations := make([]*profile.Location, s.end.location)
	numbers := make([]int64, s.end.value)
	p.Sample = make([]*profile.Sample, len(s.samples))
	at := placesOf(p)
	var (
		next   atomic.Int64
		failed = make([]error, min(runtime.GOMAXPROCS(0), len(s.blocks)))
		wg     sync.WaitGroup
	)
	for worker := range failed {
		wg.Go(func() {
			d := sampleDecoder{p: p, at: at}
			for failed[worker] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(s.blocks) {
					return
				}
				from, to := s.blocks[i], s.end
				if i+1 < len(s.blocks) {
					to = s.blocks[i+1]
				}
				d.locations = locations[from.location:from.location:to.location]
				d.numbers = numbers[from.value:from.value:to.value]
				for n := from.sample; n < to.sample && failed[worker] == nil; n++ {
					p.Sample[n] = &slab[n]
					if set := s.labels[n]; set > 0 {
						slab[n] = profile.Sample{Label: sets[set-1].Label, NumLabel: sets[set-1].NumLabel, NumUnit: sets[set-1].NumUnit}
					}
					failed[worker] = d.sample(&slab[n], s.samples[n])
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

// sampleDecoder decodes samples, one after the other.
type sampleDecoder struct {
	p  *profile.Profile
	at places

	locations []*profile.Location // what is left of the slab is its capacity
	numbers   []int64             // likewise
}

func (d *sampleDecoder) sample(s *profile.Sample, data []byte) error {
	firstID, firstValue := len(d.locations), len(d.numbers)
	for len(data) > 0 {
		f, after, err := nextField(data)
		if err != nil {
			return err
		}
		data = after
		switch f.number {
		case fieldSampleLocation:
			err = d.eachNumber(f, func(id uint64) { d.locations = append(d.locations, d.location(id)) })
		case fieldSampleValue:
			err = d.eachNumber(f, func(v uint64) { d.numbers = append(d.numbers, int64(v)) })
		}
		if err != nil {
			return err
		}
	}
	s.Location = d.locations[firstID:len(d.locations):len(d.locations)]
	s.Value = d.numbers[firstValue:len(d.numbers):len(d.numbers)]
	return nil
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
