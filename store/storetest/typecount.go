package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sort"
	"time"

	"github.com/evtui/evtui/store"
)

func typeCountCases() []testCase {
	return []testCase{
		{"CountsByType", countsByType},
		{"CountsNothing", countsNothing},
		{"TransitionsSeen", transitionsSeen},
		{"CountsImports", countsImports},
		{"CountsAgainWhatImportsPutBefore", countsAgain},
		{"CountsAfterTruncate", countsAfterTruncate},
		{"CountsAfterReplace", countsAfterReplace},
		{"BoundsTypes", boundsTypes},
		{"CountsAtRandom", countsAtRandom},
		{"CountsInReadOnly", countsInReadOnly},
		{"CountsInCheckpoint", countsInCheckpoint},
	}
}

// typeCounter is the store's, or the case is skipped.
func (e *env) typeCounter() store.TypeCounter {
	e.t.Helper()
	return offered[store.TypeCounter](e, "counts nothing by type")
}

// typed appends messages of the types to a stream, in one write.
func (e *env) typed(namespace, stream string, types ...string) {
	e.t.Helper()
	w := store.Write{Stream: stream, ExpectedVersion: store.AnyVersion}
	for _, one := range types {
		w.Events = append(w.Events, store.Event{Type: one, Data: []byte(`{"n":1}`)})
	}
	if _, err := e.store.Append(e.ctx, namespace, w); err != nil {
		e.t.Fatalf("append %q to %q: %v", types, stream, err)
	}
}

// naive counts by reading all messages, in another way than engines do.
type naive struct {
	counts      map[[2]string]store.TypeCount
	transitions map[[3]string]store.Seen
}

// count reads the whole namespace, and each of its streams.
func (e *env) count(namespace string) naive {
	e.t.Helper()
	n := naive{map[[2]string]store.TypeCount{}, map[[3]string]store.Seen{}}
	streams := map[string][]store.Message{}
	for m, err := range e.store.ReadCategory(e.ctx, namespace, store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			e.t.Fatalf("read %q: %v", namespace, err)
		}
		m = m.Clone()
		streams[m.Stream] = append(streams[m.Stream], m)
		k, at := [2]string{store.Category(m.Stream), m.Type}, store.Seen{Position: m.GlobalPosition, Time: m.Time}
		c, there := n.counts[k]
		if !there {
			c = store.TypeCount{Category: k[0], Type: k[1], First: at}
		}
		c.Count++
		c.Last = at
		n.counts[k] = c
	}
	for stream, messages := range streams {
		sort.Slice(messages, func(i, j int) bool { return messages[i].Position < messages[j].Position })
		from := ""
		for _, m := range messages {
			k, at := [3]string{store.Category(stream), from, m.Type}, store.Seen{Position: m.GlobalPosition, Time: m.Time}
			if first, there := n.transitions[k]; !there || at.Position < first.Position {
				n.transitions[k] = at
			}
			from = m.Type
		}
	}
	return n
}

// whole waits until the store has counted everything.
func (e *env) whole(namespace, category string) (store.TypeCounts, store.Transitions) {
	e.t.Helper()
	counter := e.typeCounter()
	for {
		counts, err := counter.CountTypes(e.ctx, namespace, category)
		if err != nil {
			e.t.Fatalf("count types of category %q: %v", category, err)
		}
		seen, err := counter.Transitions(e.ctx, namespace, category)
		if err != nil {
			e.t.Fatalf("transitions of category %q: %v", category, err)
		}
		if counts.Counted == counts.Messages && seen.Counted == seen.Messages {
			return counts, seen
		}
		if counts.Counted > counts.Messages {
			e.t.Fatalf("counted %d of %d messages", counts.Counted, counts.Messages)
		}
	}
}

