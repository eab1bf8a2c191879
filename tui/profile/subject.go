package profile

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

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
	return func(context.Context, *client.Client) (any, error) { return viewProfile(held, base, options, top) }
}

func kindName(kind profiler.Kind) string { return cmp.Or(string(kind), "such") }
