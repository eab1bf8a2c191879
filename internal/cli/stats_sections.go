package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// sectionsTime is how long an engine that was only just brought up gets to measure
// itself.
const sectionsTime = 5 * time.Second

// readSections reads what the engine measured, none where that is not offered. An engine
// that the command brought up measures only now.
func readSections(ctx context.Context, s *target.Session) ([]store.Section, error) {
	deadline := time.NewTimer(sectionsTime)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		list, err := s.EngineSections(ctx)
		switch {
		case client.NotOffered(err):
			return nil, nil
		case err != nil || s.Host == nil || len(list) > 0:
			return list, err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return nil, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// printSections prints the sections of the whole store and of a namespace.
func printSections(w io.Writer, list []store.Section, namespace string) error {
	for i := range list {
		s := &list[i]
		if s.Namespace != "" && s.Namespace != namespace {
			continue
		}
		table := [][]string{append([]string{s.Title}, s.Columns...)}
		for _, row := range s.Rows {
			cells := []string{"  " + row.Name}
			for _, v := range row.Values {
				cells = append(cells, sectionValue(v))
			}
			table = append(table, cells)
		}
		fmt.Fprintln(w)
		if err := output.WriteTable(w, table); err != nil {
			return err
		}
		for _, note := range []string{s.Fault, s.Lacks} {
			if note != "" {
				fmt.Fprintln(w, "  "+output.InertLines(note))
			}
		}
	}
	return nil
}

// sectionValue is a value as people read it, with what the engine thinks of it.
func sectionValue(v store.SectionValue) string {
	shown := text.Measured(string(v.Unit), v.Number, v.Text)
	switch v.Verdict {
	case store.VerdictWarn:
		return "! " + shown
	case store.VerdictBad:
		return "✗ " + shown
	}
	return shown
}
