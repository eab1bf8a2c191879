package measure

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Session is a load on a server, in a namespace of its own, and what is measured
// of it. All but Process, Pack and the callbacks must be given.
type Session struct {
	Admin    *client.Client // of the server's administrator
	Driver   *client.Client // makes the load
	URL      string         // of the server
	Load     load.Config    // its Client is set by Run
	Dir      string         // where the profiles are kept; Run makes it
	Process  *Process       // the server's, of which processor time and memory are measured
	Pack     bool           // flush and compact at the end, to measure what the data takes then
	Step     func(step string)
	Progress func(load.Report)
}

// Taken is what a session measured.
type Taken struct {
	Profiles   map[string]*profiler.Profile // by file name
	Before     *wire.Sample                 // nil: the server has no metrics
	After      *wire.Sample
	Load       load.Report
	Disk       Disk
	CPU        time.Duration // of the process during the load; 0: not known
	PeakMemory int64         // of the process until the load's end, in bytes; 0: not known
	Packed     store.Storage // after a flush and a compaction
}

// The files of a session's profiles.
const (
	CPUProfile       = "cpu.prof"
	GoroutineProfile = "goroutine.prof"
	AllocsBefore     = "allocs-before.prof"
	AllocsAfter      = "allocs-after.prof"
	HeapBefore       = "heap-before.prof"
	HeapAfter        = "heap-after.prof"
)

// cleanTime is how long deleting the test data may take, also after ctrl-c.
const cleanTime = time.Minute

// Run runs the session, and deletes its namespace at the end.
func (s *Session) Run(ctx context.Context) (t *Taken, err error) {
	var salt [4]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	name := "profile-" + hex.EncodeToString(salt[:])
	if _, err := s.Admin.CreateNamespace(ctx, name, client.NamespaceOptions{Description: "test data of evtui profile"}); err != nil {
		return nil, fmt.Errorf("make a namespace for the load: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer cancel()
		if _, e := s.Admin.DeleteNamespace(ctx, name); e != nil {
			err = errors.Join(err, fmt.Errorf("delete the test data in namespace %q: %w", name, e))
		}
	}()
	if err := errors.Join(os.MkdirAll(filepath.Dir(s.Dir), 0o755), os.Mkdir(s.Dir, 0o755)); err != nil {
		return nil, fmt.Errorf("keep the profiles: %w", err)
	}
	s.Load.Client = s.Driver.In(name)
	t = &Taken{Profiles: map[string]*profiler.Profile{}}
	for _, step := range []func(context.Context, *Taken) error{s.before, s.underLoad, s.after, s.pack} {
		if err := step(ctx, t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (s *Session) before(ctx context.Context, t *Taken) (err error) {
	s.Step("heap and allocations before the load")
	if err := s.snapshots(ctx, t, HeapBefore, AllocsBefore); err != nil {
		return err
	}
	t.Before, err = s.sample(ctx)
	return err
}

func (s *Session) after(ctx context.Context, t *Taken) (err error) {
	s.Step("heap, allocations and goroutines after the load")
	if t.After, err = s.sample(ctx); err != nil {
		return err
	}
	if err := s.snapshots(ctx, t, HeapAfter, AllocsAfter, GoroutineProfile); err != nil {
		return err
	}
	t.Disk, err = s.disk(ctx)
	return err
}

// pack measures the data without what the engine has still to clean up. The peak
// of memory comes first: compacting takes some.
func (s *Session) pack(ctx context.Context, t *Taken) (err error) {
	if !s.Pack {
		return nil
	}
	if s.Process != nil {
		t.PeakMemory, _ = s.Process.PeakMemory() // not known on every system
	}
	id := s.Load.Client.Namespace()
	if err := s.Admin.Flush(ctx, id); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	if err := s.Admin.Compact(ctx, id); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	t.Packed, err = s.Admin.Storage(ctx, id)
	return err
}

// middle is when a capture in the middle of the load begins, and how long it
// takes: ten seconds, or half of a load shorter than twenty.
func middle(load time.Duration) (begin, span time.Duration) {
	span = max(time.Second, min(10*time.Second, load/2).Truncate(time.Second))
	return max(0, load-span) / 2, span
}

// underLoad runs the load, and takes the CPU profile in the middle of it.
func (s *Session) underLoad(ctx context.Context, t *Taken) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		capturing sync.WaitGroup
		failed    error
	)
	begin, span := middle(s.Load.Duration)
	capturing.Go(func() {
		select {
		case <-time.After(begin):
			failed = s.take(ctx, t, profiler.CPU, CPUProfile, span)
		case <-ctx.Done():
			failed = ctx.Err()
		}
		if failed != nil {
			cancel() // the load alone is of no use
		}
	})
	idle := s.cpu()
	var err error
	if t.Load, err = load.Run(ctx, s.Load, s.Progress); err != nil {
		cancel()
	}
	t.CPU = s.cpu() - idle
	capturing.Wait()
	if err != nil {
		return err // why there is no profile either
	}
	return failed
}

// cpu is 0 where it is not known.
func (s *Session) cpu() time.Duration {
	if s.Process == nil {
		return 0
	}
	used, _ := s.Process.CPU() // not known on every system
	return used
}

// snapshots takes profiles of the moment, whose kind their file's name begins
// with.
func (s *Session) snapshots(ctx context.Context, t *Taken, files ...string) error {
	for _, file := range files {
		kind, _, _ := strings.Cut(strings.TrimSuffix(file, ".prof"), "-")
		if err := s.take(ctx, t, profiler.Kind(kind), file, 0); err != nil {
			return err
		}
	}
	return nil
}

// take captures one profile into a file.
func (s *Session) take(ctx context.Context, t *Taken, kind profiler.Kind, file string, span time.Duration) error {
	recorder := profiler.NewRecorder(s.URL, s.Admin.Profile)
	taken, err := recorder.Record(ctx, profiler.Request{Kind: kind, Duration: span, By: "evtui profile"}, nil)
	if err != nil {
		return err
	}
	opened, err := taken.Open(profiler.Limits{})
	if err != nil {
		return fmt.Errorf("read the %s profile: %w", kind, err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, file), taken.Data, 0o644); err != nil {
		return fmt.Errorf("keep the %s profile: %w", kind, err)
	}
	t.Profiles[file] = opened
	return nil
}

// sample returns the server's metrics; nil where it has none.
func (s *Session) sample(ctx context.Context) (*wire.Sample, error) {
	sample, err := s.Admin.Sample(ctx)
	if client.NotOffered(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &sample, nil
}
