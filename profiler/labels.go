package profiler

import (
	"cmp"
	"slices"
	"strings"
)

// Label is one key that samples carry, with what each of its values spent.
type Label struct {
	Key      string
	Values   []LabelValue // heaviest first
	Weight   int64        // of all samples that carry the key, without signs
	Unmarked int64        // of those that do not
}

// LabelValue is one value of a label.
type LabelValue struct {
	Name   string
	Weight int64 // of the samples that carry it, without signs
	Value  int64 // the same with signs; differs in a difference only
}

// labelSums are the values of one label, by name.
type labelSums map[string]*LabelValue

// Labels returns the string labels of the view's samples, by key: by what the
// profile can be cut.
func (v *View) Labels() []Label {
	byKey := map[string]labelSums{}
	carried := map[string]int64{}
	var total int64
	for _, s := range v.p.Sample {
		value := s.Value[v.index]
		total += abs(value)
		for key, names := range s.Label {
			if key == baseLabel {
				continue
			}
			values := byKey[key]
			if values == nil {
				values = labelSums{}
				byKey[key] = values
			}
			carried[key] += abs(value)
			for _, name := range names {
				if values[name] == nil {
					values[name] = &LabelValue{Name: name}
				}
				values[name].Weight += abs(value)
				values[name].Value += value
			}
		}
	}
	return listLabels(byKey, carried, total)
}

func listLabels(byKey map[string]labelSums, carried map[string]int64, total int64) []Label {
	labels := make([]Label, 0, len(byKey))
	for key, values := range byKey {
		l := Label{Key: key, Weight: carried[key], Unmarked: total - carried[key]}
		for _, value := range values {
			l.Values = append(l.Values, *value)
		}
		slices.SortFunc(l.Values, func(a, b LabelValue) int {
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Name, b.Name))
		})
		labels = append(labels, l)
	}
	slices.SortFunc(labels, func(a, b Label) int { return strings.Compare(a.Key, b.Key) })
	return labels
}
