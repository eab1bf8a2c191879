package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/internal/model"
)

// append appends a few events, with an expected version that is right, wrong
// or any.
func (p *player) append(namespace string) {
	w := store.Write{Stream: p.stream(), ExpectedVersion: store.AnyVersion}
	for range 1 + p.random.IntN(4)*p.random.IntN(3) {
		w.Events = append(w.Events, p.event())
	}
	if p.random.IntN(4) == 0 {
		for i := range w.Events {
			w.Events[i].ID = p.id()
			p.given = append(p.given, w.Events[i].ID)
		}
	}
	version, err := p.model.Version(p.e.ctx, namespace, w.Stream)
	if err == nil && p.random.IntN(2) == 0 {
		w.ExpectedVersion = version
		if p.random.IntN(4) == 0 {
			w.ExpectedVersion = p.about(version)
		}
	}
	p.write(namespace, w)
}

// write appends w to the engine, then to the model with the ids and times that
// the engine gave.
func (p *player) write(namespace string, w store.Write) {
	engine, err := p.e.store.Append(p.e.ctx, namespace, w)
	if err == nil {
		p.follow(namespace, &w, engine)
	}
	model, modelErr := p.model.Append(p.e.ctx, namespace, w)
	p.times = nil
	p.compare(answer(err, showAppended(engine)), answer(modelErr, showAppended(model)),
		"append of %d events to %q in namespace %q, expecting version %d", len(w.Events), w.Stream, namespace, w.ExpectedVersion)
}

// follow gives w the ids that the engine made, and the model's clock the
// engine's times.
func (p *player) follow(namespace string, w *store.Write, a store.Appended) {
	w.Events = slices.Clone(w.Events)
	stored := p.e.readStream(namespace, store.StreamQuery{Stream: w.Stream, Position: a.FirstPosition, Limit: len(w.Events)})
	if len(stored) != len(w.Events) {
		p.e.t.Errorf("after an append of %d events, %d are found", len(w.Events), len(stored))
		return
	}
	for i, m := range stored {
		p.times = append(p.times, m.Time)
		if w.Events[i].ID.IsZero() {
			w.Events[i].ID = m.ID
		}
	}
}

// retry appends again what is stored, as it stands or a little changed.
func (p *player) retry(namespace string) {
	q := store.CategoryQuery{Limit: 1, GlobalPosition: p.random.Int64N(200), Backward: p.random.IntN(2) == 0}
	found, err := collect(p.model.ReadCategory(p.e.ctx, namespace, q))
	if err != nil || len(found) == 0 {
		return
	}
	first := found[0]
	run, _ := collect(p.model.ReadStream(p.e.ctx, namespace, store.StreamQuery{
		Stream: first.Stream, Position: first.Position, Limit: 1 + p.random.IntN(3),
	}))
	w := store.Write{Stream: first.Stream, ExpectedVersion: store.AnyVersion}
	for _, m := range run {
		if !slices.Contains(p.given, m.ID) {
			return // retryOfMadeIDs says why
		}
		w.Events = append(w.Events, store.Event{ID: m.ID, Type: m.Type, Data: m.Data, Metadata: m.Metadata})
	}
	switch p.random.IntN(6) {
	case 0:
		w.Stream = p.category() + "-7"
	case 1:
		w.Events[0].Type = "Other"
	case 2:
		w.Events[0].Data = []byte(`{"other":1}`)
	case 3:
		w.ExpectedVersion = store.NoStream
	}
	p.write(namespace, w)
}

