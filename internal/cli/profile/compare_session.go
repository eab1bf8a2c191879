package profile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/bench"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/compare"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/store"
)

// compareSession is one session of a comparison under way.
type compareSession struct {
	run
	server *bench.Server
	cpu    time.Duration // at the load's begin, then what it took
	packed store.Storage // after a flush and a compaction
	peak   int64
}

// session runs the load on an engine, and leaves nothing of its data behind.
func (c *compareRun) session(ctx context.Context, progress *output.Progress, engine string, run int) (one compare.Session, err error) {
	data, err := os.MkdirTemp(c.scratch, "evtui-compare-")
	if err != nil {
		return one, fmt.Errorf("make a directory for the data: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	dir := host.Place(filepath.Join(data, "data"))
	s := &compareSession{}
	s.server, err = bench.StartServer(ctx, c.program, string(dir), "--db-url", dir.URL(host.Backend(engine)), "--durability", c.commit.String())
	if err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, s.server.Stop()) }()
	s.load, s.into, s.name = c.load, c.dir, engine
	if c.runs > 1 {
		s.name = fmt.Sprintf("%s-%d", engine, run)
	}
	s.URL, s.Token = s.server.URL(), s.server.Token()
	s.hooks = sessionHooks{begins: s.begins, ends: s.ends, last: s.last}
	if s.session, err = s.Attach(ctx, s.URL, s.Token); err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, s.session.Close()) }()
	if err := s.inNamespace(ctx, progress); err != nil {
		return one, err
	}
	if s.engine != engine {
		return one, fmt.Errorf("the server says that it runs on %s", s.engine)
	}
	return s.figures()
}

func (s *compareSession) begins(context.Context) error {
	s.cpu, _ = s.server.CPU() // where the system does not tell it stays unknown
	return nil
}

func (s *compareSession) ends(context.Context) error {
	used, err := s.server.CPU()
	if err != nil {
		used = s.cpu
	}
	s.cpu = used - s.cpu
	return nil
}

// last packs the data, to measure it without what either engine has still to
// clean up. The peak of memory comes first: compacting takes some.
func (s *compareSession) last(ctx context.Context) error {
	if peak, err := s.server.PeakMemory(); err == nil {
		s.peak = peak
	}
	id := s.load.Client.Namespace()
	if err := s.session.Flush(ctx, id); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	if err := s.session.Compact(ctx, id); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	var err error
	s.packed, err = s.session.Storage(ctx, id)
	return err
}

func (s *compareSession) figures() (compare.Session, error) {
	one := compare.Session{
		Engine: s.engine, Dir: s.name, Load: s.report, CPU: s.cpu, PeakMemory: s.peak, DiskLeft: s.disk.test.Total,
	}
	for _, f := range s.packed.Families { // neither engine has its log among them
		one.DiskPacked += f.Bytes
	}
	if s.after != nil {
		one.HeapBytes = int64(s.after.HeapBytes)
	}
	for i := range s.disk.namespaces {
		if n := &s.disk.namespaces[i]; n.ID == s.disk.testID {
			one.SyncP50, one.SyncP99 = n.FsyncP50, n.FsyncP99
		}
	}
	err := errors.Join(s.allocations(&one), s.processor(&one))
	return one, err
}

// allocations counts what the server allocated during the load, from its
// profiles, which sample.
func (s *compareSession) allocations(one *compare.Session) error {
	gained, err := s.taken["allocs-after.prof"].Diff(s.taken["allocs-before.prof"], profiler.Base, false)
	if err != nil {
		return err
	}
	for value, into := range map[string]*int64{"alloc_space": &one.AllocBytes, "alloc_objects": &one.Allocs} {
		v, err := gained.View(profiler.Options{Value: value})
		if err != nil {
			return err
		}
		*into = v.Total()
	}
	return nil
}

// functionsKept is how many functions of each session the comparison keeps.
const functionsKept = 25

// processor tells where the server's processor time went.
func (s *compareSession) processor(one *compare.Session) error {
	cpu := s.taken["cpu.prof"]
	whole, err := viewKind(cpu, "")
	if err != nil || whole.Total() == 0 {
		return err
	}
	total := float64(whole.Total())
	for _, row := range whole.Top(profiler.TopOptions{Count: functionsKept, All: true}).Rows {
		one.Top = append(one.Top, compare.Function{Name: row.Name, Share: float64(row.Flat) / total})
	}
	for _, kind := range costKinds() {
		v, err := viewKind(cpu, kind[1])
		if err != nil {
			return err
		}
		one.Kinds = append(one.Kinds, compare.Kind{Name: kind[0], Share: float64(v.Total()) / total, Layer: strings.HasPrefix(kind[0], "evtui's ")})
	}
	return nil
}
