package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
)

// answers counts the bytes that a client takes of each answer.
type answers struct {
	mu             sync.Mutex
	largest, total int64 // guarded by mu
}

func (a *answers) wrap(inner *http.Transport) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := inner.RoundTrip(r)
		if err == nil {
			answer.Body = &countedBody{ReadCloser: answer.Body, of: a}
		}
		return answer, err
	})
}

func (a *answers) reset() (largest, total int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	largest, total = a.largest, a.total
	a.largest, a.total = 0, 0
	return largest, total
}

type countedBody struct {
	io.ReadCloser
	of   *answers
	took int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.took += int64(n)
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	b.of.largest = max(b.of.largest, b.took)
	b.of.total += int64(n)
	return n, err
}

// count goes through what an iterator yields.
func count(list iter.Seq2[client.Message, error]) (n int, err error) {
	for _, err := range list {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// TestPagesAreBoundedByBytes goes through small messages, then many of a
// megabyte, then small ones, by each way that reads page by page: none takes
// more than a few megabytes at once, nor most of it twice.
func TestPagesAreBoundedByBytes(t *testing.T) {
	hosts := newScanHosts(t)
	ctx := t.Context()
	large := fmt.Appendf(nil, `{"pad":%q}`, strings.Repeat("x", 1<<20-100))
	const small, heavy, size = 600, 24, 2*600 + 24
	for _, n := range []int{small, heavy, small} {
		w := client.Write{Stream: "doc-1"}
		for range n {
			e := client.Event{Type: "T"}
			if n == heavy {
				e.Data = large
			}
			if w.Events = append(w.Events, e); n == heavy && len(w.Events) == 8 {
				if _, err := hosts.there.Append(ctx, w); err != nil {
					t.Fatal(err)
				}
				w.Events = nil
			}
		}
		if len(w.Events) > 0 {
			if _, err := hosts.there.Append(ctx, w); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, like := range map[string]*client.Client{"there": hosts.there, "here": hosts.here, "plain": hosts.plain} {
		var seen answers
		c := mustClient(t, like.URL(), client.WithToken(hosts.token), client.WithTransport(seen.wrap))
		ways := map[string]func() (int, error){
			"category":         func() (int, error) { return count(c.Category(ctx, client.CategoryQuery{Category: "doc"})) },
			"stream":           func() (int, error) { return count(c.Stream(ctx, client.StreamQuery{Stream: "doc-1"})) },
			"scan":             func() (int, error) { return count(c.Scan(ctx, client.ScanQuery{Filter: "T"})) },
			"scan of a stream": func() (int, error) { return count(c.Scan(ctx, client.ScanQuery{Stream: "doc-1", Filter: "T"})) },
			"scan of two":      func() (int, error) { return count(c.Scan(ctx, client.ScanQuery{Categories: []string{"doc", "x"}})) },
			"export":           func() (int, error) { n, err := c.Export(ctx, io.Discard, client.ExportQuery{}); return int(n), err },
			"export, filtered": func() (int, error) {
				n, err := c.Export(ctx, io.Discard, client.ExportQuery{Filter: "T"})
				return int(n), err
			},
			"replay": func() (int, error) { return replayed(ctx, c, size) },
		}
		if name != "plain" {
			ways["category backward"] = func() (int, error) {
				return count(c.Category(ctx, client.CategoryQuery{Category: "doc", Backward: true}))
			}
		}
		for way, run := range ways {
			seen.reset()
			if n, err := run(); n != size || err != nil {
				t.Errorf("%s, %s: %d of %d messages, %v", name, way, n, size, err)
			}
			seen.bounded(t, name+", "+way, heavy<<20)
		}
	}
	// It writes, too.
	var seen answers
	c := mustClient(t, hosts.there.URL(), client.WithToken(hosts.token), client.WithTransport(seen.wrap))
	if n, err := consumed(ctx, c, size); n != size || err != nil {
		t.Errorf("consumer: %d of %d messages, %v", n, size, err)
	}
	seen.bounded(t, "consumer", heavy<<20)
}

// bounded fails the test if an answer was large, or all of them were much more
// than there is to read.
func (a *answers) bounded(t *testing.T, what string, all int64) {
	t.Helper()
	if largest, total := a.reset(); largest > 13<<20 || total > 2*all {
		t.Errorf("%s: %d bytes at once, %d in all", what, largest, total)
	}
}

// replayed counts what a subscription to the whole namespace announces.
func replayed(ctx context.Context, c *client.Client, n int) (int, error) {
	sub, err := c.Subscribe(ctx, client.SubscribeQuery{})
	if err != nil {
		return 0, err
	}
	defer func() { _ = sub.Close() }() // always nil
	news, got := make([]client.Announcement, 100), 0
	for got < n {
		k, err := sub.Next(ctx, news)
		if err != nil {
			return got, err
		}
		got += k
	}
	return got, nil
}

// consumed counts what a consumer is given.
func consumed(ctx context.Context, c *client.Client, n int) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	got := 0
	one, err := consumer.New(consumer.Config{Client: c, Category: "doc", Name: "counter", Page: 1000, Handle: func(context.Context, client.Message) error {
		if got++; got == n {
			cancel()
		}
		return nil
	}})
	if err != nil {
		return 0, err
	}
	if err := one.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return got, err
	}
	return got, nil
}