// importBatch imports behind the head, with gaps; or what is taken.
func (p *player) importBatch(namespace string) {
	im, ok := p.e.store.(store.Importer)
	if !ok {
		return
	}
	head, err := p.model.Head(p.e.ctx, namespace)
	if err != nil {
		head = 0
	}
	t := longAgo()
	if ns, err := p.model.Namespace(p.e.ctx, namespace); err == nil && ns.LastActivity.After(t) {
		t = ns.LastActivity
	}
	next := map[string]int64{}
	var list []store.ImportMessage
	for range 1 + p.random.IntN(12) {
		stream := p.category() + "-" + pick(p.random, idNames)
		if _, ok := next[stream]; !ok {
			version, err := p.model.Version(p.e.ctx, namespace, stream)
			if err != nil {
				version = store.NoStream
			}
			next[stream] = version + 1
		}
		ev := p.event()
		head += 1 + int64(p.random.IntN(3)*p.random.IntN(3))
		t = t.Add(time.Duration(p.random.IntN(3)))
		list = append(list, store.ImportMessage{
			Message: store.Message{
				ID: p.id(), Stream: stream, Type: ev.Type, Position: next[stream], GlobalPosition: head, Time: t,
				Data: ev.Data, Metadata: ev.Metadata,
			},
			Correlation: ev.Correlation,
		})
		p.given = append(p.given, list[len(list)-1].ID)
		next[stream]++
	}
	switch last := &list[len(list)-1]; p.random.IntN(8) {
	case 0:
		list = list[:1]
		list[0].GlobalPosition--
		if !p.taken(namespace, list[0].GlobalPosition) {
			return
		}
	case 1:
		if last.Position == 0 {
			return
		}
		last.Position--
	}
	engineErr := im.Import(p.e.ctx, namespace, list)
	modelErr := p.model.Import(p.e.ctx, namespace, list)
	p.compare(answer(engineErr), answer(modelErr), "import of %d messages into namespace %q", len(list), namespace)
}

// taken tells whether a global position can not be had: it holds a message, or
// is none. What is free below the head is for an engine to take or refuse.
func (p *player) taken(namespace string, g int64) bool {
	found, err := collect(p.model.ReadCategory(p.e.ctx, namespace, store.CategoryQuery{GlobalPosition: g, Limit: 1}))
	return g < 1 || err == nil && len(found) == 1 && found[0].GlobalPosition == g
}

func (p *player) readStream(namespace string) {
	q := store.StreamQuery{Stream: p.stream(), Limit: p.limit(), Backward: p.random.IntN(3) == 0}
	version, _ := p.model.Version(p.e.ctx, namespace, q.Stream)
	head, _ := p.model.Head(p.e.ctx, namespace)
	if q.Backward || p.random.IntN(2) == 0 {
		q.Position = p.about(version)
	}
	if p.random.IntN(3) == 0 {
		q.GlobalPosition = p.about(head)
	}
	p.compare(readAnswer(p.e.store.ReadStream(p.e.ctx, namespace, q)), readAnswer(p.model.ReadStream(p.e.ctx, namespace, q)),
		"read stream %+v in namespace %q", q, namespace)
}

func (p *player) readCategory(namespace string) {
	q := store.CategoryQuery{Limit: p.limit(), Group: p.group(), Correlation: p.correlation(), Backward: p.random.IntN(3) == 0}
	if p.random.IntN(4) > 0 {
		q.Category = p.category()
	}
	if p.random.IntN(2) == 0 {
		head, _ := p.model.Head(p.e.ctx, namespace)
		q.GlobalPosition = p.about(head)
	}
	p.compare(readAnswer(p.e.store.ReadCategory(p.e.ctx, namespace, q)), readAnswer(p.model.ReadCategory(p.e.ctx, namespace, q)),
		"read category %+v in namespace %q", q, namespace)
}

// both compares one message that the engine and the model return outright.
func (p *player) both(call func(st store.Store) (store.Message, error), what string, args ...any) {
	p.e.t.Helper()
	show := func(st store.Store) []string {
		m, err := call(st)
		if err != nil {
			return answer(err)
		}
		return showMessages([]store.Message{m})
	}
	p.compare(show(p.e.store), show(p.model), what, args...)
}

func (p *player) lastMessage(namespace string) {
	stream, messageType := p.stream(), pick(p.random, append([]string{"", "none"}, typeNames...))
	p.both(func(st store.Store) (store.Message, error) {
		return st.LastMessage(p.e.ctx, namespace, stream, messageType)
	}, "last message of %q of type %q in namespace %q", stream, messageType, namespace)
}

func (p *player) messageByID(namespace string) {
	id := p.id()
	if len(p.given) > 0 && p.random.IntN(3) > 0 {
		id = pick(p.random, p.given)
	} else if found, err := collect(p.model.ReadCategory(p.e.ctx, namespace, store.CategoryQuery{Limit: 30})); err == nil && len(found) > 0 {
		id = pick(p.random, found).ID
	}
	p.both(func(st store.Store) (store.Message, error) {
		return st.MessageByID(p.e.ctx, namespace, id)
	}, "message by id %s in namespace %q", id, namespace)
}

