package engine

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/store"
)

// keepingBackend is a fake that keeps counts by type, or rather forgets them: all
// is counted at each opening. Scans fail while there is a fault.
type keepingBackend struct {
	*fakeBackend
	fault atomic.Pointer[error] // of scans; nil: none
	scans atomic.Int64
}

func (b *keepingBackend) Open(o Opening) (Database, error) {
	if o.ReadOnly {
		o.Changing = nil // nothing is
	}
	d, err := b.fakeBackend.Open(o)
	if err != nil {
		return nil, err
	}
	return &keepingDatabase{d.(*fakeDatabase), b}, nil
}

type keepingDatabase struct {
	*fakeDatabase
	of *keepingBackend
}

func (*keepingDatabase) Kept(func(key, value []byte) error) error { return nil }

func (d *keepingDatabase) Begin() (Batch, error) {
	return keepingBatch{&fakeBatch{d: d.fakeDatabase}}, nil
}

func (d *keepingDatabase) ReadCategory(w *Watch, q store.CategoryQuery, bound int64, v Visit) (int64, error) {
	d.of.scans.Add(1)
	if left := d.of.fault.Load(); left != nil {
		if q.Limit--; q.GlobalPosition == 1 { // some is read, and then no more
			q.Limit = 300
			if _, err := d.fakeDatabase.ReadCategory(w, q, bound, v); err != nil {
				return 0, err
			}
		}
		return 0, *left
	}
	return d.fakeDatabase.ReadCategory(w, q, bound, v)
}

type keepingBatch struct{ *fakeBatch }

func (keepingBatch) Keep(_, _ []byte) error { return nil }
func (keepingBatch) Forget() error          { return nil }

// TestCountingIsTriedAgain opens stores that were never counted and cannot be read:
// it is said why, once, tried again less and less often, and whole soon after they
// can be read again. Few messages are counted by the committer, many beside it.
func TestCountingIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		messages int
		reads    bool
	}{"few": {500, false}, "many": {3 * handoverMessages, false}, "to read": {500, true}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				b := &keepingBackend{fakeBackend: newFake()}
				before, err := Open(b, "data", Options{Uncounted: true})
				mustDo(t, err)
				_, err = before.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "n"})
				mustDo(t, err)
				for left := c.messages; left > 0; left -= 500 {
					_, err = before.Append(t.Context(), "n", writeOf("a-1", min(left, 500)))
					mustDo(t, err)
				}
				mustDo(t, before.Close())
				fault := errors.New("the disk is away")
				b.fault.Store(&fault)
				var said bytes.Buffer
				s, err := Open(b, "data", Options{ReadOnly: c.reads, IdleClose: -1, Logger: slog.New(slog.NewTextHandler(&said, nil))})
				mustDo(t, err)
				defer func() { mustDo(t, s.Close()) }()
				mustTypes := func() store.TypeCounts {
					t.Helper()
					counts, err := s.CountTypes(t.Context(), "n", "")
					mustDo(t, err)
					return counts
				}
				mustTypes()
				synctest.Wait()
				if counts := mustTypes(); counts.Counted == counts.Messages || !strings.Contains(counts.Fault, "the disk is away") {
					t.Errorf("while it fails: %d of %d, fault %q", counts.Counted, counts.Messages, counts.Fault)
				}
				if seen, err := s.Transitions(t.Context(), "n", "a"); err != nil || !strings.Contains(seen.Fault, "the disk is away") {
					t.Errorf("transitions while it fails: fault %q, %v", seen.Fault, err)
				}
				from := b.scans.Load()
				time.Sleep(time.Hour) // in a bubble
				if n := b.scans.Load() - from; n < 55 || n > 70 {
					t.Errorf("tried %d times in an hour, want once a minute", n)
				}
				b.fault.Store(nil)
				time.Sleep(retryLate)
				synctest.Wait()
				counts := mustTypes()
				if counts.Fault != "" || counts.Counted != int64(c.messages) || len(counts.Types) != 1 || counts.Types[0].Count != int64(c.messages) {
					t.Errorf("afterwards: %+v", counts)
				}
				if log := said.String(); strings.Count(log, "the disk is away") != 1 || strings.Count(log, "after all") != 1 {
					t.Errorf("the log says\n%s", log)
				}
			})
		})
	}
}
