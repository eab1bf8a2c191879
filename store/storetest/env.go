package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// patience is how many seconds a case may take before what it waits for is
// taken to never come.
const patience = 120

// env is what a case works with: a store that is open, and helpers that end
// the case when the store refuses what it must accept.
type env struct {
	t       testing.TB
	ctx     context.Context
	harness Harness
	store   store.Store // nil once the case has closed it
	seeds   seeds
}

// newEnv opens the harness. When the case ends, all namespaces are verified
// and the store is closed.
func newEnv(t testing.TB, harness Harness) *env {
	e := &env{t: t, harness: harness, seeds: seeds{heads: map[string]int64{}, versions: map[string]int64{}}}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(e.setting("STORETEST_PATIENCE", patience))*time.Second)
	e.ctx = ctx
	e.open()
	t.Cleanup(func() {
		cancel()
		if e.store == nil {
			return
		}
		if !t.Failed() {
			e.ctx = context.Background()
			e.verifyAll()
		}
		// A case that failed may have left goroutines behind which still use e.store.
		if err := e.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

// setting reads a number from the environment.
func (e *env) setting(name string, otherwise uint64) uint64 {
	text, ok := os.LookupEnv(name)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		e.t.Fatalf("%s: %v", name, err)
	}
	return n
}

func (e *env) open() {
	e.t.Helper()
	st, err := e.harness.Open()
	if err != nil {
		e.t.Fatalf("open: %v", err)
	}
	e.store = st
}

// close closes the store; the case ends with it closed unless it opens again.
func (e *env) close() {
	st := e.store
	e.store = nil
	if err := st.Close(); err != nil {
		e.t.Errorf("close: %v", err)
	}
}

// alsoReopened runs the check, and once more on the store closed and opened
// again if the engine can do that.
func (e *env) alsoReopened(check func()) {
	e.t.Helper()
	check()
	if e.harness.Persistent && !e.t.Failed() {
		e.close()
		e.open()
		check()
		if e.t.Failed() {
			e.t.Error("only after the store was closed and opened again")
		}
	}
}

// verifyAll lets the engine look for faults in itself and compares its counts
// with what it tells about the namespace.
func (e *env) verifyAll() {
	e.t.Helper()
	e.freshen()
	namespaces, err := e.store.Namespaces(e.ctx)
	if err != nil {
		e.t.Errorf("list namespaces: %v", err)
	}
	v, ok := e.store.(store.Verifier)
	if !ok {
		return
	}
	for _, ns := range namespaces {
		report, err := v.Verify(e.ctx, ns.ID)
		if errors.Is(err, store.ErrNotOffered) {
			return
		}
		if err != nil {
			e.t.Errorf("verify %q: %v", ns.ID, err)
			continue
		}
		for i, f := range report.Findings {
			if i == 5 {
				e.t.Errorf("verify %q: and %d more findings", ns.ID, len(report.Findings)-i)
				break
			}
			e.t.Errorf("verify %q: %s: %s", ns.ID, f.Where, f.Detail)
		}
		if report.Messages != ns.MessageCount || report.Streams != ns.StreamCount {
			e.t.Errorf("verify %q counts %d messages in %d streams, the namespace says %d in %d",
				ns.ID, report.Messages, report.Streams, ns.MessageCount, ns.StreamCount)
		}
	}
	found, err := v.Inspect(e.ctx)
	if err != nil || len(found.Findings) > 0 {
		e.t.Errorf("inspect: %+v, %v", found.Findings, err)
	}
}

// freshen waits until all namespaces show what was acknowledged elsewhere, so that two looks at one
// tell the same.
func (e *env) freshen() {
	e.t.Helper()
	if _, ok := e.store.(store.Fresher); !ok {
		return
	}
	namespaces, err := e.store.Namespaces(e.ctx)
	if err != nil {
		e.t.Errorf("list namespaces: %v", err)
	}
	for _, ns := range namespaces {
		if err := e.fresh(ns.ID); err != nil && !errors.Is(err, store.ErrReadOnly) {
			e.t.Errorf("wait for %q: %v", ns.ID, err)
		}
	}
}

// importer returns what imports, or skips the case.
func (e *env) importer() store.Importer {
	e.t.Helper()
	return offered[store.Importer](e, "imports nothing")
}

// offered returns the store as what it may be besides, or skips the case.
func offered[T any](e *env, without string) T {
	e.t.Helper()
	t, ok := e.store.(T)
	if !ok {
		e.t.Skip("this engine " + without)
	}
	return t
}

// skipUnoffered skips the case when the engine says that it has no such thing.
func (e *env) skipUnoffered(err error) {
	e.t.Helper()
	if errors.Is(err, store.ErrNotOffered) {
		e.t.Skip(err)
	}
}

// namespace makes an empty namespace and returns its id.
func (e *env) namespace(id string) string {
	e.t.Helper()
	var err error
	if e.harness.Seed != nil {
		err = e.harness.Seed(e.ctx, id, nil)
	} else {
		_, err = e.store.CreateNamespace(e.ctx, specOf(id))
	}
	if err != nil {
		e.t.Fatalf("create namespace %q: %v", id, err)
	}
	return id
}

func specOf(id string) store.NamespaceSpec {
	return store.NamespaceSpec{ID: id, TokenHash: sha256.Sum256([]byte(id))}
}

// append appends whatever the stream's version is.
func (e *env) append(namespace, stream string, events ...store.Event) store.Appended {
	e.t.Helper()
	a, err := e.put(namespace, stream, events...)
	if err != nil {
		e.t.Fatalf("append %d events to %q: %v", len(events), stream, err)
	}
	return a
}

// put is append for other goroutines than the case's own. It goes by
// Harness.Seed when there is one.
func (e *env) put(namespace, stream string, events ...store.Event) (store.Appended, error) {
	if e.harness.Seed != nil {
		return e.seeds.append(e, namespace, stream, events)
	}
	return e.store.Append(e.ctx, namespace, store.Write{Stream: stream, Events: events, ExpectedVersion: store.AnyVersion})
}

func (e *env) write(namespace string, w store.Write) store.Appended {
	e.t.Helper()
	answer, err := e.store.Append(e.ctx, namespace, w)
	if err != nil {
		e.t.Fatalf("append %d events to %q: %v", len(w.Events), w.Stream, err)
	}
	return answer
}

// fill appends one event to each of the streams, in order.
func (e *env) fill(namespace string, streams ...string) {
	e.t.Helper()
	for _, stream := range streams {
		e.append(namespace, stream, event(stream))
	}
}

// event makes an event that can be told from others by the note in its data.
func event(note string) store.Event {
	text, err := json.Marshal(note)
	if err != nil {
		panic(err) // no string fails
	}
	return store.Event{Type: "Noted", Data: append(append([]byte(`{"note":`), text...), '}')}
}

// events makes n events.
func events(n int, note string) []store.Event {
	list := make([]store.Event, n)
	for i := range list {
		list[i] = event(fmt.Sprintf("%s %d", note, i))
	}
	return list
}

// correlated makes an event whose metadata names a correlation stream.
func correlated(stream string) store.Event {
	ev := event("correlated to " + stream)
	ev.Metadata = fmt.Appendf(nil, `{"correlationStreamName":%q}`, stream)
	ev.Correlation = store.Category(stream)
	return ev
}

func (e *env) readStream(namespace string, q store.StreamQuery) []store.Message {
	e.t.Helper()
	return e.mustCollect(e.store.ReadStream(e.ctx, namespace, q))
}

func (e *env) readCategory(namespace string, q store.CategoryQuery) []store.Message {
	e.t.Helper()
	return e.mustCollect(e.store.ReadCategory(e.ctx, namespace, q))
}

// everything returns all messages of a namespace.
func (e *env) everything(namespace string) []store.Message {
	e.t.Helper()
	return e.readCategory(namespace, store.CategoryQuery{Limit: store.NoLimit})
}

func (e *env) mustCollect(seq iter.Seq2[store.Message, error]) []store.Message {
	e.t.Helper()
	messages, err := collect(seq)
	if err != nil {
		e.t.Fatalf("read: %v", err)
	}
	return messages
}

// collect keeps all that the iterator yields. An error must come last.
func collect(seq iter.Seq2[store.Message, error]) (messages []store.Message, err error) {
	for message, err2 := range seq {
		if err != nil {
			return messages, fmt.Errorf("the iterator went on after the error %w", err)
		}
		if err = err2; err == nil {
			messages = append(messages, message.Clone())
		}
	}
	return messages, err
}

// refused checks that an illegal argument was called so.
func (e *env) refused(err error, what string, args ...any) {
	e.t.Helper()
	var invalid *store.InvalidError
	if !errors.As(err, &invalid) {
		e.t.Errorf("%s: got error %v, want an *InvalidError", fmt.Sprintf(what, args...), err)
	}
}

// is checks for one of the contract's errors.
func (e *env) is(err, want error, what string, args ...any) {
	e.t.Helper()
	if !errors.Is(err, want) {
		e.t.Errorf("%s: got error %v, want %v", fmt.Sprintf(what, args...), err, want)
	}
}

// same compares two answers line by line.
func (e *env) same(got, want []string, what string, args ...any) {
	e.t.Helper()
	if d := difference(got, want); d != "" {
		e.t.Errorf("%s: %s", fmt.Sprintf(what, args...), d)
	}
}

// state is all that a namespace shows, as text.
func (e *env) state(namespace string) []string {
	e.t.Helper()
	return stateOf(e.ctx, e.store, namespace)
}

// unchanged checks that what runs leaves the namespace as it is.
func (e *env) unchanged(namespace string, run func()) {
	e.t.Helper()
	before := e.state(namespace)
	run()
	e.same(e.state(namespace), before, "namespace %q was changed", namespace)
}
