package profiler

import "fmt"

// ActorLabel is the pprof label that names who a goroutine works for.
const ActorLabel = "actor"

// UIActor is the value of ActorLabel on the terminal UI's own goroutines.
const UIActor = "ui"

// Granularity is what counts as one entry of a view.
type Granularity string

// The granularities of a view. The zero value means Functions.
const (
	Functions     Granularity = "functions"
	FileFunctions Granularity = "filefunctions" // functions of one name in two files stay apart
	SourceLines   Granularity = "lines"
)

// Options says how to look at a profile. The zero value looks at all of it,
// by function, in the value that the profile prefers.
//
// The expressions are those of pprof's flags of the same name, and are
// reported in the text's header as pprof does.
type Options struct {
	Value       string // sample type by name or index, such as "alloc_space"; "": the profile's default
	Granularity Granularity
	NoInlines   bool // inlined calls count for the function they were inlined into

	Focus  string // keep stacks with a frame that matches this expression
	Ignore string // drop stacks with a frame that matches
	Hide   string // take matching frames out of the stacks
	Show   string // take all other frames out of the stacks

	TagFocus  string // keep samples whose labels match: "key=expression", "expression" or a range like "bytes=1kb:4mb"
	TagIgnore string // drop samples whose labels match

	// Relative takes percentages of what the expressions above left, not of
	// the whole profile.
	Relative bool

	// Labels cuts the profile before anything is counted: only samples that
	// pass every one of them exist for this view.
	Labels []LabelCut
	// OmitUI leaves out what the terminal UI itself spent: what is labelled
	// actor=ui or, in a profile without labels, goes through the UI's code.
	OmitUI bool
}

// LabelCut keeps the samples that carry the label Key with one of Values, of a
// numeric label as View.Labels names them. A cut without values keeps those
// that carry the label at all; Not turns the cut around.
type LabelCut struct {
	Key    string
	Values []string
	Not    bool
}

// cuts returns the label cuts, that of OmitUI included.
func (o Options) cuts() []LabelCut {
	if !o.OmitUI {
		return o.Labels
	}
	ui := LabelCut{Key: ActorLabel, Values: []string{UIActor}, Not: true}
	return append([]LabelCut{ui}, o.Labels...)
}

// filter is an expression: by the name of pprof's flag, and as its warnings call it.
type filter struct{ name, title, value string }

// filters returns all expressions in pprof's order.
func (o Options) filters() [6]filter {
	return [...]filter{
		{"focus", "Focus", o.Focus}, {"ignore", "Ignore", o.Ignore}, {"hide", "Hide", o.Hide}, {"show", "Show", o.Show},
		{"tagfocus", "TagFocus", o.TagFocus}, {"tagignore", "TagIgnore", o.TagIgnore},
	}
}

// active lists the filters as pprof's header does.
func (o Options) active() []string {
	var active []string
	for _, f := range o.filters() {
		if f.value != "" {
			active = append(active, f.name+"="+f.value)
		}
	}
	return active
}

func (g Granularity) check() error {
	switch g {
	case "", Functions, FileFunctions, SourceLines:
		return nil
	default:
		return fmt.Errorf("granularity %q: must be functions, filefunctions or lines", g)
	}
}
