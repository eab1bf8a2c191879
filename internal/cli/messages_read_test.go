package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// TestPagesAreBoundedByBytes reads small messages, then many of a megabyte,
// then small ones: all of them, in order, and no page above its bounds.
func TestPagesAreBoundedByBytes(t *testing.T) {
	h := mustHost(t, host.Config{Dir: host.Place(t.TempDir()), Listen: "127.0.0.1:0"})
	s, err := (&target.Target{}).Attach(t.Context(), h.URL(), h.Token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	small, large := `{"n":1}`, fmt.Sprintf(`{"pad":%q}`, strings.Repeat("x", 1<<20-100))
	write := func(data string, n, batch int) {
		for i := 0; i < n; i += batch {
			w := client.Write{Stream: "doc-1"}
			for range batch {
				w.Events = append(w.Events, client.Event{Type: "T", Data: []byte(data)})
			}
			if _, err := s.Append(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(small, 5000, 1000)
	write(large, 60, 6)
	write(small, 2000, 1000)
	const all = 7060
	for _, r := range []messageReader{{stream: "doc-1"}, {categories: []string{"doc"}}, {categories: []string{"doc", "none"}}, {}} {
		for _, backward := range []bool{false, true} {
			if r.client, err = s.Reader(maxPage); err != nil {
				t.Fatal(err)
			}
			defer r.client.Close()
			at, more := cursor{position: unbounded(backward)}, true
			seen, pages := int64(0), 0
			for ; more; pages++ {
				var page []store.Message
				if page, more, err = r.page(t.Context(), at, readPage, backward); err != nil {
					t.Fatal(err)
				}
				bytes := 0
				for i := range page {
					bytes += len(page[i].Data)
					want := seen + 1
					if backward {
						want = all - seen
					}
					if page[i].GlobalPosition != want {
						t.Fatalf("message %d where %d should be", page[i].GlobalPosition, want)
					}
					seen++
				}
				if bytes > maxPage {
					t.Fatalf("a page of %d bytes", bytes)
				}
				if len(page) > 0 {
					at = r.after(&page[len(page)-1], backward)
				}
				more = more && !at.done
			}
			if seen != all || pages > 60 {
				t.Errorf("%d of %d messages in %d pages", seen, all, pages)
			}
		}
	}
}

// TestPagesOfCategoriesDuringWrites: what is written to one category while another is read
// is not passed over, though what came to the other after it was read already.
func TestPagesOfCategoriesDuringWrites(t *testing.T) {
	h := mustHost(t, host.Config{Dir: host.Place(t.TempDir()), Listen: "127.0.0.1:0"})
	direct, err := client.New(h.URL(), client.WithToken(h.Token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.Close)
	both := func() {
		for _, stream := range []string{"a-1", "b-1"} {
			if _, err := direct.Write(t.Context(), stream, client.Event{Type: "T"}, client.AnyVersion()); err != nil {
				t.Error(err)
			}
		}
	}
	both()
	writes := 0
	c, err := client.New(h.URL(), client.WithToken(h.Token), client.WithTransport(func(inner *http.Transport) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if regexp.MustCompile(`^\["category\.\w+","b"`).Match(body) && writes < 3 { // a was read
				writes++
				both()
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			return inner.RoundTrip(r)
		})
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	r, at := messageReader{client: c, categories: []string{"a", "b"}}, cursor{}
	for want := int64(1); want <= 8; {
		page, _, err := r.page(t.Context(), at, readPage, false)
		if err != nil || len(page) == 0 {
			t.Fatalf("nothing from %d on: %v", want, err)
		}
		for i := range page {
			if page[i].GlobalPosition != want {
				t.Fatalf("message %d where %d should be", page[i].GlobalPosition, want)
			}
			want++
		}
		at = r.after(&page[len(page)-1], false)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
