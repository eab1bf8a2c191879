package profile

import (
	"strings"

	"github.com/evtui/evtui/profiler"
)

// parseProfileFilter reads what the user cuts by. Words are joined by "and":
// LABEL=VALUE keeps a label's value, another word keeps stacks with a matching
// function, "!" before either leaves them out, "ui" takes in the UI itself.
func parseProfileFilter(filter string) profiler.Options {
	o := profiler.Options{OmitUI: true}
	var focus, ignore []string
	for _, word := range strings.Fields(filter) {
		word, not := strings.CutPrefix(word, "!")
		key, value, isLabel := strings.Cut(word, "=")
		switch {
		case word == "":
		case word == "ui" && !not:
			o.OmitUI = false
		case isLabel && key != "":
			o.Labels = append(o.Labels, profiler.LabelCut{Key: key, Values: []string{value}, Not: not})
		case not:
			ignore = append(ignore, word)
		default:
			focus = append(focus, word)
		}
	}
	o.Focus, o.Ignore = strings.Join(focus, "|"), strings.Join(ignore, "|")
	return o
}
