package profile

import "github.com/evtui/evtui/internal/text"

// Explain says what the figures of the page mean.
func (p *profilePage) Explain(w int) []string {
	var lines []string
	for _, entry := range []struct{ name, means string }{
		{"flat", "spent in the function itself. High values show where time or memory goes."},
		{"cum", "flat plus everything that the function called. High with a low flat: the cost is in its callees."},
		{"sum%", "flat% added up from the top: the lines above 90 % are most of the program."},
		{"inuse", "live on the heap now. Leaks show here."},
		{"alloc", "allocated since the process started, freed or not: work for the garbage collector."},
		{"difference", "positive grew and negative shrank since the baseline; percentages are of the baseline."},
		{p.drawing().kind().title, p.drawing().kind().kind.Explain()},
	} {
		words := text.Wrap(entry.name+": "+entry.means, w-2)
		for i, line := range words {
			if i > 0 {
				line = "  " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}
