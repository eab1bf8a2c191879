package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// Least and usual number of messages of the store that is read.
const (
	LeastMessages   = 20_000
	DefaultMessages = 500_000
)

// Config says what to measure. Program and Progress must be given.
type Config struct {
	Program  string        // evtui itself
	Dir      string        // where to make a fresh directory; "": the system's for temporary files
	Messages int64         // of the store that is read, and that memory is measured with
	Duration time.Duration // of a row, and of its limit
	Only     []string      // names of rows; none: all
	Seed     uint64
	Progress func(step string)
}

// Result is one row measured.
type Result struct {
	Row         string       `json:"row"`
	What        string       `json:"what"`
	Unit        measure.Unit `json:"unit"` // of measured, limit and goal
	Measured    float64      `json:"measured"`
	Limit       float64      `json:"limit,omitempty"` // 0: none
	Ratio       float64      `json:"ratio,omitempty"` // measured to limit
	Goal        float64      `json:"goal"`            // at most; for rates at least
	Met         bool         `json:"met"`
	Connections int          `json:"connections,omitempty"`
	Calls       int64        `json:"calls,omitempty"`
	Rate        float64      `json:"callsPerSecond,omitempty"`
	Cost        float64      `json:"cpuMicrosPerCall,omitempty"` // 0: not known on this system
	LimitRate   float64      `json:"limitCallsPerSecond,omitempty"`
	LimitCost   float64      `json:"limitCPUMicrosPerCall,omitempty"`
	Note        string       `json:"note,omitempty"` // why there is no figure, or on what it stands
}

// run is one Run under way.
type run struct {
	Config
	streams int
	server  *measure.Server
	limit   *measure.Server
	client  *client.Client
}

// Run measures the rows, and ends with the first that does not add up. It
// returns what was measured until then.
func Run(ctx context.Context, c Config) (results []Result, err error) {
	r := &run{Config: c, streams: int(min(max(c.Messages/400, 50), 1000))}
	err = serveFresh(ctx, c.Program, c.Dir, nil, func(dir string, server *measure.Server, client *client.Client) (err error) {
		r.server, r.client = server, client
		if r.limit, err = measure.StartPrinting(ctx, c.Program, filepath.Join(dir, "limit"), LimitCommand); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		defer func() { err = errors.Join(err, r.limit.Stop()) }()
		results, err = r.rows(ctx)
		return err
	})
	return results, err
}

