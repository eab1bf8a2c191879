package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// scanHosts are clients of one server: one that is let scan, one whose server
// says that it has no scans, and one whose server has none of evtui's additions.
type scanHosts struct {
	there, here, plain *client.Client
	token              string
}

func newScanHosts(t *testing.T) scanHosts {
	t.Helper()
	st, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := server.EnsureDefault(t.Context(), st, "", "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Config{Store: st, Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	})
	connect := func(h http.Handler) *client.Client {
		front := httptest.NewServer(h)
		t.Cleanup(front.Close)
		return mustClient(t, front.URL, client.WithToken(token))
	}
	return scanHosts{token: token, there: connect(s.Handler()), here: connect(noScans(s.Handler())), plain: connect(peer.Handler(s.Handler(), peer.Options{}))}
}

// noScans is a server from before there were scans.
func noScans(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if bytes.HasPrefix(body, []byte(`["category.scan"`)) || bytes.HasPrefix(body, []byte(`["stream.scan"`)) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error":{"code":"METHOD_NOT_FOUND","message":"there is no such method"}}`)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		inner.ServeHTTP(w, r)
	})
}

// randomLine is a filter of up to depth conditions inside each other.
func randomLine(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(3) == 0 {
		return []string{
			"T1", "type~T*", "type!=T2", "stream~a", "category=b", "stream=a-1", "pos<5", "pos>=3", "gpos>50", "time>-5m", "time<00:00 or time>2001-01-01", "data.n>50", "data.n<=10", "data.n=7", "data.x~\"é\"",
			"data.list[*]>8", "data.list[0]=1", "data.absent", "data.absent!=1", "data.o.k=v", "/x+y/", "/X+Y/i", `"n":3`, "metadata~order", "metadata.correlationStreamName=order-1", "data.n", `"two words"`,
		}[r.IntN(27)]
	}
	a, b := randomLine(r, depth-1), randomLine(r, depth-1)
	switch r.IntN(4) {
	case 0:
		return "not (" + a + ")"
	case 1:
		return "(" + a + ") or (" + b + ")"
	}
	return "(" + a + ") (" + b + ")"
}

// TestScansAreTheSame: whether the server or the client filters, a scan finds
// what reading everything and filtering finds.
func TestScansAreTheSame(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	hosts := newScanHosts(t)
	ctx := t.Context()
	for range 60 {
		w := client.Write{Stream: fmt.Sprintf("%c-%d", 'a'+rune(r.IntN(3)), r.IntN(6))}
		for range 1 + r.IntN(12) {
			e := client.Event{Type: fmt.Sprintf("T%d", r.IntN(4))}
			e.Data = fmt.Appendf(nil, `{"n":%d,"x":"é %s","list":[%d,%d],"o":{"k":"v"},"pad":%q}`, r.IntN(100), []string{"two words", "xxy", "q"}[r.IntN(3)], r.IntN(3), r.IntN(12), strings.Repeat("p", r.IntN(3000)))
			if r.IntN(2) == 0 {
				e.Metadata = fmt.Appendf(nil, `{"correlationStreamName":"order-%d"}`, r.IntN(3))
			}
			w.Events = append(w.Events, e)
		}
		if _, err := hosts.there.Append(ctx, w); err != nil {
			t.Fatal(err)
		}
	}
	for range 150 {
		q := client.ScanQuery{Filter: randomLine(r, 3), Backward: r.IntN(2) == 0}
		switch r.IntN(4) {
		case 0:
			q.Stream = fmt.Sprintf("a-%d", r.IntN(6))
		case 1:
			q.Categories = []string{"a"}
		case 2:
			q.Categories = []string{"a", "c", "none"}
		}
		if q.Stream == "" && r.IntN(3) == 0 {
			q.Group = client.Group{Member: r.IntN(3), Size: 3}
		}
		if r.IntN(3) == 0 {
			q.Limit = 1 + r.IntN(20)
		}
		if from := int64(r.IntN(200)); q.Backward {
			q.Before = from // 0: none
		} else {
			q.From = from
		}
		if q.Stream != "" {
			q.From, q.Before = q.From%10, q.Before%10
		}
		want := oracle(t, hosts.there, q)
		q.MaxMessages, q.MaxBytes = 1+int64(r.IntN(100)), 1+int64(r.IntN(100_000))
		for name, c := range map[string]*client.Client{"there": hosts.there, "here": hosts.here, "plain": hosts.plain} {
			if name == "plain" && q.Backward {
				continue // it cannot
			}
			var cost client.ScanCost
			q.Progress = func(c client.ScanCost) { cost = c }
			got, err := positions(c.Scan(ctx, q))
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %+v: %v, %v; want %v", name, q, got, err, want)
			}
			if cost.Messages > 0 && cost.Here != (name != "there") || cost.Messages < int64(len(got)) {
				t.Errorf("%s: %+v: found %d at the cost of %+v", name, q, len(got), cost)
			}
		}
	}
	if hosts.there.FiltersHere() || !hosts.here.FiltersHere() || !hosts.plain.FiltersHere() {
		t.Error("the clients do not know who filters")
	}
}

