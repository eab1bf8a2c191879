package recording

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/evtui/evtui/profiler"
)

// keptSince returns the profiles of a directory that were begun after a time, the
// oldest first.
func keptSince(sessions *profiler.Sessions, t time.Time) ([]Profile, error) {
	list, err := sessions.List()
	if err != nil {
		return nil, err
	}
	var out []Profile
	for _, s := range slices.Backward(list) {
		if !s.Time.After(t) {
			continue
		}
		data, err := os.ReadFile(sessions.Path(s.ID))
		if err != nil {
			continue // deleted meanwhile
		}
		out = append(out, Profile{About: s, Data: data})
	}
	return out, nil
}

// Unpack keeps the recording's profiles in a directory, for the Profile page.
func (r *Recording) Unpack(dir string) error {
	sessions, err := profiler.OpenSessions(dir, profiler.Limits{})
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range r.Profiles {
		taken := &profiler.Recording{Kind: p.About.Kind, Target: p.About.Target, Began: p.About.Time, Took: p.About.Duration, Data: p.Data}
		if _, err := sessions.Keep(taken, p.About); err != nil {
			errs = append(errs, fmt.Errorf("unpack a %s profile: %w", p.About.Kind, err))
		}
	}
	return errors.Join(errs...)
}
