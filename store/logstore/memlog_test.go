package logstore_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

// memoryLog is a log in memory, shared by several stores, which can lose answers and its quorum.
type memoryLog struct {
	mu      sync.Mutex // guards what follows
	spaces  map[string]*memorySpace
	deleted map[string]bool
	moved   chan struct{}         // closed and replaced when anything changes
	cut     bool                  // nothing is reached
	held    func(client int) bool // whether a client follows nothing new; nil: none does
	lose    func() fate           // what becomes of a publication; nil: nothing is lost
	leads   error                 // what End says; nil: how far the log is
	most    int                   // see MaxRecord
	clients []*memoryClient
}

// fate is what becomes of a publication.
type fate int

const (
	answered   fate = iota
	unanswered      // stored, and not answered
	lost            // not stored, and not answered
	refused         // not stored, and said so
)

type memorySpace struct {
	logstore.Namespace
	records []logstore.Record
	next    uint64
	last    map[string]uint64
	ids     map[string]uint64
}

func newMemoryLog() *memoryLog {
	return &memoryLog{spaces: map[string]*memorySpace{}, deleted: map[string]bool{}, moved: make(chan struct{}), most: 2 << 20}
}

// attach gives one store its way to the log.
func (l *memoryLog) attach() *memoryClient {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &memoryClient{memoryLog: l, number: len(l.clients), changed: make(chan struct{}, 1)}
	l.clients = append(l.clients, c)
	return c
}

func (l *memoryLog) connect(context.Context) (logstore.Log, error) { return l.attach(), nil }

