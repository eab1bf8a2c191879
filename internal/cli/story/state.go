package story

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// StateCommand is `evtui state`.
func StateCommand() *cobra.Command {
	var (
		t target.Target
		s stateCommand
	)
	cmd := &cobra.Command{
		Use:   "state STREAM",
		Short: "Show the state of a stream, now or at any version",
		Long: "Fold the messages of a stream and print the state that they come to, as JSON. A reducer in jq makes it: . is the " +
			"state so far, null at first, $event the message, and what it puts out is the state after it. It comes from " +
			"--reducer, or from [[reducer]] in the configuration for the stream's category; without one the data of the " +
			"messages is merged. A reducer runs in a process of its own, which is killed when it takes too long or uses too much memory.\n\n" +
			"--until prints the state at the first version at which a condition in jq holds, and exits with 1 if it never does.",
		Example: "  evtui state account-123 --data /tmp/evdb\n" +
			"  evtui state account-123 --position 3 --reducer account.jq\n" +
			"  evtui state account-123 --at -5m --url http://127.0.0.1:8080\n" +
			"  evtui state account-123 --until '.balance < 0'",
	}
	t.Flags(cmd)
	s.flags(cmd)
	cmd.RunE = t.Reads(maxPage, s.check, s.run)
	return cmd
}

// stateCommand is what the command was asked for.
type stateCommand struct {
	stream      string
	position    int64
	at          string
	reducerFile string
	merge       bool
	until       string
	stays       bool
	fresh       bool
	format      *output.Format

	hasPosition bool
	time        time.Time
	reducer     state.Definition
	limits      state.Limits
}

func (s *stateCommand) flags(cmd *cobra.Command) {
	cmd.Flags().Int64Var(&s.position, "position", 0, "the state after the message at this position (default: after the last one)")
	cmd.Flags().StringVar(&s.at, "at", "", "the state at this time: -5m, -2d, 14:02:07, 2026-01-15 or RFC 3339")
	cmd.Flags().StringVar(&s.reducerFile, "reducer", "", "file of a reducer in jq, instead of the configuration's")
	cmd.Flags().BoolVar(&s.merge, "merge", false, "merge the data of the messages, whatever reducer is configured")
	cmd.Flags().StringVar(&s.until, "until", "", "the state at the first version at which this condition in jq holds, such as '.balance < 0'; what is not there is null, which jq holds to be less than 0")
	cmd.Flags().BoolVar(&s.stays, "stays", false, "the condition of --until stays true once it holds: find it by bisection")
	target.FreshFlag(cmd, &s.fresh)
	s.format = output.Flag(cmd, output.JSON, output.NDJSON)
}

func (s *stateCommand) check(cmd *cobra.Command, args []string) error {
	s.stream, s.hasPosition, s.limits = args[0], cmd.Flags().Changed("position"), state.DefaultLimits()
	err := command.Check(cmd,
		command.When(s.stream == "", "which stream? Give STREAM"),
		command.When(s.hasPosition && s.at != "", "--position and --at both say which version: give one of them"),
		command.When(s.hasPosition && s.position < 0, "--position must not be negative"),
		command.When(s.merge && s.reducerFile != "", "--merge and --reducer both say how states are made: give one of them"),
		command.When(s.stays && s.until == "", "--stays is about the condition of --until: give both"))
	if err == nil {
		s.time, err = command.Time(cmd, "at", s.at, time.Now())
	}
	if err == nil {
		s.reducer, err = s.definition(settings.Of(cmd.Context()))
	}
	return err
}

// definition is the reducer that the flags and the configuration ask for.
func (s *stateCommand) definition(set *settings.Settings) (state.Definition, error) {
	switch {
	case s.merge:
		return state.Definition{}, nil
	case s.reducerFile != "":
		return ReducerFile(s.reducerFile)
	}
	return Configured(set).For(store.Category(s.stream))
}

// MaxProgram is the most that a reducer's file may have.
const MaxProgram = 1 << 20