// counted compares what the store counts, in all and in each category, with a
// naive count.
func (e *env) counted(namespace string) {
	e.t.Helper()
	n := e.count(namespace)
	categories := map[string]bool{"": true}
	for k := range n.counts {
		categories[k[0]] = true
	}
	for category := range categories {
		counts, seen := e.whole(namespace, category)
		want, messages := []store.TypeCount{}, int64(0)
		for _, c := range n.counts {
			if category == "" || c.Category == category {
				want = append(want, c)
				messages += c.Count
			}
		}
		sort.Slice(want, func(i, j int) bool {
			return want[i].Category < want[j].Category || want[i].Category == want[j].Category && want[i].Type < want[j].Type
		})
		if len(want) != len(counts.Types) || len(want) > 0 && !reflect.DeepEqual(counts.Types, want) || counts.Counted != messages || counts.Overflow != 0 {
			e.t.Errorf("types of category %q: %+v, want %d messages, %+v", category, counts, messages, want)
		}
		wanted := []store.Transition{}
		for k, first := range n.transitions {
			if category == "" || k[0] == category {
				wanted = append(wanted, store.Transition{Category: k[0], From: k[1], To: k[2], First: first})
			}
		}
		sort.Slice(wanted, func(i, j int) bool {
			a, b := wanted[i], wanted[j]
			return a.Category < b.Category || a.Category == b.Category && (a.From < b.From || a.From == b.From && a.To < b.To)
		})
		if len(wanted) != len(seen.Seen) || len(wanted) > 0 && !reflect.DeepEqual(seen.Seen, wanted) || seen.Overflow || seen.Counted != messages {
			e.t.Errorf("transitions of category %q: %+v, want %+v", category, seen, wanted)
		}
	}
}

func countsByType(e *env) {
	e.typeCounter()
	e.namespace("n")
	e.namespace("other")
	e.typed("n", "order-1", "Placed", "Paid", "Shipped")
	e.typed("n", "order-2", "Placed")
	e.typed("n", "order-2", "Cancelled")
	e.typed("n", "account-1", "Placed", `"\u001b[31m`, "Placed")
	e.typed("n", "plain", "Placed")
	e.typed("other", "order-1", "Elsewhere")
	e.alsoReopened(func() { e.counted("n"); e.counted("other") })
	e.typed("n", "order-1", "Returned") // its stream's last type must be looked up, in a store that was opened again
	e.typed("n", "order-2", "Cancelled")
	e.alsoReopened(func() { e.counted("n") })
}

func countsNothing(e *env) {
	e.typeCounter()
	e.namespace("n")
	e.alsoReopened(func() { e.counted("n") })
	counter := e.typeCounter()
	if counts, err := counter.CountTypes(e.ctx, "n", "nowhere"); err != nil || len(counts.Types) != 0 || counts.Messages != 0 {
		e.t.Errorf("types of no category: %+v, %v", counts, err)
	}
	if _, err := counter.CountTypes(e.ctx, "nowhere", ""); !errors.Is(err, store.ErrNamespaceNotFound) {
		e.t.Errorf("types of no namespace: %v", err)
	}
	if _, err := counter.Transitions(e.ctx, "nowhere", ""); !errors.Is(err, store.ErrNamespaceNotFound) {
		e.t.Errorf("transitions of no namespace: %v", err)
	}
}

func transitionsSeen(e *env) {
	counter := e.typeCounter()
	e.namespace("n")
	e.typed("n", "order-1", "Placed", "Paid", "Paid", "Placed")
	seen, err := counter.Transitions(e.ctx, "n", "order")
	if err != nil {
		e.t.Fatal(err)
	}
	var got []string
	for _, s := range seen.Seen {
		got = append(got, fmt.Sprintf("%s>%s#%d", s.From, s.To, s.First.Position))
	}
	if want := []string{">Placed#1", "Paid>Paid#3", "Paid>Placed#4", "Placed>Paid#2"}; !reflect.DeepEqual(got, want) {
		e.t.Errorf("transitions %q, want %q", got, want)
	}
	e.counted("n")
}

