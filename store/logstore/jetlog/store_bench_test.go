package jetlog_test

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
	"github.com/evtui/evtui/store/pebblestore"
)

// benchStore opens a store with its copy on disk in an account of its own.
func benchStore(b *testing.B) (store.Store, jetlog.Options) {
	b.Helper()
	var o jetlog.Options
	o.User, o.Password = jettest.Shared(b).Account(b)
	st, err := openStoreWith(b, o, b.TempDir(), pebblestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	if _, err := st.CreateNamespace(b.Context(), store.NamespaceSpec{ID: "n"}); err != nil {
		b.Fatal(err)
	}
	return st, o
}

// BenchmarkAppend appends events to a stream a caller, beside bare publishes of as many bytes,
// both to streams of three replicas that sync always.
func BenchmarkAppend(b *testing.B) {
	st, o := benchStore(b)
	js := mustConnect(b, o)
	if _, err := js.CreateStream(b.Context(), jetstream.StreamConfig{Name: "bare", Subjects: []string{"bare.>"}, Replicas: 3}); err != nil {
		b.Fatal(err)
	}
	data := fmt.Appendf(nil, `{"amount":12,"note":%q}`, make([]byte, 20))
	ours := func(round int) {
		at(func(c, i int) {
			w := store.Write{Stream: fmt.Sprintf("account-%d", c), ExpectedVersion: store.AnyVersion, Events: []store.Event{{Type: "Deposited", Data: data}}}
			if _, err := st.Append(b.Context(), "n", w); err != nil {
				b.Error(err)
			}
		})
	}
	bare := func(round int) {
		at(func(c, i int) {
			m := &nats.Msg{Subject: fmt.Sprintf("bare.account.i%d", c), Data: append(data, make([]byte, 60)...)}
			if _, err := js.PublishMsg(b.Context(), m, jetstream.WithMsgID(fmt.Sprintf("%d-%d-%d", round, c, i))); err != nil {
				b.Error(err)
			}
		})
	}
	compare(b, *callers**each, ours, bare)
}

// BenchmarkProjection builds a copy of a log on disk, beside a bare ordered consumer of it.
func BenchmarkProjection(b *testing.B) {
	st, o := benchStore(b)
	js := mustConnect(b, o)
	data := fmt.Appendf(nil, `{"amount":12,"note":%q}`, make([]byte, 20))
	at(func(c, i int) {
		for range *messages / (*callers * *each) {
			w := store.Write{Stream: fmt.Sprintf("account-%d", c), ExpectedVersion: store.AnyVersion, Events: []store.Event{{Type: "Deposited", Data: data}}}
			if _, err := st.Append(b.Context(), "n", w); err != nil {
				b.Error(err)
			}
		}
	})
	head, err := st.Head(b.Context(), "n")
	if err != nil {
		b.Fatal(err)
	}
	ours := func(int) {
		other, err := caughtUp(openStoreWith(b, o, b.TempDir(), pebblestore.Options{}))
		if err != nil {
			b.Fatal(err)
		}
		if n, err := other.Head(b.Context(), "n"); err != nil || n != head {
			b.Errorf("the copy has %d messages of %d, %v", n, head, err)
		}
		if err := other.Close(); err != nil {
			b.Error(err)
		}
	}
	bare := func(int) { consume(b, js, "evtui-n", head) }
	compare(b, int(head), ours, bare)
}