// oracle finds by reading everything.
func oracle(t *testing.T, c *client.Client, q client.ScanQuery) []int64 {
	t.Helper()
	f, err := filter.Parse(q.Filter, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var found []int64
	for m, err := range c.Category(t.Context(), client.CategoryQuery{Backward: q.Backward}) {
		if err != nil {
			t.Fatal(err)
		}
		at := m.GlobalPosition
		if q.Stream != "" {
			at = m.Position
		}
		switch {
		case q.Stream != "" && m.Stream != q.Stream, len(q.Categories) > 0 && !slices.Contains(q.Categories, store.Category(m.Stream)):
		case at < q.From, q.Before > 0 && at >= q.Before, !q.Group.Owns(m.Stream), q.Limit > 0 && len(found) >= q.Limit:
		case f.Keeps(&m):
			found = append(found, m.GlobalPosition)
		}
	}
	return found
}

func TestScanPage(t *testing.T) {
	hosts := newScanHosts(t)
	ctx := t.Context()
	for i := range 30 {
		if _, err := hosts.there.Write(ctx, fmt.Sprintf("a-%d", i%3), event(fmt.Sprintf("T%d", i%2), fmt.Sprintf(`{"n":%d}`, i), ""), client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]*client.Client{"there": hosts.there, "here": hosts.here} {
		p, err := c.ScanPage(ctx, client.ScanQuery{Filter: "type=T1", Ordinals: true, MaxMessages: 7, Group: client.Group{Size: 1}})
		if err != nil || len(p.Messages) != 3 || !slices.Equal(p.Ordinals, []int64{1, 3, 5}) || p.Read.Messages != 7 || p.Next != 8 || p.Complete {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		q := client.ScanQuery{Stream: "a-1", Filter: "data.n>=16", Backward: true, Limit: 2}
		p, err = c.ScanPage(ctx, q)
		if err != nil || len(p.Messages) != 2 || p.Messages[0].Position != 9 || p.Messages[1].Position != 8 || p.Next != 8 || p.Complete || p.Messages[0].Stream != "a-1" {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		if p, err = c.ScanPage(ctx, q.After(p)); err != nil || len(p.Messages) != 2 {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		for range 10 {
			if p.Complete {
				break
			}
			if p, err = c.ScanPage(ctx, q.After(p)); err != nil {
				t.Fatal(err)
			}
		}
		if !p.Complete {
			t.Errorf("%s: it does not end", name)
		}
		// The server's clock and zone are others: what the filter says is here and now.
		if p, err = c.ScanPage(ctx, client.ScanQuery{Filter: "time>-1h time<2999-01-01"}); err != nil || len(p.Messages) != 30 || !p.Complete {
			t.Errorf("%s: %d messages, %v", name, len(p.Messages), err)
		}
		_, err = c.ScanPage(ctx, client.ScanQuery{Filter: "type="})
		if wrong, ok := errors.AsType[*filter.Error](err); !ok || wrong.Column() != 6 {
			t.Errorf("%s: a wrong filter: %v", name, err)
		}
		for _, wrong := range []client.ScanQuery{
			{Stream: "a-1", Categories: []string{"a"}}, {From: 1, Backward: true}, {Before: 1}, {From: -1}, {GlobalPosition: 1}, {MaxBytes: -1}, {Stream: "a-1", Group: client.Group{Size: 2}},
		} {
			if _, err := c.ScanPage(ctx, wrong); err == nil {
				t.Errorf("%s: %+v is taken", name, wrong)
			}
		}
	}
	if _, err := hosts.plain.ScanPage(ctx, client.ScanQuery{Backward: true}); !client.NotOffered(err) {
		t.Errorf("backward on a server that cannot: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := hosts.there.ScanPage(ended, client.ScanQuery{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a scan that nobody wants: %v", err)
	}
}

// TestScanManyDuringWrites: what is written behind one category's back while
// another is looked through is not passed over, whether the server tells its head or not.
func TestScanManyDuringWrites(t *testing.T) {
	hosts := newScanHosts(t)
	t.Run("there", func(t *testing.T) { scanManyDuringWrites(t, hosts, hosts.there.URL(), `["category.scan","b"`) })
	hosts = newScanHosts(t)
	t.Run("plain", func(t *testing.T) { scanManyDuringWrites(t, hosts, hosts.plain.URL(), `["category.get","b"`) })
}

// scanManyDuringWrites writes to a and then to b right before b is read at url, which is
// after a: with the call that begins so.
func scanManyDuringWrites(t *testing.T, hosts scanHosts, url, call string) {
	ctx := t.Context()
	write := func(stream string) {
		if _, err := hosts.there.Write(ctx, stream, client.Event{Type: "T"}, client.AnyVersion()); err != nil {
			t.Error(err)
		}
	}
	write("a-1")
	write("b-1")
	var once atomic.Bool
	c := mustClient(t, url, client.WithToken(hosts.token), client.WithTransport(func(inner *http.Transport) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if bytes.HasPrefix(body, []byte(call)) && once.CompareAndSwap(false, true) {
				write("a-2")
				write("b-2")
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			return inner.RoundTrip(r)
		})
	}))
	var got []int64
	q := client.ScanQuery{Categories: []string{"a", "b"}}
	for range 3 {
		p, err := c.ScanPage(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range p.Messages {
			got = append(got, m.GlobalPosition)
		}
		q = q.After(p)
	}
	if !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("got %v", got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
