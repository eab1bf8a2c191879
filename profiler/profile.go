package profiler

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/pprof/profile"
)

// Profile is an opened profile. It never changes, so it is safe for
// concurrent use.
type Profile struct {
	raw  *profile.Profile // never written to once newProfile has returned
	diff DiffMode
}

// ValueType says what one of a profile's values measures.
type ValueType struct {
	Type string // cpu, inuse_space, contentions…
	Unit string // nanoseconds, bytes, count…
}

// newProfile takes ownership of p.
func newProfile(p *profile.Profile) (*Profile, error) {
	// Drops sample types that stand twice, which pprof refuses as well.
	if err := profile.CompatibilizeSampleTypes([]*profile.Profile{p}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	const longest = 1 << 16
	if len(p.DropFrames) > longest || len(p.KeepFrames) > longest {
		return nil, fmt.Errorf("%w: its frame patterns are longer than %d bytes", ErrTooLarge, longest)
	}
	for _, f := range p.Function {
		f.Name = simpleName(f.Name, f.SystemName)
	}
	opened := &Profile{raw: p}
	if slices.ContainsFunc(p.Sample, (*profile.Sample).DiffBaseSample) {
		opened.diff = DiffBase // somebody wrote a difference to a file
	}
	return opened, nil
}

// Types returns what the profile measures, in the file's order.
func (p *Profile) Types() []ValueType {
	types := make([]ValueType, len(p.raw.SampleType))
	for i, t := range p.raw.SampleType {
		types[i] = ValueType{Type: t.Type, Unit: t.Unit}
	}
	return types
}

// Default returns the value that the profile prefers to be looked at by, which
// Options.Value "" stands for: the one that it names, else its last.
func (p *Profile) Default() ValueType {
	at, err := p.raw.SampleIndexByName("")
	if err != nil {
		at = len(p.raw.SampleType) - 1
	}
	return p.Types()[at]
}

// Has reports whether the profile has a value of that name.
func (p *Profile) Has(value string) bool {
	return slices.ContainsFunc(p.raw.SampleType, func(t *profile.ValueType) bool { return t.Type == value })
}

// Time returns when the profile was taken; the zero time where it does not say.
func (p *Profile) Time() time.Time {
	if p.raw.TimeNanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, p.raw.TimeNanos)
}

// Duration returns the span that the profile covers; 0 for a snapshot.
func (p *Profile) Duration() time.Duration { return time.Duration(p.raw.DurationNanos) }

// Samples returns how many samples the profile holds, one for each distinct
// stack and set of labels.
func (p *Profile) Samples() int { return len(p.raw.Sample) }

// Kind guesses what kind of profile this is from what it measures; "" where
// none of Kinds fits. One that measures anything besides is of none, so that a
// kind's name never stands over another's values.
func (p *Profile) Kind() Kind {
	only := func(names ...string) bool {
		return p.Has(names[0]) && !slices.ContainsFunc(p.raw.SampleType, func(t *profile.ValueType) bool { return !slices.Contains(names, t.Type) })
	}
	switch {
	case only("cpu", "samples"):
		return CPU
	case only("inuse_space", "inuse_objects", "alloc_space", "alloc_objects") && p.raw.DefaultSampleType == "alloc_space":
		return Allocs
	case only("inuse_space", "inuse_objects", "alloc_space", "alloc_objects"):
		return Heap
	case only("goroutine"):
		return Goroutine
	case only("contentions", "delay"):
		// Mutex and block profiles look alike; only the frames differ.
		if p.hasFunction("runtime.unlock", "sync.(*Mutex).Unlock", "sync.(*RWMutex).Unlock", "sync.(*RWMutex).RUnlock") {
			return Mutex
		}
		return Block
	default:
		return ""
	}
}

func (p *Profile) hasFunction(names ...string) bool {
	return slices.ContainsFunc(p.raw.Function, func(f *profile.Function) bool { return slices.Contains(names, f.Name) })
}

// WriteTo writes the profile as a .pb.gz that `go tool pprof` opens. A
// difference is written as such, negative values and all.
func (p *Profile) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	err := p.raw.Write(&b)
	if err != nil {
		return 0, fmt.Errorf("write profile: %w", err)
	}
	n, err := b.WriteTo(w)
	if err != nil {
		return n, fmt.Errorf("write profile: %w", err)
	}
	return n, nil
}
