package jetlog_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

func TestMain(m *testing.M) { jettest.Main(m) }

// mustOpen opens a log in an account of its own on the cluster that the tests share.
func mustOpen(t testing.TB) (*jetlog.Log, jetlog.Options) {
	t.Helper()
	o := mustAccount(t)
	return mustOpenWith(t, o), o
}

// mustAccount is the way into an account of its own.
func mustAccount(t testing.TB) (o jetlog.Options) {
	t.Helper()
	o.User, o.Password = jettest.Shared(t).Account(t)
	return o
}

func mustOpenOn(t testing.TB, c *jettest.Cluster, o jetlog.Options) *jetlog.Log {
	t.Helper()
	l, err := jetlog.Open(within(t, 30*time.Second), c.URL(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// within is a context that ends with the test, or after d.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func space(id string) logstore.Namespace {
	return logstore.Namespace{
		ID: id, Identity: "identity of " + id, CreatedAt: time.Date(2026, 11, 29, 1, 2, 3, 456, time.UTC), Description: "the " + id, Metadata: []byte(`{"a":1}`),
		Tokens: []store.Token{{Hash: [32]byte{1, 2, 3}, CreatedAt: time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)}, {Hash: [32]byte{4}, ReadOnly: true, Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}},
	}
}

func mustCreate(t testing.TB, l *jetlog.Log, id string) logstore.Namespace {
	t.Helper()
	ns := space(id)
	if err := l.Create(within(t, 30*time.Second), ns); err != nil {
		t.Fatal(err)
	}
	return ns
}

// mustPublish publishes a record, which is its own id. A namespace that was just made may have
// no leader yet.
func mustPublish(t testing.TB, l *jetlog.Log, id, subject, record string, expected uint64) uint64 {
	t.Helper()
	ctx := within(t, 30*time.Second)
	for {
		n, err := l.Publish(ctx, id, logstore.Publication{Subject: subject, Parts: [][]byte{[]byte(record)}, ID: record, Expected: expected})
		var not *store.UnavailableError
		if err == nil {
			return n
		}
		if !errors.As(err, &not) || ctx.Err() != nil {
			t.Fatalf("publish %s to %s: %v", record, subject, err)
		}
	}
}

// mustRead reads n records of a feed.
func mustRead(t testing.TB, f logstore.Feed, n int) []logstore.Record {
	t.Helper()
	ctx := within(t, 60*time.Second)
	var all []logstore.Record
	buf := make([]logstore.Record, 100)
	for len(all) < n {
		k, _, err := f.Next(ctx, buf[:min(100, n-len(all))])
		if err != nil {
			t.Fatalf("after %d of %d records: %v", len(all), n, err)
		}
		all = append(all, buf[:k]...)
	}
	return all
}

// mustOpenWith opens another log on the shared cluster, in the account of o.
func mustOpenWith(t testing.TB, o jetlog.Options) *jetlog.Log {
	t.Helper()
	return mustOpenOn(t, jettest.Shared(t), o)
}

func mustFollow(t testing.TB, l *jetlog.Log, ns logstore.Namespace, after uint64) logstore.Feed {
	t.Helper()
	f, err := l.Follow(within(t, time.Minute), ns.ID, ns.Identity, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}
