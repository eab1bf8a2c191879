package profile

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the page mean.
func (p *profilePage) Meanings() []page.Meaning {
	const (
		source = "the profile that is shown"
		unit   = "the unit of the value that is shown"
		window = "the profile's own: its time for CPU, since the program started for locks and allocations, its moment for the rest"
	)
	kind := p.drawing().kind()
	return []page.Meaning{
		{
			Figure: "flat|flat%", Words: "spent in the function itself. High values show where time or memory goes.",
			Source: source, Unit: unit, Window: window, Unknown: "nothing captured yet, until there is a profile",
		},
		{
			Figure: "cum|cum%", Words: "flat plus everything that the function called. High with a low flat: the cost is in its callees.",
			Source: source, Unit: unit, Window: window, Unknown: "nothing captured yet, until there is a profile",
		},
		{
			Figure: "sum%|sum", Words: "flat% added up from the top: the lines above 90 % are most of the program.",
			Source: source, Unit: "share of the total", Window: window, Unknown: "– in an order other than the profile's own",
		},
		{
			Figure: "total|function", Words: "all that the profile measured, less what a label, a function or the UI's own share cuts off; then its functions.",
			Source: source, Unit: unit, Window: window, Unknown: "nothing captured yet, until there is a profile",
		},
		{
			Figure: "inuse", Words: "live on the heap now. Leaks show here.",
			Source: source, Unit: "bytes or objects", Window: "its moment", Unknown: "absent in profiles of other kinds",
		},
		{
			Figure: "alloc", Words: "allocated since the process started, freed or not: work for the garbage collector.",
			Source: source, Unit: "bytes or objects", Window: "since the program started", Unknown: "absent in profiles of other kinds",
		},
		{
			Figure: "difference", Words: "positive grew and negative shrank since the baseline; percentages are of the baseline.",
			Source: source + ", less the baseline", Unit: unit, Window: "both profiles' own", Unknown: "no baseline, until b sets one",
		},
		{
			Figure: kind.title, Words: kind.kind.Explain(),
			Source: "/debug/pprof of the program", Unit: unit, Window: window, Unknown: "the page says why where the program does not offer it",
		},
	}
}
