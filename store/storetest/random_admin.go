package storetest

import (
	"fmt"
	"slices"

	"github.com/evtui/evtui/store"
)

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
	n, _, err := s.model.(*modelSubscription).look(want)
	if err != nil {
		p.e.t.Errorf("the model's subscription: %v", err)
		return
	}
	got, err := nextOf(p.e.ctx, s.engine, n, 1+p.random.IntN(10))
	p.compare(append(announced(got), answer(err)...), append(announced(want[:n]), answer(nil)...),
		"next of subscription %+v in namespace %q", s.query, s.namespace)
}