func (p *player) positionAt(namespace string) {
	t := time.Now().Add(time.Duration(p.random.IntN(3)-1) * time.Hour)
	found, err := collect(p.model.ReadCategory(p.e.ctx, namespace, store.CategoryQuery{Limit: 500}))
	if err == nil && len(found) > 0 && p.random.IntN(5) > 0 {
		t = pick(p.random, found).Time.Add(time.Duration(p.random.IntN(3) - 1))
	}
	show := func(st store.Store) []string {
		g, err := st.PositionAt(p.e.ctx, namespace, t)
		return answer(err, fmt.Sprintf("#%d", g))
	}
	p.compare(show(p.e.store), show(p.model), "position at %s in namespace %q", showTime(t), namespace)
}

func (p *player) version(namespace string) {
	stream := p.stream()
	version := func(st store.Store) []string {
		v, err := st.Version(p.e.ctx, namespace, stream)
		return answer(err, fmt.Sprintf("version %d", v))
	}
	p.compare(version(p.e.store), version(p.model), "version of %q in namespace %q", stream, namespace)
	head := func(st store.Store) []string {
		g, err := st.Head(p.e.ctx, namespace)
		return answer(err, fmt.Sprintf("head %d", g))
	}
	p.compare(head(p.e.store), head(p.model), "head of namespace %q", namespace)
}

func (p *player) streams(namespace string) {
	q := store.StreamsQuery{Limit: pick(p.random, []int{1, 2, 3, 10, 1000})}
	if p.random.IntN(2) == 0 {
		q.Prefix = p.stream()
		q.Prefix = q.Prefix[:p.random.IntN(len(q.Prefix)+1)]
	}
	if p.random.IntN(2) == 0 {
		q.Cursor = p.stream()
		q.Cursor = q.Cursor[:p.random.IntN(len(q.Cursor)+1)]
	}
	if p.random.IntN(3) == 0 {
		q.Category = p.category()
	}
	show := func(st store.Store) []string {
		page, err := st.Streams(p.e.ctx, namespace, q)
		return answer(err, showStreams(page)...)
	}
	p.compare(show(p.e.store), show(p.model), "Streams %+v of namespace %q", q, namespace)
}

func (p *player) counts(namespace string) {
	show := func(st store.Store) []string {
		var lines []string
		list, err := st.Namespaces(p.e.ctx)
		for _, ns := range list {
			lines = append(lines, showNamespace(ns))
		}
		lines = append(lines, answer(err)...)
		ns, err := st.Namespace(p.e.ctx, namespace)
		lines = append(lines, answer(err, showNamespace(ns))...)
		hash, err := st.TokenHash(p.e.ctx, namespace)
		lines = append(lines, answer(err, fmt.Sprintf("token hash %x", hash))...)
		categories, err := st.Categories(p.e.ctx, namespace)
		return append(lines, answer(err, showCategories(categories)...)...)
	}
	p.compare(show(p.e.store), show(p.model), "namespaces, and categories of %q", namespace)
}

func (p *player) createNamespace(id string) {
	if id == namespaceNames[len(namespaceNames)-1] {
		return // this one stays unknown
	}
	spec := specOf(id)
	spec.Description = fmt.Sprintf("the %dth", p.random.IntN(100))
	spec.TokenHash[0] = byte(p.random.IntN(256))
	if p.random.IntN(2) == 0 {
		spec.Metadata = []byte(`{"team": "a"}`)
	}
	engine, err := p.e.store.CreateNamespace(p.e.ctx, spec)
	if err == nil {
		p.times = append(p.times, engine.CreatedAt)
	}
	model, modelErr := p.model.CreateNamespace(p.e.ctx, spec)
	p.times = nil
	p.compare(answer(err, showNamespace(engine)), answer(modelErr, showNamespace(model)), "create namespace %q", id)
}

