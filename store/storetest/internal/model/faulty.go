package model

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/store"
)

// faulty is the model with one fault.
type faulty struct {
	*Store
	fault string
	calls atomic.Int64
}

// Faulty returns an empty store that is wrong in one way, by its name: what a
// suite that cannot fail would let pass. With a name that it does not know it
// is right.
func Faulty(fault string) store.Store { return &faulty{Store: New(time.Now), fault: fault} }

func (f *faulty) Append(ctx context.Context, namespace string, w store.Write) (store.Appended, error) {
	switch f.fault {
	case "expected version ignored":
		w.ExpectedVersion = store.AnyVersion
	case "check and append apart":
		version, err := f.Store.Version(ctx, namespace, w.Stream)
		if err == nil && (w.ExpectedVersion == version || w.ExpectedVersion == store.AnyVersion) {
			<-time.After(10 * time.Microsecond) // lets another in
			w.ExpectedVersion = store.AnyVersion
		}
	case "all but the last event":
		if len(w.Events) > 1 {
			w.Events = w.Events[:len(w.Events)-1]
		}
	case "nil metadata is an object":
		w.Events = slices.Clone(w.Events)
		for i := range w.Events {
			if w.Events[i].Metadata == nil {
				w.Events[i].Metadata = []byte(`{}`)
			}
		}
	case "given up and stored":
		if ctx.Err() != nil {
			_, _ = f.Store.Append(context.WithoutCancel(ctx), namespace, w)
			return store.Appended{}, &store.UnavailableError{Reason: "given up"}
		}
	case "an id twice is stored":
		w.Events = slices.Clone(w.Events)
		for i := 1; i < len(w.Events); i++ {
			if w.Events[i].ID == w.Events[0].ID {
				w.Events[i].ID = store.NewID(time.Now())
			}
		}
	case "retry stored again":
		if _, err := f.MessageByID(ctx, namespace, w.Events[0].ID); err == nil {
			w.Events = slices.Clone(w.Events)
			w.Events[0].ID = store.NewID(time.Now())
		}
	}
	return f.Store.Append(ctx, namespace, w)
}

func (f *faulty) ReadStream(ctx context.Context, namespace string, q store.StreamQuery) iter.Seq2[store.Message, error] {
	if f.fault == "bound exclusive backward" && q.Backward && q.Position > 0 {
		q.Position--
	}
	return f.lie(f.Store.ReadStream(ctx, namespace, q))
}

func (f *faulty) ReadCategory(ctx context.Context, namespace string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	group := q.Group
	switch f.fault {
	case "group filter after limit", "signed remainder":
		if group.Check() != nil {
			break
		}
		q.Group = store.Group{}
		keep := func(m store.Message) bool { return group.Owns(m.Stream) }
		if f.fault == "signed remainder" {
			q.Limit = store.NoLimit
			keep = func(m store.Message) bool {
				return group.IsZero() || group.Owns(m.Stream) && store.Hash(store.CardinalID(m.Stream)) >= 0
			}
		}
		return filter(f.Store.ReadCategory(ctx, namespace, q), keep)
	case "correlation ignored":
		q.Correlation = ""
	case "reads what came later":
		if !q.Backward && q.Limit == store.NoLimit {
			return f.following(ctx, namespace, q)
		}
	case "pages lag behind the head":
		if head, err := f.Store.Head(ctx, namespace); err == nil {
			return filter(f.Store.ReadCategory(ctx, namespace, q), func(m store.Message) bool { return m.GlobalPosition < head-2 })
		}
	}
	return f.lie(f.Store.ReadCategory(ctx, namespace, q))
}

func filter(seq iter.Seq2[store.Message, error], keep func(store.Message) bool) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		for m, err := range seq {
			if (err != nil || keep(m)) && !yield(m, err) {
				return
			}
		}
	}
}

