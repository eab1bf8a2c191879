package jetlog_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

func TestNamespacesAreWhatTheyWereMadeAs(t *testing.T) {
	l, o := mustOpen(t)
	var made []logstore.Namespace
	// Names that mean something to NATS, and long ones.
	for _, id := range []string{"default", "_INBOX", "=5FINBOX", "$JS", "a.b", "a b", "*", ">", "é:ß", strings.Repeat("é", 64), strings.Repeat("é", 63) + "ab"} {
		made = append(made, mustCreate(t, l, id))
		if n := mustPublish(t, l, id, "cat.i1", "one", 0); n != 1 {
			t.Errorf("namespace %q: first record has sequence %d", id, n)
		}
	}
	other := mustOpenWith(t, o)
	list, err := other.Namespaces(within(t, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	order := func(a, b logstore.Namespace) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(list, order)
	slices.SortFunc(made, order)
	if !reflect.DeepEqual(list, made) {
		t.Errorf("made %v\nread %v", made, list)
	}
}

func TestCreateIsAtomic(t *testing.T) {
	l, o := mustOpen(t)
	other := mustOpenWith(t, o)
	errs := make(chan error, 10)
	for i := range cap(errs) {
		ns := space("default")
		ns.Identity = fmt.Sprint(i)
		log := []*jetlog.Log{l, other}[i%2]
		go func() { errs <- log.Create(within(t, time.Minute), ns) }()
	}
	made := 0
	for range cap(errs) {
		switch err := <-errs; {
		case err == nil:
			made++
		case !errors.Is(err, store.ErrNamespaceExists):
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d of %d made it", made, cap(errs))
	}
	list, err := l.Namespaces(within(t, time.Minute))
	if err != nil || len(list) != 1 {
		t.Fatalf("there is %v, %v", list, err)
	}
	if err := other.Create(within(t, time.Minute), list[0]); err != nil {
		t.Errorf("the same again, as after a lost answer: %v", err)
	}
}

func TestDeleteTakesTheIdentity(t *testing.T) {
	l, _ := mustOpen(t)
	ctx := within(t, time.Minute)
	ns := mustCreate(t, l, "default")
	if err := l.Delete(ctx, ns.ID, "another"); !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("with another identity: %v", err)
	}
	if err := l.Delete(ctx, "none", "another"); !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("of none: %v", err)
	}
	mustPublish(t, l, ns.ID, "cat.i1", "one", 0)
	if err := l.Delete(ctx, ns.ID, ns.Identity); err != nil {
		t.Fatal(err)
	}
	if list, err := l.Namespaces(ctx); err != nil || len(list) > 0 {
		t.Errorf("there is %v, %v", list, err)
	}
	if _, err := l.End(ctx, ns.ID); !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("its end: %v", err)
	}
	if _, err := l.Last(ctx, ns.ID, "cat.i1"); !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("its last: %v", err)
	}
	if _, err := l.Publish(ctx, ns.ID, logstore.Publication{Subject: "cat.i1", Parts: [][]byte{{1}}}); !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("publish: %v", err)
	}
	if _, err := l.Follow(ctx, ns.ID, ns.Identity, 0); !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("follow: %v", err)
	}
}

func TestPublish(t *testing.T) {
	l, _ := mustOpen(t)
	ctx := within(t, time.Minute)
	mustCreate(t, l, "default")
	one := mustPublish(t, l, "default", "cat.i1", "one", 0)
	two := mustPublish(t, l, "default", "cat.i1", "two", one)
	if one != 1 || two != 2 {
		t.Fatalf("sequences %d and %d", one, two)
	}
	publish := func(id, subject string, expected uint64, parts ...string) (uint64, error) {
		p := logstore.Publication{Subject: subject, ID: id, Expected: expected}
		for _, part := range parts {
			p.Parts = append(p.Parts, []byte(part))
		}
		return l.Publish(ctx, "default", p)
	}
	var wrong *logstore.WrongLastError
	if _, err := publish("three", "cat.i1", one, "three"); !errors.As(err, &wrong) || wrong.Actual != two {
		t.Errorf("expected %d, which is %d: %v", one, two, err)
	}
	if _, err := publish("three", "cat.i1", 0, "three"); !errors.As(err, &wrong) || wrong.Actual != two {
		t.Errorf("expected none, which is %d: %v", two, err)
	}
	if _, err := publish("three", "cat.i2", two, "three"); !errors.As(err, &wrong) || wrong.Actual != 0 {
		t.Errorf("expected %d, which is none: %v", two, err)
	}
	if n, err := publish("two", "cat.i1", one, "two"); err != nil || n != two {
		t.Errorf("the same again: %d, %v", n, err)
	}
	five, err := publish("batch", "cat.i1", two, "a", "b", "c")
	if err != nil || five != 5 {
		t.Errorf("a batch: %d, %v", five, err)
	}
	if _, err := publish("batch", "cat.i1", two, "a", "b", "c"); !errors.As(err, &wrong) || wrong.Actual != five {
		t.Errorf("a batch that expected %d: %v", two, err)
	}
	if n, err := l.Last(ctx, "default", "cat.i1"); err != nil || n != five {
		t.Errorf("last of cat.i1: %d, %v", n, err)
	}
	if n, err := l.Last(ctx, "default", "cat.i2"); err != nil || n != 0 {
		t.Errorf("last of cat.i2: %d, %v", n, err)
	}
	if n, err := l.End(ctx, "default"); err != nil || n != five {
		t.Errorf("end: %d, %v", n, err)
	}
}