// lines makes messages to import: stream, position, global position, type.
func lines(list ...[4]any) []store.ImportMessage {
	var messages []store.ImportMessage
	for _, l := range list {
		position, global := int64(l[1].(int)), int64(l[2].(int))
		messages = append(messages, store.ImportMessage{Message: store.Message{
			ID: store.NewID(time.Unix(global, 0)), Stream: l[0].(string), Position: position, GlobalPosition: global, Type: l[3].(string),
			Data: []byte(`{}`), Time: time.Unix(1_700_000_000+global, 5).UTC(),
		}})
	}
	return messages
}

// mustImport imports, or skips the case where the engine imports nothing.
func (e *env) mustImport(namespace string, messages []store.ImportMessage) {
	e.t.Helper()
	if err := e.importer().Import(e.ctx, namespace, messages); err != nil {
		e.t.Fatalf("import: %v", err)
	}
}

func countsImports(e *env) {
	e.typeCounter()
	e.namespace("n")
	e.mustImport("n", lines([4]any{"a-1", 3, 10, "A"}, [4]any{"a-1", 5, 11, "B"}, [4]any{"b-1", 0, 20, "A"}))
	e.alsoReopened(func() { e.counted("n") })
	e.typed("n", "a-1", "C")
	e.mustImport("n", lines([4]any{"b-1", 1, 100, "B"}))
	e.typed("n", "b-1", "A")
	e.alsoReopened(func() { e.counted("n") })
}

// countsAgain imports messages below the head, between others of their stream,
// and before what was counted.
func countsAgain(e *env) {
	e.typeCounter()
	e.namespace("n")
	e.mustImport("n", lines([4]any{"a-1", 0, 10, "A"}, [4]any{"a-1", 4, 50, "B"}))
	e.typed("n", "a-2", "A", "B")
	e.counted("n")
	e.mustImport("n", lines([4]any{"a-1", 2, 30, "C"})) // A>B is no more
	e.typed("n", "a-2", "D")
	e.counted("n")
	e.mustImport("n", lines([4]any{"b-7", 0, 5, "Early"}, [4]any{"a-1", 1, 11, "A"}, [4]any{"a-1", 3, 45, "Late"}))
	e.mustImport("n", lines([4]any{"a-1", 9, 71, "C"}))
	e.typed("n", "a-1", "E")
	e.alsoReopened(func() { e.counted("n") })
}

func countsAfterTruncate(e *env) {
	e.typeCounter()
	importer := e.importer()
	e.namespace("n")
	e.typed("n", "a-1", "A", "B")
	if err := importer.Truncate(e.ctx, "n"); err != nil {
		e.t.Fatal(err)
	}
	e.counted("n")
	e.typed("n", "a-1", "B")
	e.alsoReopened(func() { e.counted("n") })
}

func countsAfterReplace(e *env) {
	e.typeCounter()
	e.namespace("n")
	e.typed("n", "a-1", "A", "B")
	r := e.replace()
	if err := r.Import(e.ctx, lines([4]any{"b-1", 0, 1, "X"}, [4]any{"b-1", 1, 2, "Y"})); err != nil {
		e.t.Fatal(err)
	}
	e.counted("n")
	if err := r.Commit(e.ctx); err != nil {
		e.t.Fatal(err)
	}
	e.counted("n")
	e.typed("n", "b-1", "X")
	e.alsoReopened(func() { e.counted("n") })
}