// serveFresh has f measure a server whose data is below dir, which is made in parent and
// removed.
func serveFresh(ctx context.Context, program, parent string, flags []string, f func(dir string, s *measure.Server, c *client.Client) error) (err error) {
	dir, err := os.MkdirTemp(parent, "evtui-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return serve(ctx, program, filepath.Join(dir, "data"), flags, func(s *measure.Server, c *client.Client) error { return f(dir, s, c) })
}

// serve has f measure a server on dir, with a client of it.
func serve(ctx context.Context, program, dir string, flags []string, f func(*measure.Server, *client.Client) error) error {
	server, err := measure.StartServer(ctx, program, dir, append([]string{"--data", dir}, flags...)...)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	c, err := client.New(server.Addr, client.WithToken(server.Token), client.WithActor("bench"))
	if err != nil {
		return errors.Join(fmt.Errorf("bench: %w", err), server.Stop())
	}
	err = f(server, c)
	c.Close()
	return errors.Join(err, server.Stop())
}

func (r *run) rows(ctx context.Context) (results []Result, err error) {
	chosen := slices.DeleteFunc(table(), func(row row) bool {
		return len(r.Only) > 0 && !slices.Contains(r.Only, row.name)
	})
	if slices.ContainsFunc(chosen, row.stored) {
		if err := r.fill(ctx); err != nil {
			return nil, fmt.Errorf("bench: fill: %w", err)
		}
	}
	for _, row := range chosen {
		r.Progress(row.what)
		by := row.by
		if by == nil {
			by = (*run).measure
		}
		result, err := by(r, ctx, row)
		if err != nil {
			return results, fmt.Errorf("bench: %s: %w", row.what, err)
		}
		results = append(results, result)
	}
	return results, nil
}

// fill makes the store that is read, as the load would but with ten events of
// a stream a call, and compacts it.
func (r *run) fill(ctx context.Context) error {
	r.Progress("filling with " + strconv.FormatInt(r.Messages, 10) + " messages")
	s := r.step(row{connections: 10, batch: 10})
	s.duration, s.messages = 0, r.Messages
	if _, err := r.counted(ctx, s); err != nil {
		return err
	}
	r.Progress("compacting")
	if err := r.client.Flush(ctx, store.DefaultNamespace); err != nil {
		return err
	}
	return r.client.Compact(ctx, store.DefaultNamespace)
}

// counted runs a step that writes, and compares the server's count and head
// with what it acknowledged.
func (r *run) counted(ctx context.Context, s step) (outcome, error) {
	before, err := r.count(ctx)
	if err != nil {
		return outcome{}, err
	}
	o, err := s.run(ctx)
	if err != nil {
		return o, err
	}
	after, err := r.count(ctx)
	if err == nil && after-before != o.messages {
		err = fmt.Errorf("%d messages were acknowledged, and %d counted", o.messages, after-before)
	}
	return o, err
}

// count returns how many messages there are, which must be the head: nobody
// else writes.
func (r *run) count(ctx context.Context) (int64, error) {
	info, err := r.client.NamespaceInfo(ctx, store.DefaultNamespace)
	if err != nil {
		return 0, err
	}
	head, err := r.client.Head(ctx)
	if err == nil && head != info.MessageCount {
		err = fmt.Errorf("the head is %d, and the count %d", head, info.MessageCount)
	}
	return info.MessageCount, err
}

// step is a row's calls of the server.
func (r *run) step(row row) step {
	return step{to: r.server, path: "/rpc", connections: row.connections, duration: r.Duration, caller: row.callers(r.Config, r.streams, false)}
}

// measure runs a row's calls against the server, then against the limit.
func (r *run) measure(ctx context.Context, row row) (Result, error) {
	s := r.step(row)
	var o outcome
	var err error
	if row.batch > 0 {
		o, err = r.counted(ctx, s)
	} else {
		o, err = s.run(ctx)
	}
	if err != nil {
		return Result{}, err
	}
	s.to, s.path = r.limit, "/rpc?"+strconv.FormatInt(o.bytes/o.calls, 10)
	s.caller = row.callers(r.Config, r.streams, true)
	limit, err := s.run(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("limit: %w", err)
	}
	return row.result(o, limit), nil
}

// blank is the row without what is measured.
func (r row) blank() Result { return Result{Row: r.name, What: r.what, Unit: r.unit, Goal: r.goal} }

func (r row) result(o, limit outcome) Result {
	result := r.blank()
	result.Connections, result.Calls = r.connections, o.calls
	result.Rate, result.Cost, result.LimitRate, result.LimitCost = o.rate(), o.cost(), limit.rate(), limit.cost()
	if r.unit == measure.PerSecond {
		result.Measured, result.Limit = o.messageRate(), limit.messageRate()
		result.Met = result.Measured >= r.goal
	} else {
		result.Measured, result.Limit = result.Cost, result.LimitCost
		result.Met = result.Measured <= r.goal
		if err := errors.Join(o.cpuErr, limit.cpuErr); err != nil {
			result.Met, result.Note = false, fmt.Sprintf("processor time is not known on %s: %v", runtime.GOOS, err)
		}
	}
	if result.Limit > 0 {
		result.Ratio = result.Measured / result.Limit
	}
	return result
}

// disk measures what the filled and compacted store takes.
func (r *run) disk(ctx context.Context, row row) (Result, error) {
	storage, err := r.client.Storage(ctx, store.DefaultNamespace)
	if err != nil {
		return Result{}, err
	}
	if storage.Messages < r.Messages {
		return Result{}, fmt.Errorf("%d messages are stored, not %d", storage.Messages, r.Messages)
	}
	// The log is recycled: its size depends on the memtable, not on the messages.
	tables := int64(0)
	for _, f := range storage.Families {
		tables += f.Bytes
	}
	result := row.blank()
	result.Measured = float64(tables) / float64(storage.Messages)
	result.Met = result.Measured <= row.goal
	result.Note = fmt.Sprintf("tables of %d messages; log and the rest take %d bytes more", storage.Messages, storage.Total-tables)
	return result, nil
}

// memory returns the server's peak since its start, all rows before included.
func (r *run) memory(ctx context.Context, row row) (Result, error) {
	count, err := r.count(ctx)
	if err != nil {
		return Result{}, err
	}
	result := row.blank()
	result.Note = fmt.Sprintf("%d messages written since the start", count)
	peak, err := r.server.PeakMemory()
	if err != nil {
		result.Note = fmt.Sprintf("peak memory is not known on %s: %v", runtime.GOOS, err)
		return result, nil
	}
	result.Measured, result.Met = float64(peak), float64(peak) <= row.goal
	return result, nil
}
