package profiler

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/pprof/profile"
)

// Label is one key that samples carry, with what each of its values spent.
type Label struct {
	Key      string
	Values   []LabelValue // heaviest first, without regard to signs
	Weight   int64        // of all samples that carry the key, without signs
	Value    int64        // the same with signs; differs in a difference only
	Unmarked int64        // of those that do not, without signs
	Rest     int64        // the same with signs
}

// LabelValue is one value of a label. That of a numeric label is named as pprof
// prints it, in a unit that suits it: "512kB", "1.50ms".
type LabelValue struct {
	Name   string
	Weight int64 // of the samples that carry it, without signs
	Value  int64 // the same with signs; differs in a difference only
}

// Labels returns the labels of the view's samples, numeric ones included, by
// key: by what the profile can be cut.
func (v *View) Labels() []Label {
	units := numberUnits(v.p)
	sums := labelSums{labels: map[string]*Label{}, values: map[[2]string]*LabelValue{}}
	var weight, net int64
	for _, s := range v.p.Sample {
		value := s.Value[v.index]
		weight += abs(value)
		net += value
		for key, names := range s.Label {
			if key != baseLabel {
				sums.add(key, names, value, true)
			}
		}
		for key, numbers := range s.NumLabel {
			_, carried := s.Label[key]
			sums.add(key, units.names(s, key, numbers), value, !carried)
		}
	}
	for at, value := range sums.values {
		l := sums.labels[at[0]]
		l.Values = append(l.Values, *value)
	}
	labels := make([]Label, 0, len(sums.labels))
	for _, l := range sums.labels {
		l.Unmarked, l.Rest = weight-l.Weight, net-l.Value
		slices.SortFunc(l.Values, func(a, b LabelValue) int {
			return cmp.Or(cmp.Compare(abs(b.Value), abs(a.Value)), strings.Compare(a.Name, b.Name))
		})
		labels = append(labels, *l)
	}
	slices.SortFunc(labels, func(a, b Label) int { return strings.Compare(a.Key, b.Key) })
	return labels
}

// labelSums are labels by key, and their values by key and name.
type labelSums struct {
	labels map[string]*Label
	values map[[2]string]*LabelValue
}

// add counts a sample for the values that it carries, and once for the key.
func (l labelSums) add(key string, names []string, value int64, first bool) {
	label := l.labels[key]
	if label == nil {
		label = &Label{Key: key}
		l.labels[key] = label
	}
	if first {
		label.Weight += abs(value)
		label.Value += value
	}
	for _, name := range names {
		one := l.values[[2]string{key, name}]
		if one == nil {
			one = &LabelValue{Name: name}
			l.values[[2]string{key, name}] = one
		}
		one.Weight += abs(value)
		one.Value += value
	}
}

// labelUnits are the units of numeric labels by key, for numbers that bring
// none of their own.
type labelUnits map[string]string

func numberUnits(p *profile.Profile) labelUnits {
	units, _ := p.NumLabelUnits()
	return units
}

// names prints a sample's numbers of one key. Numbers of one key in several
// units, which pprof prints all in the first that it meets, keep their own: two
// seconds are not two nanoseconds.
func (u labelUnits) names(s *profile.Sample, key string, numbers []int64) []string {
	names := make([]string, len(numbers))
	for i, n := range numbers {
		unit := u[key]
		if own := s.NumUnit[key]; i < len(own) && own[i] != "" {
			unit = own[i]
		}
		names[i] = scaledLabel(n, unit, "auto")
	}
	return names
}

// WriteTags prints the labels as `go tool pprof -tags` does.
func (v *View) WriteTags(w io.Writer) error {
	b := bufio.NewWriter(w)
	t := tabwriter.NewWriter(b, 0, 0, 1, ' ', tabwriter.AlignRight)
	share := func(value int64) string {
		if v.total <= 0 {
			return ""
		}
		return " (" + Percent(value, v.total) + ")"
	}
	for _, l := range v.Labels() {
		var all int64 // a sample with two values of one label counts twice, as in pprof
		for _, value := range l.Values {
			all += value.Value
		}
		fmt.Fprintf(t, "%s:\t Total %s of %s%s\n", l.Key, v.Format(all), v.Format(v.total), share(all))
		for _, value := range l.Values {
			fmt.Fprintf(t, " \t%s%s:\t %s\n", v.Format(value.Value), share(value.Value), value.Name)
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush() // the error stays in b
	return flushed(b, "labels")
}
