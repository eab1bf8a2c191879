package profiler

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// View is a profile seen through Options. It never changes, so it is safe for
// concurrent use; every figure below is computed when asked for.
type View struct {
	of    *Profile
	p     *profile.Profile // read only; a working copy where filters asked for one
	o     Options
	index int // of the value in each sample
	typ   ValueType
	total int64

	nodes    []nodeInfo
	names    []string // printable, by node
	stacks   []frame  // of all samples, each from root to leaf
	begins   []int    // by sample: where its stack does; then where the last one ends
	warnings []string
}

// nodeInfo is what makes two frames one entry. The fields are those of pprof's
// own NodeInfo in its order, because its last tie-break compares their
// printed form.
type nodeInfo struct {
	Name              string
	OrigName          string
	Address           uint64
	File              string
	StartLine, Lineno int
	Columnno          int
	Objfile           string
}

// View looks at a profile with the options. The error names the option that
// does not compile, or the value type that the profile does not have.
func (p *Profile) View(o Options) (*View, error) {
	if err := o.Granularity.check(); err != nil {
		return nil, err
	}
	index, err := p.raw.SampleIndexByName(o.Value)
	if err != nil {
		return nil, fmt.Errorf("look at profile: value %q: there are %s", o.Value, typeList(p.raw))
	}
	t := p.raw.SampleType[index]
	v := &View{of: p, p: p.raw, o: o, index: index, typ: ValueType{Type: t.Type, Unit: t.Unit}}
	if err := v.filter(); err != nil {
		return nil, fmt.Errorf("look at profile: %w", err)
	}
	v.number()
	return v, nil
}

// filter narrows the samples down and takes the total, at pprof's moment:
// before the expressions, unless Relative, but after the label cuts.
func (v *View) filter() error {
	cuts := v.o.cuts()
	if len(cuts) == 0 && len(v.o.active()) == 0 && v.p.DropFrames == "" {
		v.total = v.sum(v.p.Sample)
		return nil
	}
	v.p = workingCopy(v.of.raw)
	if v.o.OmitUI && !v.of.Labelled() && v.of.Ours() {
		v.p.Sample = withoutUICode(v.p)
	}
	v.p.Sample = cutByLabel(v.p, cuts)
	v.total = v.sum(v.p.Sample)
	// A pattern that does not compile prunes nothing, as in pprof.
	_ = v.p.RemoveUninteresting()
	warnings, err := applyFilters(v.p, v.o)
	if err != nil {
		return err
	}
	v.warnings = warnings
	if v.o.Relative {
		v.total = v.sum(v.p.Sample)
	}
	return nil
}

// Signed reports whether the view has negative values: it is of a difference,
// and signs tell which way it goes.
func (v *View) Signed() bool {
	return v.of.diff != NotDiff || slices.ContainsFunc(v.p.Sample, func(s *profile.Sample) bool { return s.Value[v.index] < 0 })
}

// sum is the total that percentages are of: all values without their signs,
// or the base's alone where there is one.
func (v *View) sum(samples []*profile.Sample) int64 {
	var all, base int64
	for _, s := range samples {
		value := abs(s.Value[v.index])
		all += value
		if v.of.diff == DiffBase && s.DiffBaseSample() {
			base += value
		}
	}
	if base > 0 {
		return base
	}
	return all
}

// frame is one step of a stack: a node's number, doubled, plus 1 where it was
// inlined into the step before.
type frame int32

func (f frame) node() int32  { return int32(f >> 1) }
func (f frame) inline() bool { return f&1 != 0 }

// number gives each distinct frame a number and lays out the stacks in them.
func (v *View) number() {
	known := make(map[nodeInfo]frame)
	locations := make([][]frame, len(v.p.Location))
	for i, l := range v.p.Location {
		locations[i] = v.numberLocation(known, l)
	}
	at, total := placesOf(v.p), 0
	for _, s := range v.p.Sample {
		for _, l := range s.Location {
			total += len(locations[at.of(l)])
		}
	}
	v.stacks, v.begins = make([]frame, 0, total), make([]int, len(v.p.Sample)+1)
	for i, s := range v.p.Sample {
		for j := len(s.Location) - 1; j >= 0; j-- {
			v.stacks = append(v.stacks, locations[at.of(s.Location[j])]...)
		}
		v.begins[i+1] = len(v.stacks)
	}
}

// numberLocation returns a location's frames, the outermost first.
func (v *View) numberLocation(known map[nodeInfo]frame, l *profile.Location) []frame {
	lines := l.Line
	if v.o.NoInlines && len(lines) > 1 {
		lines = lines[len(lines)-1:]
	}
	frames := make([]frame, max(1, len(lines)))
	for i := range frames {
		info := nodeInfo{Objfile: objfile(l)}
		if len(lines) > 0 {
			line := &lines[len(lines)-1-i]
			info = v.info(l, line.Function, int(line.Line))
		}
		f, ok := known[info]
		if !ok {
			f = frame(len(v.nodes) << 1)
			known[info] = f
			v.nodes = append(v.nodes, info)
			v.names = append(v.names, info.printable())
		}
		if i > 0 {
			f |= 1
		}
		frames[i] = f
	}
	return frames
}

// info is what the granularity leaves of a frame.
func (v *View) info(l *profile.Location, f *profile.Function, line int) nodeInfo {
	info := nodeInfo{Name: f.Name}
	switch v.o.Granularity {
	case FileFunctions:
		info.File = cleanFile(f.Filename)
	case SourceLines:
		info.File, info.Lineno = cleanFile(f.Filename), line
	}
	if info.Name == "" {
		info.Objfile, info.StartLine = objfile(l), int(f.StartLine)
	}
	return info
}

func objfile(l *profile.Location) string {
	if l.Mapping == nil {
		return ""
	}
	return l.Mapping.File
}

func cleanFile(name string) string {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "/proc/self/cwd/./"), "/proc/self/cwd/")
	if name == "" {
		return ""
	}
	return filepath.Clean(name)
}

func (n nodeInfo) printable() string {
	var name []string
	if n.Name != "" {
		name = append(name, n.Name)
	}
	switch {
	case n.Lineno != 0:
		name = append(name, fmt.Sprintf("%s:%d", n.File, n.Lineno))
	case n.File != "":
		name = append(name, n.File)
	case n.Name != "":
	case n.Objfile != "":
		name = append(name, "["+filepath.Base(n.Objfile)+"]")
	default:
		name = append(name, "<unknown>")
	}
	return strings.Join(name, " ")
}

// stack returns the frames of the i-th sample from root to leaf.
func (v *View) stack(i int) []frame { return v.stacks[v.begins[i]:v.begins[i+1]] }

// Profile returns the profile that the view is of.
func (v *View) Profile() *Profile { return v.of }

// Options returns the options that the view was made with.
func (v *View) Options() Options { return v.o }

// Type returns what the view measures.
func (v *View) Type() ValueType { return v.typ }

// Total returns what percentages are of, in Type's unit.
func (v *View) Total() int64 { return v.total }

// Warnings returns a sentence for each filter that matched nothing.
func (v *View) Warnings() []string { return v.warnings }

// Format prints a value of this view in a unit that suits it, such as "1.50s".
func (v *View) Format(value int64) string { return scaledLabel(value, v.typ.Unit, "auto") }