// lie changes messages on their way to the reader.
func (f *faulty) lie(seq iter.Seq2[store.Message, error]) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		for m, err := range seq {
			switch {
			case err != nil:
			case f.fault == "local times":
				m.Time = m.Time.In(time.FixedZone("east", 3600))
			case f.fault == "data cut short":
				m.Data = m.Data[:len(m.Data)-1]
			case f.fault == "wrong by one, rarely" && f.calls.Add(1)%1000 == 0:
				m.Position++
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

func (f *faulty) LastMessage(ctx context.Context, namespace, stream, messageType string) (store.Message, error) {
	if f.fault == "type ignored" {
		messageType = ""
	}
	return f.Store.LastMessage(ctx, namespace, stream, messageType)
}

func (f *faulty) Streams(ctx context.Context, namespace string, q store.StreamsQuery) ([]store.Stream, error) {
	if f.fault == "cursor inclusive" && q.Cursor != "" {
		q.Cursor = q.Cursor[:len(q.Cursor)-1]
	}
	return f.Store.Streams(ctx, namespace, q)
}

func (f *faulty) Import(ctx context.Context, namespace string, list []store.ImportMessage) error {
	err := f.Store.Import(ctx, namespace, list)
	if f.fault == "import stores a part" && err != nil && len(list) > 1 {
		_ = f.Store.Import(ctx, namespace, list[:1])
	}
	return err
}

// following reads message by message, so that it sees what is written meanwhile.
func (f *faulty) following(ctx context.Context, namespace string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		q.Limit = 1
		for more := true; more; {
			more = false
			for m, err := range f.Store.ReadCategory(ctx, namespace, q) {
				if !yield(m, err) || err != nil {
					return
				}
				more, q.GlobalPosition = true, m.GlobalPosition+1
			}
		}
	}
}

func (f *faulty) Describe() store.Description {
	d := f.Store.Describe()
	d.ReadOnly = f.fault == "writes though read-only"
	return d
}

func (f *faulty) Namespace(ctx context.Context, id string) (store.Namespace, error) {
	ns, err := f.Store.Namespace(ctx, id)
	if f.fault == "counts lag" && ns.MessageCount > 0 {
		ns.MessageCount--
	}
	return ns, err
}

func (f *faulty) Replace(ctx context.Context, namespace string) (store.Replacement, error) {
	r, err := f.Store.Replace(ctx, namespace)
	if err != nil {
		return nil, err
	}
	return &faultyReplacement{replacement: r.(*replacement), fault: f.fault}, nil
}

type faultyReplacement struct {
	*replacement
	fault string
}

func (r *faultyReplacement) Commit(ctx context.Context) error {
	if r.fault == "replaces what was written" {
		r.model.mu.Lock()
		r.since = r.ns.changes
		r.model.mu.Unlock()
	}
	err := r.replacement.Commit(ctx)
	if r.fault == "replaced, and told nobody" {
		r.model.mu.Lock()
		r.ns.replaced--
		r.model.mu.Unlock()
	}
	return err
}

func (f *faulty) DeleteNamespace(ctx context.Context, id string) (int64, error) {
	n, err := f.Store.DeleteNamespace(ctx, id)
	if f.fault == "deletes count no messages" {
		n = 0
	}
	return n, err
}

func (f *faulty) Verify(ctx context.Context, namespace string) (store.VerifyReport, error) {
	report, err := f.Store.Verify(ctx, namespace)
	if f.fault == "verify finds something" && report.Messages > 0 {
		report.Findings = append(report.Findings, store.Finding{Where: "here", Detail: "a fault"})
	}
	return report, err
}

func (f *faulty) Close() error {
	if f.fault == "works after close" {
		return nil
	}
	return f.Store.Close()
}

func (f *faulty) Subscribe(ctx context.Context, namespace string, q store.SubscribeQuery) (store.Subscription, error) {
	sub, err := f.Store.Subscribe(ctx, namespace, q)
	if err != nil {
		return nil, err
	}
	return &faultySubscription{Subscription: sub.(*Subscription), fault: f.fault}, nil
}

type faultySubscription struct {
	*Subscription
	fault string
	told  int64
}

func (s *faultySubscription) Next(ctx context.Context, buf []store.Announcement) (int, error) {
	n, err := s.Subscription.Next(ctx, buf)
	if s.fault == "cancelled call moves on" && err != nil {
		s.next++
	}
	at := slices.IndexFunc(buf[:n], func(a store.Announcement) bool { return a.GlobalPosition%997 == 0 })
	switch {
	case at < 0:
	case s.fault == "every 997th is told twice" && s.told != buf[at].GlobalPosition:
		s.told = buf[at].GlobalPosition
		n, s.next = at+1, s.told
	case s.fault == "every 997th is not told" && n > 1:
		copy(buf[at:], buf[at+1:n])
		n--
	}
	return n, err
}
