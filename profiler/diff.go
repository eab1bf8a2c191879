package profiler

import (
	"errors"
	"fmt"

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
		if err := normalizable(a, b); err != nil {
			return nil, err
		}
		if err := a.Normalize(b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrIncompatible, err)
		}
	}
	b.Scale(-1)
	merged, err := merge([]*profile.Profile{a, b})
	if err != nil {
		return nil, err
	}
	return &Profile{raw: merged, diff: mode}, nil
}

// normalizable says in words why pprof would refuse to scale one to the other,
// which takes the very same values in the same units.
func normalizable(a, b *profile.Profile) error {
	if mine, other := typeList(a), typeList(b); mine != other {
		return fmt.Errorf("%w: normalizing needs the same values in the same units, not %s against %s", ErrIncompatible, mine, other)
	}
	if mine, other := typeName(a.PeriodType), typeName(b.PeriodType); mine != other {
		return fmt.Errorf("%w: normalizing needs the same period, not %s against %s", ErrIncompatible, mine, other)
	}
	return nil
}
