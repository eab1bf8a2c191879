package storetest

import (
	"context"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// seeds is what a case filled its store with through Harness.Seed: it gives the
// positions, ids and times that Append would.
type seeds struct {
	mu       sync.Mutex // guards what follows
	heads    map[string]int64
	versions map[string]int64 // by namespace, a zero byte and stream; the next position
}

func (s *seeds) append(e *env, namespace, stream string, events []store.Event) (store.Appended, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	global, position := s.heads[namespace]+1, s.versions[namespace+"\x00"+stream]
	list := make([]store.ImportMessage, len(events))
	for i, ev := range events {
		now := time.Now().Round(0).UTC()
		if ev.ID.IsZero() {
			ev.ID = store.NewID(now)
		}
		list[i] = store.ImportMessage{Correlation: ev.Correlation, Message: store.Message{
			ID: ev.ID, Stream: stream, Type: ev.Type, Position: position + int64(i), GlobalPosition: global + int64(i),
			Time: now, Data: ev.Data, Metadata: ev.Metadata,
		}}
	}
	n := int64(len(events))
	return store.Appended{
		FirstPosition: position, LastPosition: position + n - 1, FirstGlobalPosition: global, LastGlobalPosition: global + n - 1,
	}, s.importLocked(e, namespace, list)
}

func (s *seeds) importAll(e *env, namespace string, list []store.ImportMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.importLocked(e, namespace, list)
}

func (s *seeds) importLocked(e *env, namespace string, list []store.ImportMessage) error {
	for i, m := range list {
		if r := e.harness.Resolution; r > 0 {
			list[i].Time = m.Time.Truncate(r)
		}
		at := namespace + "\x00" + m.Stream
		s.heads[namespace] = max(s.heads[namespace], m.GlobalPosition)
		s.versions[at] = max(s.versions[at], m.Position+1)
	}
	return e.harness.Seed(e.ctx, namespace, list)
}

// Seeded makes a harness of another: its store refuses every write, and is
// filled through the other's Import, behind its back.
func Seeded(h Harness) Harness {
	var inside store.Store
	return Harness{
		Persistent: h.Persistent,
		Open: func() (store.Store, error) {
			st, err := h.Open()
			if err != nil {
				return nil, err
			}
			inside = st
			return refusing{st}, nil
		},
		Seed: func(ctx context.Context, namespace string, messages []store.ImportMessage) error {
			if len(messages) == 0 {
				_, err := inside.CreateNamespace(ctx, specOf(namespace))
				return err
			}
			im, ok := inside.(store.Importer)
			if !ok {
				return store.ErrNotOffered
			}
			return im.Import(ctx, namespace, messages)
		},
	}
}

// refusing is a store that only reads.
type refusing struct{ store.Store }

func (r refusing) Describe() store.Description {
	d := r.Store.Describe()
	d.ReadOnly = true
	return d
}

func (refusing) CreateNamespace(context.Context, store.NamespaceSpec) (store.Namespace, error) {
	return store.Namespace{}, store.ErrReadOnly
}

func (refusing) DeleteNamespace(context.Context, string) (int64, error) { return 0, store.ErrReadOnly }

func (refusing) Append(context.Context, string, store.Write) (store.Appended, error) {
	return store.Appended{}, store.ErrReadOnly
}
