package profile

import "github.com/evtui/evtui/tui/page"

// Where the page's figures come from.
const (
	ofProfile = "the profile that is shown"
	shownUnit = "the unit of the value that is shown"
	ownTime   = "the profile's own: its time for CPU, since the program started for locks and allocations, its moment for the rest"
)

// Meanings says what the figures of the open tab mean.
func (p *profilePage) Meanings() []page.Meaning {
	switch p.tab {
	case profileFlame:
		return append(flameMeanings(), p.costMeanings()...)
	case profileCallers:
		return append(callMeanings(), p.costMeanings()...)
	case profileSource:
		return append(p.costMeanings(), lineMeanings()...)
	case profileKept:
		return append(keptMeanings(), p.costMeanings()...)
	}
	return p.costMeanings()
}

// costMeanings are of what a function costs, and of the line that says what is shown.
func (p *profilePage) costMeanings() []page.Meaning {
	kind := p.drawing().kind()
	return []page.Meaning{
		{
			Figure: "flat|flat%", Words: "spent in the function itself. High values show where time or memory goes.",
			Source: ofProfile, Unit: shownUnit, Window: ownTime, Unknown: "nothing captured yet, until there is a profile",
		},
		{
			Figure: "cum|cum%", Words: "flat plus everything that the function called. High with a low flat: the cost is in its callees.",
			Source: ofProfile, Unit: shownUnit, Window: ownTime, Unknown: "nothing captured yet, until there is a profile",
		},
		{
			Figure: "sum%|sum", Words: "flat% added up from the top: the lines above 90 % are most of the program.",
			Source: ofProfile, Unit: "share of the total", Window: ownTime, Unknown: "– in an order other than the profile's own",
		},
		{
			Figure: "total|function", Words: "all that the profile measured, less what a label, a function or the UI's own share cuts off; then its functions.",
			Source: ofProfile, Unit: shownUnit, Window: ownTime, Unknown: "nothing captured yet, until there is a profile",
		},
		{
			Figure: "inuse", Words: "live on the heap now. Leaks show here.",
			Source: ofProfile, Unit: "bytes or objects", Window: "its moment", Unknown: "absent in profiles of other kinds",
		},
		{
			Figure: "alloc", Words: "allocated since the process started, freed or not: work for the garbage collector.",
			Source: ofProfile, Unit: "bytes or objects", Window: "since the program started", Unknown: "absent in profiles of other kinds",
		},
		{
			Figure: "difference", Words: "positive grew and negative shrank since the baseline; percentages are of the baseline.",
			Source: ofProfile + ", less the baseline", Unit: shownUnit, Window: "both profiles' own", Unknown: "no baseline, until b sets one",
		},
		{
			Figure: kind.title, Words: kind.kind.Explain(),
			Source: "/debug/pprof of the program", Unit: shownUnit, Window: ownTime, Unknown: "the page says why where the program does not offer it",
		},
	}
}

// flameMeanings are of the bar under the cursor.
func flameMeanings() []page.Meaning {
	return []page.Meaning{{
		Figure: "of all|all, of what is shown, itself", Words: "the bar under the cursor: what it cost with all that it called, its share of the profile and of the bar that was zoomed to, and what it cost itself.",
		Source: ofProfile, Unit: shownUnit + "; shares", Window: ownTime, Unknown: "nothing captured yet, until there is a profile",
	}}
}

// callMeanings are of a function's callers and of what it calls.
func callMeanings() []page.Meaning {
	return []page.Meaning{{
		Figure: "share", Words: "of a caller, or of a function that is called: its share of the function's cum. Of the function itself: its share of the profile.",
		Source: ofProfile, Unit: "share", Window: ownTime, Unknown: "the page says so until a function is chosen",
	}}
}

// lineMeanings are of the lines of a function.
func lineMeanings() []page.Meaning {
	return []page.Meaning{{
		Figure: "line, source", Words: "the line's number in its file, and its text. flat and cum are of the line.",
		Source: "the profile, and the file on this machine's disk", Unit: "words", Window: "the file as it is now, which may be newer than the program", Unknown: "the page says why where there is no such file",
	}}
}

// keptMeanings are of the profiles on disk.
func keptMeanings() []page.Meaning {
	const (
		kept = "the directory of kept profiles"
		when = "when it was captured"
	)
	return []page.Meaning{
		{
			Figure: "time, kind", Words: "when the profile's capture began, in this terminal's time zone, and what it measured.",
			Source: kept, Unit: "time; words", Window: when, Unknown: "? for a file of unknown kind",
		},
		{
			Figure: "of", Words: "how long the capture measured.",
			Source: kept, Unit: "time", Window: when, Unknown: "blank for kinds that are of a moment",
		},
		{
			Figure: "size", Words: "the size of the file, compressed.",
			Source: kept, Unit: "bytes", Window: "now", Unknown: "always known",
		},
		{
			Figure: "file, note", Words: "the file's name without .pb.gz, which go tool pprof opens, and what you or a trigger said of it.",
			Source: kept, Unit: "words", Window: when, Unknown: "note is blank without one",
		},
	}
}
