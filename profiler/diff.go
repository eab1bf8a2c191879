package profiler

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/pprof/profile"
)

// DiffMode says how a base is taken off a profile.
type DiffMode int

// The ways to take a base off, and none.
const (
	// NotDiff is a profile by itself.
	NotDiff DiffMode = iota
	// DiffBase compares with the base: percentages are of the base's total
	// (pprof's -diff_base). For two captures side by side.
	DiffBase
	// Base subtracts the base: percentages are of what is left (pprof's
	// -base). For two snapshots of one growing count.
	Base
)

// ErrIncompatible is returned when two profiles do not measure the same.
var ErrIncompatible = errors.New("profiles do not measure the same")

// baseLabel marks the samples of a base, as pprof does.
const baseLabel = "pprof::base"

// Diff returns what p has more than base: growth is positive, shrinking
// negative. With normalize, p is first scaled to the base's total, so that a
// longer capture does not look like a slower program. Neither p nor base
// changes. It returns ErrIncompatible when they measure different things, or
// one of them is a difference already.
func (p *Profile) Diff(base *Profile, mode DiffMode, normalize bool) (*Profile, error) {
	if mode == NotDiff {
		return nil, errors.New("difference of profiles: no mode given")
	}
	if p.diff != NotDiff || base.diff != NotDiff {
		return nil, fmt.Errorf("%w: one of them is a difference already", ErrIncompatible)
	}
	a, b := p.raw.Copy(), base.raw.Copy()
	mapSomething(a)
	mapSomething(b)
	if mode == DiffBase {
		b.SetLabel(baseLabel, []string{"true"})
	}
	if normalize {
		if err := a.Normalize(b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrIncompatible, err)
		}
	}
	b.Scale(-1)
	merged, err := merge(a, b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncompatible, err)
	}
	return &Profile{raw: merged, diff: mode}, nil
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

// merge sums two profiles after bringing them to the sample types they share
// and to the finer unit of each. It changes both.
func merge(a, b *profile.Profile) (*profile.Profile, error) {
	both := []*profile.Profile{a, b}
	if err := profile.CompatibilizeSampleTypes(both); err != nil {
		return nil, err
	}
	period, err := finerUnit(a.PeriodType, b.PeriodType)
	if err != nil {
		return nil, err
	}
	units := make([]string, len(a.SampleType))
	for i := range a.SampleType {
		if units[i], err = finerUnit(a.SampleType[i], b.SampleType[i]); err != nil {
			return nil, err
		}
	}
	for _, p := range both {
		if err := toUnits(p, period, units); err != nil {
			return nil, err
		}
	}
	return profile.Merge(both)
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

// finerUnit returns the smaller of two values' units.
func finerUnit(a, b *profile.ValueType) (string, error) {
	if strings.TrimSuffix(a.Type, "s") != strings.TrimSuffix(b.Type, "s") || !commensurable(a.Unit, b.Unit) {
		return "", fmt.Errorf("%s in %s against %s in %s", a.Type, a.Unit, b.Type, b.Unit)
	}
	if ratio, _ := scale(1, b.Unit, a.Unit); ratio < 1 {
		return b.Unit, nil
	}
	return a.Unit, nil
}
