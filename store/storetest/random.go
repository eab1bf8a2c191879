package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/internal/model"
)

func randomCases() []testCase {
	return []testCase{
		{"Operations", func(e *env) { randomOperations(e, 3000) }},
		{"ShortLives", func(e *env) {
			for range 8 {
				randomOperations(e, 150)
			}
		}},
	}
}

// player plays random operations on the engine and on the model, and compares
// the answers.
type player struct {
	e      *env
	random *rand.Rand
	model  *Model
	times  []time.Time // what the model's clock shows next: the engine's times
	subs   []*openSubscription
	given  []store.ID // ids that were given to an append before
	notes  int

	namespace string // that the step is about
}

// openSubscription is one subscription to the engine and its twin to the model.
type openSubscription struct {
	namespace     string
	query         store.SubscribeQuery
	engine, model store.Subscription
}

// randomOperations plays so many steps, or STORETEST_STEPS, from a seed that
// is new each time, or STORETEST_SEED. It begins and ends without a namespace.
func randomOperations(e *env, steps int) {
	seed := e.setting("STORETEST_SEED", rand.Uint64()>>1)
	p := &player{e: e, random: rand.New(rand.NewPCG(seed, 0))}
	p.model = model.New(p.clock)
	count := int(e.setting("STORETEST_STEPS", uint64(steps)))
	for step := range count {
		name := p.step()
		if e.t.Failed() {
			e.t.Fatalf("in step %d, %s; replay it with STORETEST_SEED=%d STORETEST_STEPS=%d", step, name, seed, count)
		}
	}
	for _, id := range namespaceNames {
		p.compareState(id)
	}
	e.verifyAll()
	p.closeSubscriptions("")
	for _, id := range namespaceNames {
		p.deleteNamespace(id)
	}
	if e.t.Failed() {
		e.t.Fatalf("after all steps; replay it with STORETEST_SEED=%d STORETEST_STEPS=%d", seed, count)
	}
}

// clock is the model's: it shows the times that the engine gave, in their order.
func (p *player) clock() time.Time {
	if len(p.times) == 0 {
		return time.Now()
	}
	t := p.times[0]
	p.times = p.times[1:]
	return t
}

// operation is one kind of step; those of greater weight are played more often.
type operation struct {
	name   string
	weight int
	play   func(p *player, namespace string)
}

func operations() []operation {
	return []operation{
		{"append", 30, (*player).append},
		{"retry", 4, (*player).retry},
		{"import", 3, (*player).importBatch},
		{"read stream", 14, (*player).readStream},
		{"read category", 20, (*player).readCategory},
		{"last message", 5, (*player).lastMessage},
		{"message by id", 4, (*player).messageByID},
		{"position at", 4, (*player).positionAt},
		{"version", 5, (*player).version},
		{"streams", 8, (*player).streams},
		{"counts", 4, (*player).counts},
		{"subscribe", 3, (*player).subscribe},
		{"next", 8, func(p *player, _ string) { p.next() }},
		{"create namespace", 2, (*player).createNamespace},
		{"delete namespace", 1, func(p *player, id string) {
			if p.random.IntN(8) == 0 {
				p.deleteNamespace(id)
			}
		}},
		{"truncate", 1, func(p *player, id string) {
			if p.random.IntN(6) == 0 {
				p.truncate(id)
			}
		}},
		{"verify", 1, (*player).verify},
		{"reopen", 1, func(p *player, _ string) { p.reopen() }},
	}
}

// step plays one operation and returns its name.
func (p *player) step() string {
	all := operations()
	total := 0
	for _, op := range all {
		total += op.weight
	}
	at := p.random.IntN(total)
	for _, op := range all {
		if at -= op.weight; at < 0 {
			p.namespace = pick(p.random, namespaceNames)
			op.play(p, p.namespace)
			return fmt.Sprintf("%s in namespace %q", op.name, p.namespace)
		}
	}
	panic("unreachable: the weights add up to total")
}

