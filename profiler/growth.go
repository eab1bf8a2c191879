package profiler

import "fmt"

// Growth is what grew most from one profile to another.
type Growth struct {
	Function      string // "": nothing grew
	Before, After int64  // flat
	Under         string // the label that grew most, such as "method=stream.write"; "" without labels
	view          *View
}

// GrewMost returns the function whose flat value grew most from before to
// after, both looked at with the options. It returns ErrIncompatible as Diff does.
func GrewMost(before, after *Profile, o Options) (Growth, error) {
	difference, err := after.Diff(before, DiffBase, false)
	if err != nil {
		return Growth{}, err
	}
	v, err := difference.View(o)
	if err != nil {
		return Growth{}, err
	}
	g := Growth{view: v}
	var most int64
	for _, r := range v.Top(TopOptions{All: true}).Rows {
		if r.Flat > most {
			most, g.Function = r.Flat, r.Name
		}
	}
	if g.Function == "" {
		return g, nil
	}
	g.Under = grownLabel(v)
	base, err := before.View(o)
	if err != nil {
		return Growth{}, err
	}
	for _, r := range base.Top(TopOptions{All: true}).Rows {
		if r.Name == g.Function {
			g.Before = r.Flat
		}
	}
	g.After = g.Before + most
	return g, nil
}

// grownLabel is the label value that grew most.
func grownLabel(v *View) (under string) {
	var most int64
	for _, l := range v.Labels() {
		if l.Key != "method" && l.Key != ActorLabel {
			continue
		}
		for _, value := range l.Values {
			if value.Value > most {
				most, under = value.Value, l.Key+"="+value.Name
			}
		}
	}
	return under
}

// String says it in words.
func (g Growth) String() string {
	if g.Function == "" {
		return "nothing grew"
	}
	names := ShortNames(g.Function)
	s := fmt.Sprintf("%s grew most, from %s to %s", names[1], g.view.Format(g.Before), g.view.Format(g.After))
	if g.Under != "" {
		s += ", mostly under " + g.Under
	}
	return s
}