// ReducerFile is the reducer that stands in a file.
func ReducerFile(name string) (state.Definition, error) {
	file, err := os.Open(name)
	if err != nil {
		return state.Definition{}, fmt.Errorf("read the reducer: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, MaxProgram+1))
	switch {
	case err != nil:
		return state.Definition{}, fmt.Errorf("read the reducer: %w", err)
	case len(raw) > MaxProgram:
		return state.Definition{}, fmt.Errorf("read the reducer: %s has more than %d MiB", name, MaxProgram>>20)
	case len(raw) == 0:
		return state.Definition{}, fmt.Errorf("read the reducer: %s is empty", name)
	}
	return state.Definition{Name: name, Program: string(raw)}, nil
}

func (s *stateCommand) run(cmd *cobra.Command, c *client.Client) error {
	ctx, d := cmd.Context(), s.reducer
	if s.fresh {
		if err := target.Freshen(ctx, c); err != nil {
			return err
		}
	}
	last, err := s.last(ctx, c)
	if err != nil {
		return err
	}
	f := fold{
		cmd: cmd, source: streamOf(c, s.stream), title: d.Title(), last: last,
		progress: output.NewProgress(cmd, false), began: time.Now(),
	}
	var reducer state.Reducer = state.Merging{}
	if !d.Merges() {
		reducer = state.NewProcess(d.Program, "", s.limits)
	}
	defer func() { _ = reducer.Close() }() // it was killed, whatever it says
	f.history = state.NewHistory(f.source, reducer)
	m, err := s.moment(ctx, &f)
	f.progress.Done()
	if err != nil {
		return err
	}
	if err := output.WriteOne(cmd.OutOrStdout(), *s.format, m.State); err != nil {
		return err
	}
	if m.Fault != nil {
		return fmt.Errorf("%s: %w; the state before it is printed", d.Title(), m.Fault)
	}
	return nil
}

// last is the version that is asked for, the stream's last at most; -1: before the
// first.
func (s *stateCommand) last(ctx context.Context, c *client.Client) (int64, error) {
	version, err := c.Version(ctx, s.stream)
	switch {
	case err != nil:
		return 0, err
	case version < 0:
		return 0, fmt.Errorf("namespace %s has no stream %q", c.Namespace(), s.stream)
	case s.hasPosition && s.position > version:
		return 0, fmt.Errorf("--position %d: stream %q ends at position %s", s.position, s.stream, text.Count(version))
	case s.hasPosition:
		return s.position, nil
	case s.at == "":
		return version, nil
	}
	return state.LastAt(ctx, streamOf(c, s.stream), version, s.time)
}

// streamOf reads a stream.
func streamOf(c *client.Client, stream string) state.Source {
	return func(ctx context.Context, from int64, limit int) state.Messages {
		return c.Stream(ctx, client.StreamQuery{Stream: stream, Position: from, Limit: limit})
	}
}

// moment is what is printed.
func (s *stateCommand) moment(ctx context.Context, f *fold) (state.Moment, error) {
	switch {
	case f.last < 0:
		fmt.Fprintf(f.cmd.ErrOrStderr(), "%s: no message yet at that time\n", text.Sanitize(s.stream))
		return state.Moment{State: state.Initial(), Done: true}, nil
	case s.until == "":
		m, err := f.at(ctx, f.last)
		if err == nil && m.Message != nil && m.Fault == nil {
			f.say("after %s; %s, %s", named(m.Message), f.title, f.cost(f.history.Read()))
		}
		return m, err
	}
	return s.search(ctx, f)
}

// search looks for the first version at which the condition holds.
func (s *stateCommand) search(ctx context.Context, f *fold) (state.Moment, error) {
	condition := state.NewProcess(s.reducer.Program, s.until, s.limits)
	defer func() { _ = condition.Close() }() // it was killed, whatever it says
	search := state.NewSearch(f.history, condition, f.last, s.stays)
	for over := false; !over; {
		var err error
		if over, err = search.Go(ctx, stepBudget()); err != nil {
			return state.Moment{}, err
		}
		f.progress.Line("%s of %s versions asked, %s", text.Count(search.Steps), text.Count(search.Expected()), f.cost(search.Read))
	}
	f.progress.Done()
	switch {
	case search.Found != nil:
		f.say("holds first after %s; %s asked, %s, %s", named(search.Found), output.Counted(search.Steps, "version"), f.title, f.cost(search.Read))
		return f.at(ctx, search.Found.Position)
	case search.Fault != nil:
		return state.Moment{}, fmt.Errorf("%s: the condition does not hold up to where it ends: %w", f.title, search.Fault)
	}
	if s.stays {
		return state.Moment{}, fmt.Errorf("%q does not hold at #%d, the last one: if it need not stay true, leave --stays out (%s)", s.until, f.last, f.cost(search.Read))
	}
	return state.Moment{}, fmt.Errorf("%q never holds in the %s versions up to #%d (%s)", s.until, text.Count(f.last+1), f.last, f.cost(search.Read))
}

// stepBudget is what is done between two lines of progress.
func stepBudget() state.Budget { return state.Budget{Messages: 1 << 20, Time: 200 * time.Millisecond} }

// fold is the way to a state.
type fold struct {
	cmd      *cobra.Command
	source   state.Source
	history  *state.History
	title    string
	last     int64
	progress *output.Progress
	began    time.Time
}

// at returns the stream at a position, however far that is.
func (f *fold) at(ctx context.Context, position int64) (m state.Moment, err error) {
	for !m.Done && err == nil {
		if m, err = f.history.At(ctx, position, stepBudget()); err == nil && !m.Done {
			f.progress.Line("%s of %s", f.cost(f.history.Read()), text.Count(position+1))
		}
	}
	if wrong, ok := errors.AsType[*state.ProgramError](err); ok {
		err = fmt.Errorf("%s: %w", f.title, wrong)
	}
	return m, err
}

func (f *fold) say(format string, args ...any) {
	f.progress.Done()
	fmt.Fprintf(f.cmd.ErrOrStderr(), format+"\n", args...)
}

// cost says what was read for it.
func (f *fold) cost(read int64) string {
	return output.Counted(read, "message") + " read in " + text.Duration(time.Since(f.began))
}

func named(m *store.Message) string {
	return fmt.Sprintf("%s #%d (%s, %s)", text.Sanitize(m.Stream), m.Position, text.Sanitize(m.Type), m.Time.Local().Format(time.DateTime))
}

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
