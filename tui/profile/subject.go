package profile

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// profileType is what is captured and which of its values is looked at.
type profileType struct {
	kind         profiler.Kind // "": what somebody else's file holds
	value, title string
}

// profileTypes are those that can be captured, in the order of t.
func profileTypes() []profileType {
	return []profileType{
		{profiler.CPU, "cpu", "CPU time"},
		{profiler.Heap, "inuse_space", "heap in use"},
		{profiler.Heap, "inuse_objects", "objects in use"},
		{profiler.Allocs, "alloc_space", "bytes allocated"},
		{profiler.Allocs, "alloc_objects", "objects allocated"},
		{profiler.Goroutine, "goroutine", "goroutines"},
		{profiler.Mutex, "delay", "waiting for locks, by holder"},
		{profiler.Block, "delay", "blocked time"},
	}
}

// titleOf names a value that is not among those that captures are for.
func titleOf(kind profiler.Kind, v profiler.ValueType) string {
	title := v.Type
	if v.Unit != "" && v.Unit != "count" {
		title += " (" + v.Unit + ")"
	}
	if kind == "" {
		return "from a file: " + title
	}
	return string(kind) + ": " + title
}

// nothing says why there may be nothing in a profile of it.
func (typ profileType) nothing() string {
	switch typ.kind {
	case profiler.Mutex:
		return "nothing was recorded: nobody waited for a lock, or the program never calls runtime.SetMutexProfileFraction"
	case profiler.Block:
		return "nothing was recorded: nobody was blocked, or the program never calls runtime.SetBlockProfileRate"
	case profiler.CPU:
		return "no samples: the program used almost no CPU time meanwhile"
	default:
		return "nothing to show"
	}
}

// askedValue is the value that commands must ask for; "" where it is the only
// one that anybody looks at.
func (typ profileType) askedValue() string {
	if typ.value == "goroutine" || typ.value == "cpu" && typ.kind == profiler.CPU {
		return ""
	}
	return typ.value
}

// fetchCommand has Go's own tool take such a profile of the server.
func (typ profileType) fetchCommand(url string, seconds int) string {
	path := string(typ.kind)
	if typ.kind == profiler.CPU {
		path = fmt.Sprintf("profile?seconds=%d", seconds)
	}
	command := "go tool pprof"
	if value := typ.askedValue(); value != "" {
		command += " -sample_index=" + kit.ShellQuote(value)
	}
	return command + " " + kit.ShellQuote(url+"/debug/pprof/"+path)
}

// loadedProfile is a profile in memory.
type loadedProfile struct {
	profile *profiler.Profile
	about   profiler.Session
	data    *profiler.Recording // to keep; nil when it is kept already
}

// inMemory opens a profile that was taken.
func inMemory(taken *profiler.Recording) (*loadedProfile, error) {
	opened, err := taken.Open(profiler.Limits{})
	if err != nil {
		return nil, err
	}
	taken.Kind = cmp.Or(taken.Kind, opened.Kind())
	about := profiler.Session{Kind: taken.Kind, Time: taken.Began, Duration: taken.Took, Target: taken.Target}
	return &loadedProfile{profile: opened, about: about, data: taken}, nil
}

// subject is what is looked at: a type, of the last profile of its kind, by itself
// or as the difference to a baseline, whole or cut by a filter.
type subject struct {
	typ    profileType
	loaded map[profiler.Kind]*loadedProfile
	bases  map[profiler.Kind]*loadedProfile
	diff   bool
	filter string
}

func newSubject() subject {
	return subject{typ: profileTypes()[0], loaded: map[profiler.Kind]*loadedProfile{}, bases: map[profiler.Kind]*loadedProfile{}}
}

// held is the profile that is looked at; nil without one.
func (s *subject) held() *loadedProfile { return s.loaded[s.typ.kind] }

// base is the baseline for profiles such as the one that is looked at; nil without one.
func (s *subject) base() *loadedProfile { return s.bases[s.typ.kind] }

func (s *subject) baseName(now time.Time) string {
	if s.base() == nil {
		return "nothing"
	}
	return clockOf(s.base().about.Time, now)
}

// types are all that t goes through: of a kind of which no profile is there
// what a capture would show, of one that is there every value that it has.
func (s *subject) types() []profileType {
	var list []profileType
	for _, kind := range append(profiler.Kinds(), "") {
		held := s.loaded[kind]
		for _, t := range profileTypes() {
			if t.kind == kind && (held == nil || held.profile.Has(t.value)) {
				list = append(list, t)
			}
		}
		if held == nil {
			continue
		}
		values := held.profile.Types()
		preferred := slices.Index(values, held.profile.Default())
		for _, v := range slices.Concat(values[preferred:], values[:preferred]) {
			if !slices.ContainsFunc(list, func(t profileType) bool { return t.kind == kind && t.value == v.Type }) {
				list = append(list, profileType{kind, v.Type, titleOf(kind, v)})
			}
		}
	}
	return list
}

