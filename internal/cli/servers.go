package cli

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/internal/text"
)

func serversCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "servers [CONTEXT…]",
		Short: "Show the status of the servers in the configuration file",
		Long: "Look at the servers that the configuration file names, or at those given, all at once and each for 3 s at most: " +
			"health, messages appended in the last second, the slowest p99 of writes and the seconds of stalls in the last " +
			"minute, the consumer that is furthest behind, disk left and version. ? is not known, – is none.\n\n" +
			"Exit with 1 if a server does not answer or is failing.",
		Example: "  evtui servers\n" +
			"  evtui servers prod -o json",
		ValidArgsFunction: target.CompleteContexts,
	}
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		s := settings.Of(cmd.Context())
		for _, name := range names {
			if _, known := s.File.Context(name); !known {
				return command.Usage(cmd, "%v", s.File.Unknown(name))
			}
		}
		if len(names) == 0 {
			names = s.File.ContextNames()
		}
		if len(names) == 0 {
			return command.Usage(cmd, "the configuration file names no server: add [contexts.NAME] with its url")
		}
		look := newLookout(s)
		defer func() { _ = look.close() }() // nothing was changed
		rows := lookAtAll(cmd.Context(), look, s.File, names)
		if err := output.List(cmd.OutOrStdout(), *out, serverFields(), nil, rows); err != nil {
			return err
		}
		bad := slices.DeleteFunc(rows, func(r serverRow) bool { return r.status < fleet.Failing })
		if len(bad) > 0 {
			return fmt.Errorf("%d of %d servers do not answer or are failing", len(bad), len(names))
		}
		return nil
	}
	return cmd
}

// serverRow is one server, as JSON prints it. A nil is not known.
type serverRow struct {
	Context      string     `json:"context"`
	URL          string     `json:"url"`
	Status       string     `json:"status"`
	Health       string     `json:"health"` // the status in words
	Error        string     `json:"error,omitempty"`
	Appends      *float64   `json:"appendsPerSecond"`
	P99          *int64     `json:"writeP99Nanos"` // of the slowest second of the last minute
	Lag          *fleet.Lag `json:"worstLag"`
	StallSeconds *int       `json:"stallSeconds"` // of the last minute
	DiskFree     *int64     `json:"diskFreeBytes"`
	Version      string     `json:"version,omitempty"`
	Backend      string     `json:"backend,omitempty"`
	TookMillis   int64      `json:"tookMillis"`

	status fleet.Status
	known  bool // there are metrics
	lagged bool // the server told the lag of its consumers
}

// lookAtAll looks at each server by itself, in the order of the names.
func lookAtAll(ctx context.Context, look lookout, file config.File, names []string) []serverRow {
	rows := make([]serverRow, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		c, _ := file.Context(name)
		all.Go(func() { rows[i] = lookAtOne(ctx, look, c) })
	}
	all.Wait()
	return rows
}

func lookAtOne(ctx context.Context, look lookout, c config.Context) serverRow {
	var r fleet.Record
	begun := time.Now()
	r.Begin(begun)
	s, err := fleet.Within(ctx, func(ctx context.Context) (fleet.Sight, error) {
		return look.look(ctx, c.Name, fleet.Question{Lag: true})
	})
	now := time.Now()
	r.Take(s, err, now)
	state := r.State(now)
	row := serverRow{
		Context: c.Name, URL: c.URL, Status: state.Status.String(), Health: state.Words, Error: state.Detail, Lag: r.Lag,
		Version: r.Version, Backend: r.Backend, TookMillis: now.Sub(begun).Milliseconds(), status: state.Status, lagged: r.Lagged,
	}
	if _, row.known = r.Sample(); !row.known {
		return row
	}
	rate := r.Rate()
	row.Appends = &rate
	if p99 := r.P99(); !math.IsNaN(p99) {
		row.P99 = new(int64(p99))
	}
	if seconds, _, known := r.Stalls(); known {
		row.StallSeconds = &seconds
	}
	if free, size := r.Disk(); size > 0 {
		row.DiskFree = &free
	}
	return row
}

func serverFields() []output.Field[serverRow] {
	p99 := output.Known("p99", "?", func(r serverRow) *int64 { return r.P99 }, func(n int64) string { return text.Nanos(float64(n)) })
	told := p99.Show
	p99.Show = func(r serverRow) string {
		if r.P99 == nil && r.known {
			return "–" // nothing was written
		}
		return told(r)
	}
	return []output.Field[serverRow]{
		output.Text("context", func(r serverRow) string { return r.Context }),
		output.Text("health", func(r serverRow) string { return r.Health }),
		output.Known("w/s", "?", func(r serverRow) *float64 { return r.Appends }, text.PerSecond),
		p99,
		{Name: "worst lag", Right: true, Show: showLag, Raw: func(r serverRow) string {
			if r.Lag == nil {
				return ""
			}
			return strconv.FormatInt(r.Lag.Behind, 10)
		}},
		output.Known("stalls", "?", func(r serverRow) *int { return r.StallSeconds }, func(n int) string { return strconv.Itoa(n) + " s" }),
		output.Known("disk left", "?", func(r serverRow) *int64 { return r.DiskFree }, func(n int64) string { return text.Bytes(float64(n)) }),
		{Name: "version", Show: func(r serverRow) string { return cmp.Or(r.Version, "?") }, Raw: func(r serverRow) string { return r.Version }},
		output.Text("url", func(r serverRow) string { return r.URL }),
	}
}

func showLag(r serverRow) string {
	switch {
	case r.Lag != nil:
		return r.Lag.String()
	case r.lagged:
		return "–" // no consumer was seen
	}
	return "?"
}