func TestFollow(t *testing.T) {
	l, _ := mustOpen(t)
	ns := mustCreate(t, l, "default")
	subjects := []string{logstore.Subject("account-1"), logstore.Subject("acc.ount"), logstore.Subject("a-*.>")}
	for i, s := range subjects {
		mustPublish(t, l, ns.ID, s, fmt.Sprint(i+1), 0)
	}
	f := mustFollow(t, l, ns, 1)
	for i, r := range mustRead(t, f, 2) {
		if r.Sequence != uint64(i+2) || string(r.Body) != fmt.Sprint(i+2) || r.Subject != subjects[i+1] || time.Since(r.Time) > time.Hour {
			t.Errorf("record %d is %+v", i+2, r)
		}
	}
	if n := mustPublish(t, l, ns.ID, subjects[0], "4", 1); n != 4 {
		t.Fatal(n)
	}
	if r := mustRead(t, f, 1)[0]; r.Sequence != 4 || string(r.Body) != "4" {
		t.Errorf("then came %+v", r)
	}
	if err := l.Drop(within(t, time.Minute), ns.ID, 4); err != nil {
		t.Fatal(err)
	}
	again := mustFollow(t, l, ns, 0)
	if r := mustRead(t, again, 1)[0]; r.Sequence != 4 {
		t.Errorf("after records below 4 were dropped the first is %+v", r)
	}
	if n, err := l.End(within(t, time.Minute), ns.ID); err != nil || n != 4 {
		t.Errorf("end: %d, %v", n, err)
	}
	other := ns
	other.Identity = "another"
	if _, err := l.Follow(within(t, time.Minute), ns.ID, other.Identity, 0); !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("of another identity: %v", err)
	}
	if err := l.Delete(within(t, time.Minute), ns.ID, ns.Identity); err != nil {
		t.Fatal(err)
	}
	for _, f := range []logstore.Feed{f, again} {
		if _, _, err := f.Next(within(t, 10*time.Second), make([]logstore.Record, 1)); !errors.Is(err, store.ErrNamespaceNotFound) {
			t.Errorf("after the namespace was deleted: %v", err)
		}
	}
}

// The longest names that a store takes go through all servers, whichever is asked.
func TestLongestNames(t *testing.T) {
	c := jettest.Shared(t)
	o := mustAccount(t)
	id := strings.Repeat("é", store.MaxNamespaceID/2)
	subject := logstore.Subject(strings.Repeat("ü", store.MaxStreamName/2))
	ns := mustCreate(t, mustOpenWith(t, o), id)
	var last uint64
	for i := range 3 {
		l, err := jetlog.Open(within(t, time.Minute), c.ServerURL(i), o)
		if err != nil {
			t.Fatal(err)
		}
		last = mustPublish(t, l, id, subject, fmt.Sprint(i), last)
		if n, err := l.Last(within(t, time.Minute), id, subject); err != nil || n != last {
			t.Errorf("server %d: last is %d, %v, not %d", i, n, err, last)
		}
		for _, r := range mustRead(t, mustFollow(t, l, ns, 0), i+1) {
			if r.Subject != subject {
				t.Errorf("server %d: subject %q", i, r.Subject)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A record may be as large as MaxRecord says, and a batch have as many parts as JetStream takes.
func TestLargest(t *testing.T) {
	l, _ := mustOpen(t)
	ns := mustCreate(t, l, "default")
	ctx := within(t, time.Minute)
	p := logstore.Publication{Subject: "cat.i1", ID: strings.Repeat("i", 256), Parts: [][]byte{nil}}
	body := make([]byte, l.MaxRecord()-len(p.ID)-len(p.Subject))
	mustPublish(t, l, ns.ID, "cat.i0", "first", 0)
	p.Parts[0] = body
	n, err := l.Publish(ctx, ns.ID, p)
	if err != nil || n != 2 {
		t.Fatalf("the largest: %d, %v", n, err)
	}
	var invalid *store.InvalidError
	p.Parts[0] = append(body, 0)
	if _, err := l.Publish(ctx, ns.ID, p); !errors.As(err, &invalid) {
		t.Errorf("one byte more: %v", err)
	}
	p.ID += "i"
	p.Parts[0] = nil
	if _, err := l.Publish(ctx, ns.ID, p); !errors.As(err, &invalid) {
		t.Errorf("an id that is too long: %v", err)
	}
	p = logstore.Publication{Subject: "cat.i2", ID: "batch"}
	for i := range 1000 {
		p.Parts = append(p.Parts, fmt.Append(nil, i))
	}
	if n, err := l.Publish(ctx, ns.ID, p); err != nil || n != 1002 {
		t.Errorf("a batch of 1000: %d, %v", n, err)
	}
	p.Parts = append(p.Parts, []byte("more"))
	if _, err := l.Publish(ctx, ns.ID, p); !errors.As(err, &invalid) {
		t.Errorf("a batch of 1001: %v", err)
	}
	for i, r := range mustRead(t, mustFollow(t, l, ns, 1), 1001) {
		if i == 0 && len(r.Body) != len(body) || i > 0 && string(r.Body) != fmt.Sprint(i-1) {
			t.Fatalf("record %d has %d bytes", r.Sequence, len(r.Body))
		}
	}
}

func TestManyNamespaces(t *testing.T) {
	c := jettest.Start(t, jettest.Options{Servers: 1})
	var o jetlog.Options
	o.User, o.Password = c.Account(t)
	l := mustOpenOn(t, c, o)
	for i := range 300 { // JetStream lists 256 at a time
		mustCreate(t, l, fmt.Sprint(i))
	}
	list, err := l.Namespaces(within(t, time.Minute))
	seen := map[string]bool{}
	for _, ns := range list {
		seen[ns.ID] = true
	}
	if err != nil || len(list) != 300 || len(seen) != 300 {
		t.Errorf("there are %d, %d of them different: %v", len(list), len(seen), err)
	}
}
