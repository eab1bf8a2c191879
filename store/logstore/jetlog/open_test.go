package jetlog_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

// What cannot serve as a log says what would have to be otherwise.
func TestOpenSaysWhatIsMissing(t *testing.T) {
	c := jettest.Start(t, jettest.Options{Servers: 1, MaxPayload: 1 << 20})
	user, password := c.Account(t)
	alone := c.URL()
	three := *alone
	three.RawQuery = "replicas=3"
	for name, one := range map[string]struct {
		o    jetlog.Options
		want string
	}{
		"small messages":   {jetlog.Options{User: user, Password: password}, "set max_payload to 2097152 or more"},
		"another password": {jetlog.Options{User: user, Password: "wrong"}, "Authorization Violation"},
		"no such file":     {jetlog.Options{Credentials: filepath.Join(t.TempDir(), "none")}, "none"},
		"no certificate":   {jetlog.Options{CA: filepath.Join(t.TempDir(), "none")}, "read the certificates to trust"},
		"no key":           {jetlog.Options{Cert: "cert"}, "needs its key"},
	} {
		_, err := jetlog.Open(within(t, 10*time.Second), alone, one.o)
		if err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: %v, want %q", name, err, one.want)
		}
	}
	c = jettest.Start(t, jettest.Options{Servers: 1})
	three = *c.URL()
	three.RawQuery = ""
	if _, err := jetlog.Open(within(t, 10*time.Second), &three, jetlog.Options{User: user, Password: password}); err == nil || !strings.Contains(err.Error(), "?replicas=1") {
		t.Errorf("three replicas on one server: %v", err)
	}
	if _, err := jetlog.Open(within(t, 10*time.Second), c.URL(), jetlog.Options{User: "plain", Password: "plain"}); err == nil || !strings.Contains(err.Error(), "JetStream is not enabled for this account") {
		t.Errorf("an account without JetStream: %v", err)
	}
	c.Kill(0)
	if _, err := jetlog.Open(within(t, time.Second), c.URL(), jetlog.Options{}); err == nil || !strings.Contains(err.Error(), "no servers available") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestDurability(t *testing.T) {
	alone := jettest.Start(t, jettest.Options{Servers: 1, Sync: "2m"})
	user, password := alone.Account(t)
	o := jetlog.Options{User: user, Password: password, Monitor: alone.Monitor()}
	l := mustOpenOn(t, alone, o)
	if d := l.Durability(); d != "interval 2m0s" {
		t.Errorf("a server that syncs every two minutes: %q", d)
	}
	if w := l.Warnings(); !slices.Contains(w, "replicas=1: what is in the log is on one server only") {
		t.Errorf("one replica: %q", w)
	}
	c := jettest.Shared(t)
	o.User, o.Password = c.Account(t)
	for _, one := range []struct {
		monitor []string
		want    string
	}{{nil, "sync not known"}, {c.Monitor(), "sync"}, {c.Monitor()[:2], "sync not known"}, {append(c.Monitor()[:2:2], "http://127.0.0.1:1"), "sync not known"}} {
		o.Monitor = one.monitor
		l := mustOpenOn(t, c, o)
		if d := l.Durability(); d != one.want {
			t.Errorf("%v: %q, want %q", one.monitor, d, one.want)
		}
		silent := slices.ContainsFunc(l.Warnings(), func(w string) bool { return strings.Contains(w, "http://127.0.0.1:1 does not answer") })
		if silent != slices.Contains(one.monitor, "http://127.0.0.1:1") {
			t.Errorf("%v: warnings %q", one.monitor, l.Warnings())
		}
	}
}

func TestMonitoringPortThatIsNone(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	c := jettest.Shared(t)
	var o jetlog.Options
	o.User, o.Password = c.Account(t)
	o.Monitor = []string{other.URL}
	l := mustOpenOn(t, c, o)
	if l.Durability() != "sync not known" || len(l.Warnings()) != 1 {
		t.Errorf("%q, warnings %q", l.Durability(), l.Warnings())
	}
}

