package profile

import "github.com/evtui/evtui/internal/text"

// Explain says what the figures of the page mean.
func (p *profilePage) Explain(w int) []string {
	var lines []string
	for _, entry := range []struct{ name, means string }{
		{"flat", "what was spent in the function itself. Where it is high, time or memory ends."},
		{"cum", "flat and all that the function called. High with a low flat: much goes through it."},
		{"sum%", "flat% added up from the top: at 90 % the lines above are the program."},
		{"inuse", "what lives on the heap now. Leaks show here."},
		{"alloc", "all that was allocated since the process began, freed or not: the collector's work."},
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