// compare reports the operation and both answers when they differ.
func (p *player) compare(engine, model []string, what string, args ...any) {
	p.e.t.Helper()
	if _, err := p.model.Head(p.e.ctx, p.namespace); err != nil && isRefusal(engine) && isRefusal(model) {
		return // the namespace is unknown and the arguments may be illegal too: either may be named
	}
	if d := difference(engine, model); d != "" {
		p.e.t.Errorf("%s (the engine's answer, and the model's)\n  %s", fmt.Sprintf(what, args...), d)
	}
}

func isRefusal(answer []string) bool {
	unknown, illegal := showError(store.ErrNamespaceNotFound), showError(&store.InvalidError{})
	return slices.Equal(answer, []string{unknown}) || slices.Equal(answer, []string{illegal})
}

func (p *player) compareState(namespace string) {
	p.e.t.Helper()
	p.compare(p.e.state(namespace), stateOf(p.e.ctx, p.model, namespace), "all of namespace %q", namespace)
}

// The names are few, so that they meet again, and chosen to lie close
// together in any order of keys.
var (
	namespaceNames = []string{"default", "d", "ünï cöde", "no such"}
	categoryNames  = []string{"account", "accounts", "a", "A", "order", "日本", "x y", "c+d", "%2d", "🎈", "a.b", "\u00a0"}
	idNames        = []string{"1", "2", "10", "1+retry", "1+b", "2+1", "é", "0", "123-456", "a+b+c", "+x", "", "-", "1 ", "\U0010ffff"}
	typeNames      = []string{"Opened", "Closed", "opened", "Größe", "x"}
)

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// stream picks a stream's name: mostly one of few, sometimes a category by
// itself, rarely one that cannot be.
func (p *player) stream() string {
	switch p.random.IntN(40) {
	case 0, 1, 2:
		return p.category()
	case 3:
		return pick(p.random, illegalNames())
	}
	categories := categoryNames[:2+p.random.IntN(len(categoryNames)-1)]
	return pick(p.random, categories) + "-" + pick(p.random, idNames)
}

func (p *player) category() string { return pick(p.random, categoryNames) }

func (p *player) event() store.Event {
	p.notes++
	ev := store.Event{Type: pick(p.random, typeNames), Data: fmt.Appendf(nil, `{"note":%d}`, p.notes)}
	switch p.random.IntN(6) {
	case 0:
		ev.Metadata = []byte(`{}`)
	case 1, 2:
		stream := pick(p.random, categoryNames[:3]) + "-9"
		ev.Metadata = fmt.Appendf(nil, `{"correlationStreamName":%q}`, stream)
		ev.Correlation = store.Category(stream)
	case 3:
		ev.Data = object(20 + p.random.IntN(3000))
	}
	return ev
}

func (p *player) id() (id store.ID) {
	for i := range id {
		id[i] = byte(p.random.Uint32())
	}
	return id
}

// limit is that of a read; rarely an illegal one.
func (p *player) limit() int {
	return pick(p.random, []int{0, 1, 1, 2, 3, 5, 10, 50, 1000, store.NoLimit, store.NoLimit, store.NoLimit, -2})
}

// about picks a position around the range from 0 to top.
func (p *player) about(top int64) int64 {
	switch p.random.IntN(8) {
	case 0:
		return 0
	case 1:
		return -1 - p.random.Int64N(3)
	case 2:
		return top + p.random.Int64N(4)
	}
	return p.random.Int64N(max(top, 0) + 2)
}

// group is mostly none; rarely an illegal one.
func (p *player) group() store.Group {
	if p.random.IntN(3) > 0 {
		return store.Group{}
	}
	size := 1 + p.random.IntN(4)
	if p.random.IntN(20) == 0 {
		return store.Group{Member: size, Size: size}
	}
	return store.Group{Member: p.random.IntN(size), Size: size}
}

// correlation is mostly none; rarely an illegal one.
func (p *player) correlation() string {
	switch p.random.IntN(12) {
	case 0, 1, 2:
		return pick(p.random, categoryNames[:3])
	case 3:
		return "a-1"
	}
	return ""
}
