package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// salvaged are the positions of the messages that can be read of a damaged database.
func salvaged(t *testing.T, on vfs.FS) (positions map[int64]bool, next, count int64, lost []store.Finding) {
	t.Helper()
	before := contents(t, on, scribeDir)
	b := newBackend(Options{FS: sealed{on, t}}.withDefaults())
	defer func() { _ = b.Close() }()
	s, err := b.Salvage(context.Background(), engine.Opening{ID: "a", Dir: scribeDir})
	if err != nil {
		t.Fatal(err)
	}
	positions = map[int64]bool{}
	err = s.Messages(context.Background(), func(m store.ImportMessage, given bool) error {
		if !strings.HasPrefix(string(m.Data), fmt.Sprintf(`{"position":%d,`, m.GlobalPosition)) || given != (m.GlobalPosition%3 == 0) {
			t.Errorf("message %d is %s, given %v", m.GlobalPosition, m.Data, given)
		}
		positions[m.GlobalPosition] = true
		return nil
	}, func(f store.Finding) { lost = append(lost, f) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(engine.NewWatch(context.Background())); err != nil {
		t.Error(err)
	}
	next, count = s.Next(), s.Count()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(before, contents(t, on, scribeDir), bytes.Equal) {
		t.Error("reading it changed it")
	}
	return positions, next, count, lost
}

// TestSalvage damages what Pebble needs to know which files count: the messages
// that stand in whole files are all found.
func TestSalvage(t *testing.T) {
	for what, c := range map[string]struct {
		prefix, suffix string
		change         func(data []byte) []byte // nil: it is removed
		most           int                      // messages that may be missing
	}{
		"no marker of the manifest": {"marker.manifest", "", nil, 0},
		"no marker of the format":   {"marker.format", "", nil, 0},
		"no manifest":               {"MANIFEST-", "", nil, 0},
		"manifest of zeros":         {"MANIFEST-", "", func(data []byte) []byte { return make([]byte, len(data)) }, 0},
		"no options":                {"OPTIONS-", "", func([]byte) []byte { return []byte("?") }, 0},
		"a bit in the log": {"", ".log", func(data []byte) []byte {
			data[700] ^= 1
			return data
		}, 3},
		"no table":       {"", ".sst", nil, 60},
		"table of zeros": {"", ".sst", func(data []byte) []byte { return make([]byte, len(data)) }, 60},
	} {
		t.Run(what, func(t *testing.T) {
			random := rand.New(rand.NewPCG(6, 7))
			disk := vfs.NewCrashableMem()
			b, s := newScribe(t, disk)
			s.write(random, 10)
			if err := s.d.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
			s.write(random, 12)
			if err := errors.Join(s.d.Close(), b.Close()); err != nil {
				t.Fatal(err)
			}
			all, next, count, lost := salvaged(t, disk)
			if len(all) != int(s.state.Messages) || next != s.state.Next || count != s.state.Messages || len(lost) > 0 {
				t.Fatalf("of a whole one: %d messages, next %d, count %d, lost %v; written %+v", len(all), next, count, lost, s.state)
			}
			held := contents(t, disk, scribeDir)
			for _, name := range slices.Backward(slices.Sorted(maps.Keys(held))) {
				if !strings.HasPrefix(name, c.prefix) || !strings.HasSuffix(name, c.suffix) {
					continue
				}
				path := disk.PathJoin(scribeDir, name)
				if c.change != nil {
					mustPut(t, disk, path, c.change(held[name]))
				} else if err := disk.Remove(path); err != nil {
					t.Fatal(err)
				}
				break
			}
			some, next, count, lost := salvaged(t, disk)
			if missing := len(all) - len(some); missing > c.most || next < s.state.Next && c.most == 0 {
				t.Errorf("%d of %d messages, next %d of %d", len(some), len(all), next, s.state.Next)
			}
			if len(some) < len(all) && len(lost) == 0 && count <= int64(len(some)) {
				t.Errorf("%d of %d messages, and nobody says so: count %d", len(some), len(all), count)
			}
		})
	}
}
