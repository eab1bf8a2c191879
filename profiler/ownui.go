package profiler

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// uiCode are the functions of the terminal UI: where no label tells whom a
// sample is of, a stack through them is the UI's.
var uiCode = regexp.MustCompile(`^(charm\.land/|github\.com/(charmbracelet|evtui/evtui/tui)[/.])`)

// ownCode are evtui's functions, of which the UI's are a part.
const ownCode = "github.com/evtui/evtui/"

// Ours reports whether the profile is of evtui, by its functions or by its
// labels: in those of other programs no UI is to be left out, whatever they draw
// with.
func (p *Profile) Ours() bool {
	return slices.ContainsFunc(p.raw.Function, func(f *profile.Function) bool { return strings.HasPrefix(f.Name, ownCode) }) ||
		slices.ContainsFunc(p.raw.Sample, func(s *profile.Sample) bool { return len(s.Label[ActorLabel]) > 0 })
}

// Labelled reports whether any sample carries a label. Where none does, as in
// profiles of memory, locks and blocking, OmitUI goes by the stacks.
func (p *Profile) Labelled() bool { return labelled(p.raw.Sample) }

func labelled(samples []*profile.Sample) bool {
	return slices.ContainsFunc(samples, func(s *profile.Sample) bool {
		if s.DiffBaseSample() {
			return len(s.Label) > 1
		}
		return len(s.Label) > 0
	})
}

// withoutUICode drops the samples whose stacks go through the UI's code.
func withoutUICode(p *profile.Profile) []*profile.Sample {
	own := map[*profile.Function]bool{}
	for _, f := range p.Function {
		if uiCode.MatchString(f.Name) {
			own[f] = true
		}
	}
	if len(own) == 0 {
		return p.Sample
	}
	places := map[*profile.Location]bool{}
	for _, l := range p.Location {
		if slices.ContainsFunc(l.Line, func(line profile.Line) bool { return own[line.Function] }) {
			places[l] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Sample), func(s *profile.Sample) bool {
		return slices.ContainsFunc(s.Location, func(l *profile.Location) bool { return places[l] })
	})
}