// changedLocked tells all stores that namespaces may have changed.
func (l *memoryLog) changedLocked() {
	for _, c := range l.clients {
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
	l.moveLocked()
}

func (l *memoryLog) moveLocked() {
	close(l.moved)
	l.moved = make(chan struct{})
}

// foreign stores what no evtui published.
func (l *memoryLog) foreign(id, subject string, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.foreignLocked(l.spaces[id], subject, body)
	l.moveLocked()
}

func (l *memoryLog) foreignLocked(s *memorySpace, subject string, body []byte) {
	s.records = append(s.records, logstore.Record{Subject: subject, Sequence: s.next, Time: time.Now(), Body: body})
	s.last[subject] = s.next
	s.next++
}

// cutOff has nothing be reached, or all again.
func (l *memoryLog) cutOff(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	l.moveLocked()
}

type memoryClient struct {
	*memoryLog
	number  int
	changed chan struct{}
}

func (l *memoryClient) Place() string             { return "memory" }
func (l *memoryClient) MaxRecord() int            { return l.most }
func (l *memoryClient) Durability() string        { return "sync" }
func (l *memoryClient) Warnings() []string        { return nil }
func (l *memoryClient) Sections() []store.Section { return nil }
func (l *memoryClient) Close() error              { return nil }
func (l *memoryClient) Changed() <-chan struct{}  { return l.changed }

// lock takes the log for a call; the caller unlocks it, also after an error.
func (l *memoryLog) lock(ctx context.Context) error {
	l.mu.Lock()
	if l.cut || ctx.Err() != nil {
		return &store.UnavailableError{Reason: "the log is not reached"}
	}
	return nil
}

func (l *memoryLog) space(ctx context.Context, id string) (*memorySpace, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	if s := l.spaces[id]; s != nil {
		return s, nil
	}
	return nil, store.ErrNamespaceNotFound
}

func (l *memoryLog) Namespaces(ctx context.Context) ([]logstore.Namespace, error) {
	defer l.mu.Unlock()
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	var list []logstore.Namespace
	for _, s := range l.spaces {
		list = append(list, s.Namespace)
	}
	return list, nil
}

func (l *memoryLog) Create(ctx context.Context, ns logstore.Namespace) error {
	defer l.mu.Unlock()
	switch _, err := l.space(ctx, ns.ID); err {
	case nil:
		return store.ErrNamespaceExists
	case store.ErrNamespaceNotFound:
	default:
		return err
	}
	l.spaces[ns.ID] = &memorySpace{Namespace: ns, next: 1, last: map[string]uint64{}, ids: map[string]uint64{}}
	l.changedLocked()
	return nil
}

func (l *memoryLog) Change(ctx context.Context, id string, change func(logstore.Namespace) (logstore.Namespace, error)) error {
	defer l.mu.Unlock()
	s, err := l.space(ctx, id)
	if err != nil {
		return err
	}
	ns, err := change(s.Namespace)
	if err == nil {
		s.Namespace = ns
		l.changedLocked()
	}
	return err
}

func (l *memoryLog) Delete(ctx context.Context, id, identity string) error {
	defer l.mu.Unlock()
	s, err := l.space(ctx, id)
	if err == nil && s.Identity != identity {
		err = store.ErrNamespaceNotFound
	}
	if err != nil {
		return err
	}
	l.deleted[identity] = true
	delete(l.spaces, id)
	l.changedLocked()
	return nil
}

func (l *memoryLog) Deleted(ctx context.Context, identity string) (bool, error) {
	defer l.mu.Unlock()
	return l.deleted[identity], l.lock(ctx)
}

func (l *memoryLog) Publish(ctx context.Context, id string, p logstore.Publication) (uint64, error) {
	defer l.mu.Unlock()
	s, err := l.space(ctx, id)
	if err != nil {
		return 0, err
	}
	what := answered
	if l.lose != nil {
		what = l.lose()
	}
	switch what {
	case lost:
		return 0, logstore.ErrUnanswered
	case refused:
		return 0, &store.UnavailableError{Reason: "there is no leader"}
	}
	if first, twice := s.ids[p.ID]; twice && len(p.Parts) == 1 {
		return first, nil
	}
	if s.last[p.Subject] != p.Expected {
		return 0, &logstore.WrongLastError{Actual: s.last[p.Subject]}
	}
	for _, part := range p.Parts {
		s.records = append(s.records, logstore.Record{Subject: p.Subject, Sequence: s.next, Time: time.Now(), Body: part})
		s.last[p.Subject] = s.next
		s.ids[p.ID] = s.next
		s.next++
	}
	l.moveLocked()
	if what == unanswered {
		return 0, logstore.ErrUnanswered
	}
	return s.last[p.Subject], nil
}

func (l *memoryLog) Last(ctx context.Context, id, subject string) (uint64, error) {
	defer l.mu.Unlock()
	s, err := l.space(ctx, id)
	if err != nil {
		return 0, err
	}
	return s.last[subject], nil
}

func (l *memoryLog) End(ctx context.Context, id string) (uint64, error) {
	defer l.mu.Unlock()
	s, err := l.space(ctx, id)
	if err != nil {
		return 0, err
	}
	return s.next - 1, l.leads
}

func (l *memoryLog) Drop(ctx context.Context, id string, below uint64) error {
	defer l.mu.Unlock()
	s, err := l.space(ctx, id)
	if err != nil {
		return err
	}
	s.records = slices.DeleteFunc(s.records, func(r logstore.Record) bool { return r.Sequence < below })
	maps.DeleteFunc(s.last, func(_ string, last uint64) bool { return last < below })
	return nil
}

func (l *memoryClient) Follow(ctx context.Context, id, identity string, after uint64) (logstore.Feed, error) {
	defer l.mu.Unlock()
	s, err := l.space(ctx, id)
	if err == nil && s.Identity != identity {
		err = store.ErrNamespaceNotFound
	}
	if err != nil {
		return nil, err
	}
	return &memoryFeed{l: l.memoryLog, client: l.number, id: id, identity: identity, after: after}, nil
}

type memoryFeed struct {
	l            *memoryLog
	client       int
	id, identity string
	after        uint64
}

func (f *memoryFeed) Close() {}

func (f *memoryFeed) Next(ctx context.Context, buf []logstore.Record) (int, uint64, error) {
	for {
		n, behind, moved, err := f.look(ctx, buf)
		if n > 0 || err != nil {
			return n, behind, err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return 0, 0, context.Cause(ctx)
		}
	}
}

func (f *memoryFeed) look(ctx context.Context, buf []logstore.Record) (n int, behind uint64, moved chan struct{}, err error) {
	defer f.l.mu.Unlock()
	s, err := f.l.space(ctx, f.id)
	if err == nil && s.Identity != f.identity {
		err = store.ErrNamespaceNotFound
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return 0, 0, nil, err
	}
	i, _ := slices.BinarySearchFunc(s.records, f.after+1, func(r logstore.Record, seq uint64) int { return int(r.Sequence) - int(seq) })
	if f.l.held == nil || !f.l.held(f.client) {
		n = copy(buf, s.records[i:])
	}
	if n > 0 {
		f.after = buf[n-1].Sequence
	}
	return n, s.next - 1 - f.after, f.l.moved, nil
}