// boundsTypes writes more types than are kept, twice over.
func boundsTypes(e *env) {
	e.typeCounter()
	e.namespace("n")
	const beyond = 50
	var types []string
	for i := range store.MaxTypes + beyond {
		types = append(types, fmt.Sprintf("T%05d", i))
	}
	for len(types) > 0 {
		n := min(len(types), 512)
		e.typed("n", "a-1", types[:n]...)
		types = types[n:]
	}
	e.typed("n", "a-2", "T00000", "T99999", "T00000")
	e.alsoReopened(func() {
		counter := e.typeCounter()
		counts, err := counter.CountTypes(e.ctx, "n", "a")
		if err != nil || len(counts.Types) != store.MaxTypes || counts.Overflow != beyond+1 || counts.Counted != store.MaxTypes+beyond+3 {
			e.t.Errorf("%d types, %d messages of further ones, %d counted, %v", len(counts.Types), counts.Overflow, counts.Counted, err)
		}
		if counts.Types[0].Type != "T00000" || counts.Types[0].Count != 3 || counts.Types[store.MaxTypes-1].Type != fmt.Sprintf("T%05d", store.MaxTypes-1) {
			e.t.Errorf("types from %+v to %+v", counts.Types[0], counts.Types[store.MaxTypes-1])
		}
		seen, err := counter.Transitions(e.ctx, "n", "a")
		if err != nil || len(seen.Seen) != store.MaxTransitions || !seen.Overflow {
			e.t.Errorf("%d transitions, more %v, %v", len(seen.Seen), seen.Overflow, err)
		}
	})
}

// countsAtRandom appends and imports at random, opens again in between, and
// compares with a naive count.
func countsAtRandom(e *env) {
	e.typeCounter()
	e.namespace("n")
	seed := e.setting("STORETEST_SEED", uint64(time.Now().UnixNano()))
	e.t.Logf("STORETEST_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 16))
	pick := func(prefix string, n int) string { return fmt.Sprintf("%s%d", prefix, random.IntN(n)) }
	for round := range 6 {
		for range 60 {
			var types []string
			for range 1 + random.IntN(4) {
				types = append(types, pick("T", 6))
			}
			e.typed("n", pick("c", 3)+"-"+pick("", 20), types...)
		}
		if _, imports := e.store.(store.Importer); imports && round%2 == 1 {
			e.importAtRandom(random, round)
		}
		if e.harness.Persistent && random.IntN(2) == 0 {
			e.close()
			e.open()
		}
		e.counted("n")
	}
}

// importAtRandom leaves a hole behind the head and fills it later.
func (e *env) importAtRandom(random *rand.Rand, round int) {
	e.t.Helper()
	head, err := e.store.Head(e.ctx, "n")
	if err != nil {
		e.t.Fatal(err)
	}
	stream := fmt.Sprintf("c%d-import%d", random.IntN(3), round)
	at := int(head)
	e.mustImport("n", lines([4]any{stream, 0, at + 1, "T0"}, [4]any{stream, 5, at + 10, "T1"}))
	e.typed("n", stream, "T2")
	if random.IntN(2) == 0 {
		e.mustImport("n", lines([4]any{stream, 2, at + 4, fmt.Sprintf("T%d", random.IntN(6))}))
	}
	e.typed("n", stream, "T3")
}

func countsInReadOnly(e *env) {
	e.typeCounter()
	if e.harness.ReadOnly == nil {
		e.t.Skip("this engine has no way to only read")
	}
	e.namespace("n")
	e.typed("n", "a-1", "A", "B", "A")
	e.close()
	reading, err := e.harness.ReadOnly()
	if err != nil {
		e.t.Fatal(err)
	}
	e.store = reading
	e.counted("n")
	e.close()
	e.open()
	e.counted("n")
}

func countsInCheckpoint(e *env) {
	e.typeCounter()
	checkpointer := e.checkpointer()
	e.namespace("n")
	e.typed("n", "a-1", "A", "B", "A")
	made, err := checkpointer.Checkpoint(e.ctx, "types")
	if err != nil {
		e.t.Fatal(err)
	}
	e.typed("n", "a-1", "C")
	e.counted("n")
	e.checkpointOf(made, func(copied *env) {
		if counts, _ := copied.whole("n", ""); counts.Counted != 3 {
			e.t.Errorf("%d messages counted in the checkpoint, want 3", counts.Counted)
		}
		copied.counted("n")
	})
}
