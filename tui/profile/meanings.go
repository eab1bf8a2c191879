package profile

import (
	"strings"

	"github.com/evtui/evtui/tui/page"
)

// Where the page's figures come from.
const (
	ofProfile = "the profile that is shown"
	shownUnit = "the unit of the value that is shown"
	ownTime   = "the profile's own: its time for CPU, since the program started for locks and allocations, its moment for the rest"
)

// Meanings says what the figures of the open tab mean.
func (p *profilePage) Meanings() []page.Meaning {
	switch costs := p.subject.typ.costMeanings(); p.views.tab {
	case profileFlame:
		bar := page.Figure("of all|all, of what is shown, itself", "the bar under the cursor: what it cost with all that it called, its share of the profile and of the bar that was zoomed to, and what it cost itself.").
			From(ofProfile, shownUnit+"; shares", ownTime, "nothing captured yet, until there is a profile")
		return append([]page.Meaning{bar}, costs...)
	case profileCallers:
		share := page.Figure("share", "of a caller, or of a function that is called: its share of the function's cum. Of the function itself: its share of the profile.").
			From(ofProfile, "share", ownTime, "the page says so until a function is chosen")
		return append([]page.Meaning{share}, costs...)
	case profileSource:
		line := page.Figure("line, source", "the line's number in its file, and its text. flat and cum are of the line.").
			From("the profile, and the file on this machine's disk", "words", "the file as it is now, which may be newer than the program", "the page says why where there is no such file")
		return append(costs, line)
	case profileKept:
		return append(keptMeanings(), costs...)
	default:
		return costs
	}
}

// costMeanings are of what a function costs, and of the line that says what is shown.
func (typ profileType) costMeanings() []page.Meaning {
	explain := typ.kind.Explain()
	if explain != "" { // it stands behind a colon here
		explain = strings.ToLower(explain[:1]) + explain[1:]
	}
	return []page.Meaning{
		page.Figure("flat|flat%", "spent in the function itself. High values show where time or memory goes.").
			From(ofProfile, shownUnit, ownTime, "nothing captured yet, until there is a profile"),
		page.Figure("cum|cum%", "flat plus everything that the function called. High with a low flat: the cost is in its callees.").
			From(ofProfile, shownUnit, ownTime, "nothing captured yet, until there is a profile"),
		page.Figure("sum%|sum", "flat% added up from the top: the lines above 90 % are most of the program.").
			From(ofProfile, "share of the total", ownTime, "– in an order other than the profile's own"),
		page.Figure("total|function", "all that the profile measured, less what a label, a function or the UI's own share cuts off; then its functions.").
			From(ofProfile, shownUnit, ownTime, "nothing captured yet, until there is a profile"),
		page.Figure("inuse", "live on the heap now. Leaks show here.").
			From(ofProfile, "bytes or objects", "its moment", "absent in profiles of other kinds"),
		page.Figure("alloc", "allocated since the process started, freed or not: work for the garbage collector.").
			From(ofProfile, "bytes or objects", "since the program started", "absent in profiles of other kinds"),
		page.Figure("difference", "positive grew and negative shrank since the baseline; percentages are of the baseline.").
			From(ofProfile+", less the baseline", shownUnit, "both profiles' own", "no baseline, until b sets one"),
		page.Figure(typ.title, explain).
			From("/debug/pprof of the program", shownUnit, ownTime, "the page says why where the program does not offer it"),
	}
}

func keptMeanings() []page.Meaning {
	const (
		kept = "the directory of kept profiles"
		when = "when it was captured"
	)
	return []page.Meaning{
		page.Figure("time, kind", "when the profile's capture began, in this terminal's time zone, and what it measured.").
			From(kept, "time; words", when, "? for a file of unknown kind"),
		page.Figure("of", "how long the capture measured.").
			From(kept, "time", when, "blank for kinds that are of a moment"),
		page.Figure("size", "the size of the file, compressed.").
			From(kept, "bytes", "now", "always known"),
		page.Figure("file, note", "the file's name without .pb.gz, which go tool pprof opens, and what you or a trigger said of it.").
			From(kept, "words", when, "note is blank without one"),
	}
}
