package profiler

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/google/pprof/profile"
)

// workingCopy returns a copy of a profile whose samples, stacks and lines may
// be changed; functions, mappings, values and labels are shared with raw.
// Copying field by field keeps it apart from raw being written out by another
// goroutine, which uses the structs' hidden fields.
func workingCopy(raw *profile.Profile) *profile.Profile {
	p := &profile.Profile{
		SampleType: raw.SampleType, DefaultSampleType: raw.DefaultSampleType,
		DropFrames: raw.DropFrames, KeepFrames: raw.KeepFrames,
		Mapping: raw.Mapping, Function: raw.Function,
	}
	at := copyLocations(p, raw)
	slab := make([]profile.Sample, len(raw.Sample))
	p.Sample = make([]*profile.Sample, len(raw.Sample))
	frames := 0
	for _, s := range raw.Sample {
		frames += len(s.Location)
	}
	stacks := make([]*profile.Location, frames)
	for i, s := range raw.Sample {
		stack := stacks[:len(s.Location):len(s.Location)]
		stacks = stacks[len(s.Location):]
		for j, l := range s.Location {
			stack[j] = p.Location[at.of(l)]
		}
		slab[i] = profile.Sample{Location: stack, Value: s.Value, Label: s.Label, NumLabel: s.NumLabel, NumUnit: s.NumUnit}
		p.Sample[i] = &slab[i]
	}
	return p
}

func copyLocations(p, raw *profile.Profile) places {
	slab := make([]profile.Location, len(raw.Location))
	p.Location = make([]*profile.Location, len(raw.Location))
	for i, l := range raw.Location {
		lines := make([]profile.Line, len(l.Line))
		for j := range l.Line {
			lines[j] = profile.Line{Function: l.Line[j].Function, Line: l.Line[j].Line, Column: l.Line[j].Column}
		}
		slab[i] = profile.Location{ID: l.ID, Mapping: l.Mapping, Address: l.Address, Line: lines, IsFolded: l.IsFolded}
		p.Location[i] = &slab[i]
	}
	return placesOf(raw)
}

// places finds a location's index in its profile by its id. Ids are dense in
// what Go writes; others go through a map.
type places struct {
	dense  []int32 // the index plus 1; 0 is none
	sparse map[uint64]int32
}

func placesOf(p *profile.Profile) places {
	at := places{dense: make([]int32, 2*len(p.Location)+1), sparse: map[uint64]int32{}}
	for i, l := range p.Location {
		if l.ID < uint64(len(at.dense)) {
			at.dense[l.ID] = int32(i + 1)
		} else {
			at.sparse[l.ID] = int32(i + 1)
		}
	}
	return at
}

// of returns the index of a location of the profile.
func (at places) of(l *profile.Location) int32 { return at.ofID(l.ID) }

// ofID returns the index of the location with that id, or -1.
func (at places) ofID(id uint64) int32 {
	if id < uint64(len(at.dense)) {
		return at.dense[id] - 1
	}
	return at.sparse[id] - 1
}

// cutByLabel drops the samples that do not pass every cut.
func cutByLabel(p *profile.Profile, cuts []LabelCut) []*profile.Sample {
	if len(cuts) == 0 {
		return p.Sample
	}
	units := numberUnits(p)
	kept := make([]*profile.Sample, 0, len(p.Sample))
	for _, s := range p.Sample {
		if !slices.ContainsFunc(cuts, func(c LabelCut) bool { return !c.passes(s, units) }) {
			kept = append(kept, s)
		}
	}
	return kept
}

// passes holds a sample against the cut. A numeric label passes by the name
// that View.Labels gives its value, or as a plain number.
func (c LabelCut) passes(s *profile.Sample, units labelUnits) bool {
	values, carried := s.Label[c.Key]
	numbers, counted := s.NumLabel[c.Key]
	if len(c.Values) == 0 {
		return (carried || counted) != c.Not
	}
	asked := func(v string) bool { return slices.Contains(c.Values, v) }
	found := slices.ContainsFunc(values, asked)
	if !found && counted {
		found = slices.ContainsFunc(units.names(s, c.Key, numbers), asked) ||
			slices.ContainsFunc(numbers, func(n int64) bool { return asked(strconv.FormatInt(n, 10)) })
	}
	return found != c.Not
}

// applyFilters does what pprof's focus, ignore, hide, show, tagfocus and
// tagignore do, in its order, on a working copy. The words returned say which
// of them matched nothing.
func applyFilters(p *profile.Profile, o Options) (warnings []string, err error) {
	filters := o.filters()
	var rx [4]*regexp.Regexp
	for i := range rx {
		if filters[i].value == "" {
			continue
		}
		if rx[i], err = regexp.Compile(filters[i].value); err != nil {
			return nil, fmt.Errorf("%s: %w", filters[i].name, err)
		}
	}
	units, _ := p.NumLabelUnits()
	var tags [2]profile.TagMatch
	for i := range tags {
		if tags[i], err = tagFilter(filters[4+i].name, filters[4+i].value, units); err != nil {
			return nil, err
		}
	}
	var matched [6]bool
	matched[0], matched[1], matched[2], matched[3] = p.FilterSamplesByName(rx[0], rx[1], rx[2], rx[3])
	matched[4], matched[5] = p.FilterSamplesByTag(tags[0], tags[1])
	for i, f := range filters {
		if f.value != "" && !matched[i] {
			warnings = append(warnings, f.title+" expression matched no samples")
		}
	}
	return warnings, nil
}
