package storetest

import (
	"fmt"
	"math/rand/v2"

	"github.com/evtui/evtui/store"
)

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