// Streams that are not evtui's, and those of a newer one, stay as they are.
func TestForeignStreams(t *testing.T) {
	l, o := mustOpen(t)
	js := mustConnect(t, o)
	ctx := within(t, time.Minute)
	for _, c := range []jetstream.StreamConfig{
		{Name: "orders", Subjects: []string{"orders.>"}},
		{Name: "evtui-taken", Subjects: []string{"whatever"}},
		{Name: "evtui-newer", Subjects: []string{"newer.>"}, Metadata: map[string]string{"evtui.format": "2", "evtui.id": "newer"}},
	} {
		if _, err := js.CreateStream(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := l.Namespaces(ctx); err != nil || len(list) > 0 {
		t.Errorf("there is %v, %v", list, err)
	}
	if w := l.Warnings(); len(w) != 1 || !strings.Contains(w[0], `namespace "newer" is in the log in format 2`) {
		t.Errorf("warnings %q", w)
	}
	for id, want := range map[string]string{"orders": "has the subjects orders.>", "taken": "that is not evtui's", "newer": "take a newer one"} {
		if err := l.Create(ctx, space(id)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("create %s: %v", id, err)
		}
		if err := l.Delete(ctx, id, ""); err == nil {
			t.Errorf("%s was deleted", id)
		}
		if err := l.Change(ctx, id, nil); err == nil {
			t.Errorf("%s was changed", id)
		}
		if _, err := l.Follow(ctx, id, "", 0); err == nil {
			t.Errorf("%s is followed", id)
		}
	}
	for info := range js.ListStreams(ctx).Info() {
		if !slices.Contains([]string{"orders", "evtui-taken", "evtui-newer"}, info.Config.Name) || info.State.Consumers > 0 {
			t.Errorf("there is a stream %s with %d consumers", info.Config.Name, info.State.Consumers)
		}
	}
}

// Close ends all that was started.
func TestCloseLeavesNothing(t *testing.T) {
	c := jettest.Shared(t)
	before := runtime.NumGoroutine()
	l, err := jetlog.Open(within(t, time.Minute), c.URL(), mustAccount(t))
	if err != nil {
		t.Fatal(err)
	}
	ns := mustCreate(t, l, "default")
	mustPublish(t, l, ns.ID, "cat.i1", "one", 0)
	f, err := l.Follow(t.Context(), ns.ID, ns.Identity, 0)
	if err != nil {
		t.Fatal(err)
	}
	mustRead(t, f, 1)
	l.Sections()
	waiting := make(chan error, 1)
	go func() {
		_, _, err := f.Next(context.Background(), make([]logstore.Record, 1))
		waiting <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waiting; err != store.ErrClosed {
		t.Errorf("a feed of a closed log: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
	f.Close()
	if _, err := l.End(t.Context(), ns.ID); err != store.ErrClosed {
		t.Errorf("end of a closed log: %v", err)
	}
	if err := l.Create(t.Context(), ns); err != store.ErrClosed {
		t.Errorf("create in a closed log: %v", err)
	}
	if _, err := l.Follow(t.Context(), ns.ID, ns.Identity, 0); err != store.ErrClosed {
		t.Errorf("follow a closed log: %v", err)
	}
	deadline := within(t, 10*time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-deadline.Done():
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// An evtui hears of what others do, and two that change one namespace lose nothing.
func TestChanges(t *testing.T) {
	l, o := mustOpen(t)
	other := mustOpenWith(t, o)
	ctx := within(t, time.Minute)
	heard := func(what string) {
		t.Helper()
		select {
		case <-other.Changed():
		case <-ctx.Done():
			t.Fatalf("%s was not heard of", what)
		}
	}
	ns := mustCreate(t, l, "default")
	heard("a new namespace")
	changed := make(chan error)
	for i := range 8 {
		go func() {
			changed <- []*jetlog.Log{l, other}[i%2].Change(ctx, ns.ID, func(ns logstore.Namespace) (logstore.Namespace, error) {
				ns.Description += string(rune('a' + i))
				ns.ID, ns.Identity = "ignored", "ignored"
				return ns, nil
			})
		}()
	}
	for range 8 {
		if err := <-changed; err != nil {
			t.Error(err)
		}
	}
	heard("a change")
	list, err := other.Namespaces(ctx)
	if err != nil || len(list) != 1 {
		t.Fatalf("there is %v, %v", list, err)
	}
	got := []rune(strings.TrimPrefix(list[0].Description, ns.Description))
	slices.Sort(got)
	if string(got) != "abcdefgh" || list[0].ID != ns.ID || list[0].Identity != ns.Identity || !list[0].CreatedAt.Equal(ns.CreatedAt) {
		t.Errorf("changed to %+v", list[0])
	}
	if err := l.Change(ctx, ns.ID, func(ns logstore.Namespace) (logstore.Namespace, error) { return ns, os.ErrExist }); err != os.ErrExist {
		t.Errorf("an error of change: %v", err)
	}
	var invalid *store.InvalidError
	big := func(ns logstore.Namespace) (logstore.Namespace, error) {
		ns.Description = strings.Repeat("x", 128<<10)
		return ns, nil
	}
	if err := l.Change(ctx, ns.ID, big); !errors.As(err, &invalid) || invalid.Field != "metadata" {
		t.Errorf("a description that is too long: %v", err)
	}
	if gone, err := l.Deleted(ctx, ns.Identity); gone || err != nil {
		t.Errorf("deleted before it was: %v, %v", gone, err)
	}
	if err := l.Delete(ctx, ns.ID, ns.Identity); err != nil {
		t.Fatal(err)
	}
	heard("a removal")
	if gone, err := other.Deleted(ctx, ns.Identity); !gone || err != nil {
		t.Errorf("deleted: %v, %v", gone, err)
	}
}

func TestSections(t *testing.T) {
	c := jettest.Shared(t)
	o := mustAccount(t)
	o.Monitor = c.Monitor()
	l := mustOpenWith(t, o)
	ns := mustCreate(t, l, "default")
	mustPublish(t, l, ns.ID, "cat.i1", "one", 0)
	ctx := within(t, time.Minute)
	find := func(name string) (store.Section, bool) {
		for _, s := range l.Sections() {
			if s.Name == name {
				return s, true
			}
		}
		return store.Section{}, false
	}
	for {
		if _, found := find("replicas"); found {
			break
		}
		select {
		case <-ctx.Done():
			t.Fatal("nothing was measured")
		case <-time.After(10 * time.Millisecond):
		}
	}
	servers, _ := find("servers")
	if len(servers.Rows) != 3 {
		t.Fatalf("servers %+v", servers)
	}
	for _, r := range servers.Rows {
		if r.Values[1].Text == "" || r.Values[4].Number == 0 || r.Values[6].Text != "always" || r.Values[0].Text != "up" {
			t.Errorf("server %+v", r)
		}
	}
	replicas, _ := find("replicas")
	if replicas.Namespace != "default" || len(replicas.Rows) != 4 || replicas.Rows[0].Values[3].Number != 1 {
		t.Errorf("replicas %+v", replicas)
	}
	if calls, found := find("calls"); !found || len(calls.Rows) != 5 {
		t.Errorf("calls %+v", calls)
	}
}

func TestTooFewServers(t *testing.T) {
	t.Parallel()
	c := jettest.Start(t, jettest.Options{Servers: 2})
	user, password := c.Account(t)
	u := c.URL()
	u.RawQuery = "replicas=3"
	l, err := jetlog.Open(within(t, 30*time.Second), u, jetlog.Options{User: user, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if err := l.Create(within(t, time.Minute), space("default")); err == nil || !strings.Contains(err.Error(), "has not got 3 servers") {
		t.Errorf("three replicas on two servers: %v", err)
	}
}