// next looks at the next type.
func (s *subject) next() {
	types := s.types()
	at := slices.IndexFunc(types, func(o profileType) bool { return o.kind == s.typ.kind && o.value == s.typ.value })
	s.typ = types[(at+1)%len(types)]
}

// choose looks at a kind: at the value that was looked at if it has it, else at
// the one that the profile prefers.
func (s *subject) choose(kind profiler.Kind) {
	held := s.loaded[kind]
	if s.typ.kind == kind && (held == nil || held.profile.Has(s.typ.value)) {
		return
	}
	for _, t := range s.types() {
		if t.kind == kind && (held == nil || t.value == held.profile.Default().Type) {
			s.typ = t
			return
		}
	}
}

// setBase makes the profile that is looked at the baseline, and reports whether it is.
func (s *subject) setBase(t *page.Turn) bool {
	held := s.held()
	if held == nil {
		t.Toast(page.LevelInfo, "no %s profile yet: c captures one", kindName(s.typ.kind))
		return false
	}
	s.bases[s.typ.kind] = held
	t.Toast(page.LevelInfo, "baseline set; capture again and press d for the difference")
	return true
}

// toggleDiff looks at the difference, or no longer, and reports whether it could.
func (s *subject) toggleDiff(t *page.Turn) bool {
	switch {
	case s.diff:
	case s.base() == nil:
		t.Toast(page.LevelInfo, "no baseline for %s profiles: b sets the one shown", kindName(s.typ.kind))
		return false
	case s.base() == s.held():
		t.Toast(page.LevelInfo, "this profile is the baseline: capture again first")
		return false
	}
	s.diff = !s.diff
	return true
}

// bringBase makes what a kept profile was compared with the baseline, unless
// that would lose one that is kept nowhere.
func (s *subject) bringBase(t *page.Turn, kind profiler.Kind, base *loadedProfile) {
	switch own := s.bases[kind]; {
	case base == nil:
	case own != nil && own.data != nil:
		t.Toast(page.LevelInfo, "it was compared with %s; your own unsaved baseline stays", base.about.ID)
	default:
		s.bases[kind] = base
		t.Toast(page.LevelInfo, "d shows the difference to its baseline, %s", base.about.ID)
	}
}

// cut makes a text the filter; its error says why it is none.
func (s *subject) cut(filter string) error {
	_, err := regexp.Compile(parseProfileFilter(filter).Focus)
	if err == nil {
		s.filter = filter
	}
	return err
}

// look is the call that works out what to show; nil without a profile.
func (s *subject) look(top profiler.TopOptions) page.Call {
	held, base := s.held(), s.base()
	if held == nil {
		return nil
	}
	if !s.diff || base == held {
		base = nil
	}
	options := parseProfileFilter(s.filter)
	options.Value = s.typ.value
	return func(context.Context, *client.Client) (any, error) {
		of := held.profile
		if base != nil {
			var err error
			if of, err = of.Diff(base.profile, profiler.DiffBase, false); err != nil {
				return nil, err
			}
		}
		v, err := of.View(options)
		if err != nil {
			return nil, err
		}
		return &shownProfile{of: held, base: base, view: v, table: v.Top(top), flame: v.Flame(), ours: of.Ours()}, nil
	}
}

// flags are those of what is looked at, and cut by.
func (s *subject) flags() []string {
	o := parseProfileFilter(s.filter)
	var words []string
	if value := s.typ.askedValue(); value != "" {
		words = append(words, "--value", kit.ShellQuote(value))
	}
	if o.OmitUI {
		words = append(words, "--omit-ui")
	}
	for _, cut := range o.Labels {
		label := cut.Key + "=" + strings.Join(cut.Values, "")
		if cut.Not {
			label = "!" + label
		}
		words = append(words, "--label", kit.ShellQuote(label))
	}
	for _, f := range [][2]string{{"--focus", o.Focus}, {"--ignore", o.Ignore}} {
		if f[1] != "" {
			words = append(words, f[0], kit.ShellQuote(f[1]))
		}
	}
	return words
}

func kindName(kind profiler.Kind) string { return cmp.Or(string(kind), "such") }

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