func (p *player) deleteNamespace(id string) {
	ended := p.forgetSubscriptions(id)
	engine, err := p.e.store.DeleteNamespace(p.e.ctx, id)
	model, modelErr := p.model.DeleteNamespace(p.e.ctx, id)
	p.compare(answer(err, fmt.Sprint(engine)), answer(modelErr, fmt.Sprint(model)), "delete namespace %q", id)
	for _, s := range ended {
		_, err := s.engine.Next(p.e.ctx, make([]store.Announcement, 1))
		p.e.is(err, store.ErrNamespaceNotFound, "subscription %+v after its namespace was deleted", s.query)
		_ = s.engine.Close()
	}
}

// forgetSubscriptions takes those of a namespace ("" for all) out of the play
// and returns them, still open.
func (p *player) forgetSubscriptions(namespace string) (forgotten []*openSubscription) {
	p.subs = slices.DeleteFunc(p.subs, func(s *openSubscription) bool {
		if namespace != "" && s.namespace != namespace {
			return false
		}
		forgotten = append(forgotten, s)
		return true
	})
	return forgotten
}

func (p *player) closeSubscriptions(namespace string) {
	for _, s := range p.forgetSubscriptions(namespace) {
		if err := s.engine.Close(); err != nil {
			p.e.t.Errorf("close subscription %+v: %v", s.query, err)
		}
	}
}

func (p *player) truncate(namespace string) {
	im, ok := p.e.store.(store.Importer)
	if !ok {
		return
	}
	// The contract does not say where a cursor stands after Truncate.
	p.closeSubscriptions(namespace)
	engine, model := im.Truncate(p.e.ctx, namespace), p.model.Truncate(p.e.ctx, namespace)
	p.compare(answer(engine), answer(model), "truncate namespace %q", namespace)
	p.compareState(namespace)
}

func (p *player) verify(namespace string) {
	show := func(v store.Verifier) []string {
		report, err := v.Verify(p.e.ctx, namespace)
		report.Notes = nil
		return answer(err, fmt.Sprintf("%+v", report))
	}
	if v, ok := p.e.store.(store.Verifier); ok {
		p.compare(show(v), show(p.model), "verify namespace %q", namespace)
	}
	p.compareState(namespace)
}

func (p *player) reopen() {
	if !p.e.harness.Persistent || p.random.IntN(3) > 0 {
		return
	}
	p.closeSubscriptions("")
	p.e.close()
	p.e.open()
	for _, id := range namespaceNames {
		p.compareState(id)
	}
}

// subscribe opens a subscription, and drops the oldest of many.
func (p *player) subscribe(namespace string) {
	if len(p.subs) >= 6 {
		oldest := p.subs[0]
		p.subs = p.subs[1:]
		if err := oldest.engine.Close(); err != nil {
			p.e.t.Errorf("close subscription %+v: %v", oldest.query, err)
		}
	}
	q := store.SubscribeQuery{Group: p.group()}
	head, _ := p.model.Head(p.e.ctx, namespace)
	switch p.random.IntN(3) {
	case 0:
		q.Category = p.category()
	case 1:
		q.Stream = p.category() + "-" + pick(p.random, idNames)
		head, _ = p.model.Version(p.e.ctx, namespace, q.Stream)
	}
	q.From = max(p.about(head), store.FromNow)
	s := &openSubscription{namespace: namespace, query: q}
	var err, modelErr error
	s.engine, err = p.e.store.Subscribe(p.e.ctx, namespace, q)
	s.model, modelErr = p.model.Subscribe(p.e.ctx, namespace, q)
	p.compare(answer(err), answer(modelErr), "subscribe %+v in namespace %q", q, namespace)
	if err == nil && modelErr == nil {
		p.subs = append(p.subs, s)
	}
}

// next asks one subscription for what the model has for it.
func (p *player) next() {
	if len(p.subs) == 0 {
		return
	}
	s := pick(p.random, p.subs)
	want := make([]store.Announcement, 1+p.random.IntN(40))
	n, err := s.model.(*model.Subscription).Look(want)
	if err != nil {
		p.e.t.Errorf("the model's subscription: %v", err)
		return
	}
	got, err := nextOf(p.e.ctx, s.engine, n, 1+p.random.IntN(10))
	p.compare(append(announced(got), answer(err)...), append(announced(want[:n]), answer(nil)...),
		"next of subscription %+v in namespace %q", s.query, s.namespace)
}
