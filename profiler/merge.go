package profiler

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// Merge returns the sum of profiles, as `go tool pprof` makes it of several
// files: of the values that all of them have, in the finest unit of each. None
// of them changes; a single one is returned as it is. It returns
// ErrIncompatible when they share no value, or share one whose units do not
// convert into each other.
func Merge(profiles ...*Profile) (*Profile, error) {
	if len(profiles) == 1 {
		return profiles[0], nil
	}
	raw := make([]*profile.Profile, len(profiles))
	for i, p := range profiles {
		raw[i] = p.raw.Copy()
		mapSomething(raw[i])
	}
	merged, err := merge(raw)
	if err != nil {
		return nil, fmt.Errorf("merge profiles: %w", err)
	}
	return newProfile(merged)
}

// mapSomething gives a profile without mappings an empty one, as pprof does on
// opening. Merged with a profile that has some, it decides which file the
// header names.
func mapSomething(p *profile.Profile) {
	if len(p.Mapping) > 0 {
		return
	}
	m := &profile.Mapping{ID: 1}
	p.Mapping = []*profile.Mapping{m}
	for _, l := range p.Location {
		l.Mapping = m
	}
}

// merge sums profiles after bringing them to the sample types they share and
// to the finest unit of each. It changes them all.
func merge(all []*profile.Profile) (*profile.Profile, error) {
	if err := profile.CompatibilizeSampleTypes(all); err != nil {
		return nil, fmt.Errorf("%w: they have no value in common: %s", ErrIncompatible, measuredBy(all))
	}
	period, err := finestUnit(all, func(p *profile.Profile) *profile.ValueType { return p.PeriodType })
	if err != nil {
		return nil, err
	}
	units := make([]string, len(all[0].SampleType))
	for i := range units {
		if units[i], err = finestUnit(all, func(p *profile.Profile) *profile.ValueType { return p.SampleType[i] }); err != nil {
			return nil, err
		}
	}
	for _, p := range all {
		if err := toUnits(p, period, units); err != nil {
			return nil, err
		}
	}
	merged, err := profile.Merge(all)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncompatible, err)
	}
	return merged, nil
}

// measuredBy lists what each of the profiles measures, those alike once.
func measuredBy(all []*profile.Profile) string {
	var lists []string
	for _, p := range all {
		if list := typeList(p); !slices.Contains(lists, list) {
			lists = append(lists, list)
		}
	}
	return strings.Join(lists, " against ")
}

// typeList is what a profile measures: "samples in count, cpu in nanoseconds".
func typeList(p *profile.Profile) string {
	names := make([]string, len(p.SampleType))
	for i, t := range p.SampleType {
		names[i] = typeName(t)
	}
	return strings.Join(names, ", ")
}

func typeName(t *profile.ValueType) string {
	if t.Type == "" && t.Unit == "" {
		return "something unnamed"
	}
	return t.Type + " in " + t.Unit
}

// toUnits scales p's period and values to the given units, in place.
func toUnits(p *profile.Profile, period string, units []string) error {
	if p.PeriodType != nil {
		scaled, _ := scale(p.Period, p.PeriodType.Unit, period)
		p.Period, p.PeriodType.Unit = int64(scaled), period
	}
	ratios := make([]float64, len(units))
	for i, t := range p.SampleType {
		ratios[i], _ = scale(1, t.Unit, units[i])
		t.Unit = units[i]
	}
	return p.ScaleN(ratios)
}

// finestUnit returns the smallest unit of one value in all profiles that have
// it, "" for none.
func finestUnit(all []*profile.Profile, of func(*profile.Profile) *profile.ValueType) (string, error) {
	var finest *profile.ValueType
	for _, p := range all {
		t := of(p)
		switch {
		case t == nil:
		case finest == nil:
			finest = t
		case strings.TrimSuffix(finest.Type, "s") != strings.TrimSuffix(t.Type, "s") || !commensurable(finest.Unit, t.Unit):
			return "", fmt.Errorf("%w: %s cannot be converted to %s", ErrIncompatible, typeName(t), typeName(finest))
		default:
			if ratio, _ := scale(1, t.Unit, finest.Unit); ratio < 1 {
				finest = t
			}
		}
	}
	if finest == nil {
		return "", nil
	}
	return finest.Unit, nil
}
