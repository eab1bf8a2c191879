package profile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/compare"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/profiler"
)

// session runs the load on an engine, and leaves nothing of its data behind.
func (c *compareRun) session(ctx context.Context, progress *output.Progress, engine string, number int) (one compare.Session, err error) {
	data, err := os.MkdirTemp(c.scratch, "evtui-compare-")
	if err != nil {
		return one, fmt.Errorf("make a directory for the data: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	dir := host.Place(filepath.Join(data, "data"))
	server, err := measure.StartServer(ctx, c.program, string(dir), "--db-url", dir.URL(host.Backend(engine)), "--durability", c.commit.String())
	if err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	s := &run{load: c.load, into: c.dir, name: engine}
	if c.runs > 1 {
		s.name = fmt.Sprintf("%s-%d", engine, number)
	}
	s.URL, s.Token, s.process = server.URL(), server.Token, server.Process
	if s.session, err = s.Attach(ctx, s.URL, s.Token); err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, s.session.Close()) }()
	if err := s.measure(ctx, progress); err != nil {
		return one, err
	}
	if s.engine != engine {
		return one, fmt.Errorf("the server says that it runs on %s", s.engine)
	}
	return s.compared()
}

// compared is what the comparison takes of the session.
func (p *run) compared() (compare.Session, error) {
	t := p.taken
	one := compare.Session{
		Engine: p.engine, Dir: p.name, Load: t.Load, CPU: t.CPU, PeakMemory: t.PeakMemory, DiskLeft: t.Disk.Test.Total,
	}
	for _, f := range t.Packed.Families { // neither engine has its log among them
		one.DiskPacked += f.Bytes
	}
	if t.After != nil {
		one.HeapBytes = int64(t.After.HeapBytes)
	}
	for i := range t.Disk.Namespaces {
		if n := &t.Disk.Namespaces[i]; n.ID == t.Disk.TestID {
			one.SyncP50, one.SyncP99 = n.FsyncP50, n.FsyncP99
		}
	}
	err := errors.Join(p.allocations(&one), p.processor(&one))
	return one, err
}

// allocations counts what the server allocated during the load, from its
// profiles, which sample.
func (p *run) allocations(one *compare.Session) error {
	for value, into := range map[string]*int64{"alloc_space": &one.AllocBytes, "alloc_objects": &one.Allocs} {
		v, err := p.gained(measure.AllocsBefore, measure.AllocsAfter, value)
		if err != nil {
			return err
		}
		*into = v.Total()
	}
	return nil
}

// functionsKept is how many functions of each session the comparison keeps.
const functionsKept = 25

// processor says where the server's processor time went.
func (p *run) processor(one *compare.Session) error {
	cpu := p.taken.Profiles[measure.CPUProfile]
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
