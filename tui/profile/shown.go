package profile

import (
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
)

// shownProfile is what the views draw from. It never changes.
type shownProfile struct {
	of, base *loadedProfile // base: nil without a difference
	view     *profiler.View
	table    *profiler.Table
	flame    *profiler.Flame
	ours     bool // it is of evtui, so that the UI's share is left out
}

// compared is what the profile is compared with; nil for nothing.
func (s *shownProfile) compared() *loadedProfile {
	if s == nil {
		return nil
	}
	return s.base
}

// summary says what is shown: of when, how long, how much, and of whom where asked.
func (s *shownProfile) summary(env page.Env, whom bool) string {
	about, view := s.of.about, s.view
	parts := []string{clockOf(about.Time, env.Now)}
	if of := about.Target; whom && of != "" {
		parts = append(parts, "of "+of)
	}
	if d := s.of.profile.Duration(); d > 0 {
		parts = append(parts, text.Duration(d))
	}
	total := view.Format(view.Total())
	if s.base != nil {
		parts = append(parts, fmt.Sprintf("difference of %s to %s at %s", profileSigned(s.flame.Value(0), view.Format),
			total, clockOf(s.base.about.Time, env.Now)))
	} else if s.flame.Signed() {
		parts = append(parts, fmt.Sprintf("a difference: %s of %s on both sides", profileSigned(s.flame.Value(0), view.Format), total))
	} else {
		parts = append(parts, "total "+total)
	}
	if share := s.cores(); share != "" {
		parts = append(parts, share)
	}
	switch {
	case !view.Options().OmitUI, !s.ours:
	case view.Profile().Labelled():
		parts = append(parts, "without the UI")
	default:
		parts = append(parts, "without the UI's code: this profile has no labels")
	}
	switch {
	case about.ID != "":
		parts = append(parts, "saved as "+about.ID)
	case s.of.data == nil:
		parts = append(parts, "kept")
	}
	if s.flame.Cut() {
		parts = append(parts, "flame graph cut at a hundred thousandth")
	}
	return text.Sanitize(strings.Join(parts, " "+env.Theme.Sym.Dot+" "))
}

// cores is how many processors a CPU profile kept busy; "" for other kinds.
func (s *shownProfile) cores() string {
	d := s.of.profile.Duration()
	if s.view.Type().Unit != "nanoseconds" || s.view.Type().Type != "cpu" || d <= 0 || s.flame.Signed() {
		return ""
	}
	return fmt.Sprintf("%.2f cores busy", float64(s.view.Total())/float64(d))
}

// clockOf prints a time of day, where it is for the user.
func clockOf(at, now time.Time) string { return at.In(now.Location()).Format("15:04:05") }

func profileSigned(v int64, format func(int64) string) string {
	if v > 0 {
		return "+" + format(v)
	}
	return format(v)
}
