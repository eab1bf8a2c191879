package story

import (
	"context"
	"errors"
	"fmt"

	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/story/state"
)

// Reducers are those of the configuration.
type Reducers []config.Reducer

// Configured are the reducers of the settings.
func Configured(s *settings.Settings) Reducers { return s.File.Reducers }

// For returns the reducer of a category's streams; one that merges where there is
// none. It reads the file that the configuration names.
func (r Reducers) For(category string) (state.Definition, error) {
	for i := range r {
		if r[i].Category != category {
			continue
		}
		program, err := r[i].Program()
		name := "of category " + category
		if r[i].File != "" {
			name = settings.ShortPath(r[i].File)
		}
		return state.Definition{Name: name, Category: category, Program: program}, err
	}
	return state.Definition{}, nil
}

// CheckReducer compiles a reducer of the configuration, in a process of its own.
func CheckReducer(ctx context.Context, r *config.Reducer) error {
	program, err := r.Program()
	if err != nil {
		return errors.Unwrap(err) // whose reducer it is, the caller says
	}
	stands := "jq"
	if r.File != "" {
		stands = settings.ShortPath(r.File)
	}
	err = state.NewProcess(program, "", state.DefaultLimits()).Check(ctx)
	if wrong, ok := errors.AsType[*state.ProgramError](err); ok {
		return fmt.Errorf("%s: %s", stands, wrong.Reason)
	}
	return err
}
