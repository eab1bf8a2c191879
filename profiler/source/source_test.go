package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/profiler"
)

// openOne opens profiles as one.
func openOne(ctx context.Context, r Reader, names ...string) (*profiler.Profile, error) {
	opened, err := r.Open(ctx, names)
	if err != nil {
		return nil, err
	}
	return opened[0], nil
}

// program is a Go program that serves its profiles, and remembers who asked.
func program(t *testing.T) (url string, asked func() []*http.Request) {
	t.Helper()
	var (
		mu   sync.Mutex
		seen []*http.Request
	)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r)
		mu.Unlock()
		switch r.URL.Path {
		case "/debug/pprof/profile":
			pprof.Profile(w, r)
		case "/elsewhere":
			http.Redirect(w, r, "http://other.example/debug/pprof/heap?token=secret", http.StatusFound)
		case "/locked":
			http.Error(w, "who are you?", http.StatusUnauthorized)
		case "/endless":
			w.WriteHeader(http.StatusOK)
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		case "/silent":
			<-r.Context().Done()
		default:
			if !strings.HasPrefix(r.URL.Path, "/debug/pprof/") {
				http.NotFound(w, r)
				return
			}
			pprof.Index(w, r)
		}
	}))
	t.Cleanup(web.Close)
	return web.URL, func() []*http.Request {
		mu.Lock()
		defer mu.Unlock()
		return seen
	}
}

func kept(name string) string { return filepath.Join("..", "testdata", name+".pb.gz") }

func TestOpenFromEverywhere(t *testing.T) {
	url, _ := program(t)
	data, err := os.ReadFile(kept("shop-heap-1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		names []string
		value string
	}{
		{[]string{kept("shop-heap-1")}, "inuse_space"},
		{[]string{Stdin}, "inuse_space"},
		{[]string{url + "/debug/pprof/heap"}, "inuse_space"},
		{[]string{url + "/debug/pprof/goroutine"}, "goroutine"},
		{[]string{kept("shop-heap-1"), Stdin, url + "/debug/pprof/heap"}, "inuse_space"},
	} {
		p, err := openOne(t.Context(), Reader{Stdin: bytes.NewReader(data)}, c.names...)
		if err != nil || p.Default().Type != c.value {
			t.Errorf("%q: %v", c.names, err)
		}
	}
	// More than are merged at once: the sum of all.
	many := make([]string, 2*mergeAtOnce+3)
	for i := range many {
		many[i] = kept("shop-cpu-1")
	}
	p, err := openOne(t.Context(), Reader{}, many...)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := totalOf(t, p), int64(len(many))*totalOf(t, mustOpen(t, many[0])); got != want {
		t.Errorf("%d of many, want %d", got, want)
	}
}

func mustOpen(t *testing.T, name string) *profiler.Profile {
	t.Helper()
	p, err := openOne(t.Context(), Reader{}, name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func totalOf(t *testing.T, p *profiler.Profile) int64 {
	t.Helper()
	v, err := p.View(profiler.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v.Total()
}

func TestOpenRefuses(t *testing.T) {
	url, asked := program(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, c := range []struct {
		names []string
		web   Web
		is    error
		says  string
	}{
		{nil, Web{}, nil, "which one"},
		{[]string{Stdin, Stdin}, Web{}, nil, "give - once"},
		{[]string{filepath.Join(t.TempDir(), "none")}, Web{}, os.ErrNotExist, ""},
		{[]string{url + "/debug/pprof/goroutine?debug=1"}, Web{}, profiler.ErrFormat, "the text of a goroutine profile"},
		{[]string{url + "/debug/pprof/nothing"}, Web{}, ErrNotThere, "404: Unknown profile"},
		{[]string{url + "/nowhere"}, Web{}, ErrNotThere, "404"},
		{[]string{url + "/locked"}, Web{}, nil, "needs a token or a password (401: who are you?)"},
		{[]string{url + "/elsewhere"}, Web{}, nil, "redirects (302) to http://other.example/debug/pprof/heap, which is not followed"},
		{[]string{url + "/endless"}, Web{}, profiler.ErrTooLarge, ""},
		{[]string{url + "/silent"}, Web{Patience: 50 * time.Millisecond}, ErrUnreachable, "no whole answer after 50ms"},
		{[]string{gone.URL}, Web{}, ErrUnreachable, ""},
		{[]string{"localhost:6060"}, Web{}, os.ErrNotExist, "for a program's profiles: http://localhost:6060"},
		{[]string{"http:///heap"}, Web{}, nil, "no host"},
		{[]string{url + "/debug/pprof/heap", kept("shop-cpu-1")}, Web{}, profiler.ErrIncompatible, "inuse_space in bytes"},
		{[]string{kept("shop-cpu-1")}, Web{Token: "t"}, nil, "no address to send it to"},
		{[]string{url + "/debug/pprof/heap", "http://other.example/heap"}, Web{Token: "t"}, nil, "the token would go to"},
	} {
		_, err := Reader{Web: c.web, Limits: profiler.Limits{Input: 1 << 20, Size: 2 << 20}}.Open(t.Context(), c.names)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want one that says %q", c.names, err, c.says)
		}
	}
	for _, r := range asked() {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("a token went out to %s", r.URL)
		}
	}
}

// TestTokenGoesWhereItBelongs sends it to the address that it was given for.
func TestTokenGoesWhereItBelongs(t *testing.T) {
	url, asked := program(t)
	if _, err := (Reader{Web: Web{Token: "mine"}}).Open(t.Context(), []string{url + "/debug/pprof/heap", url + "/debug/pprof/heap"}); err != nil {
		t.Fatal(err)
	}
	if got := asked(); len(got) != 2 || got[0].Header.Get("Authorization") != "Bearer mine" {
		t.Errorf("%d requests, the first with %q", len(got), got[0].Header.Get("Authorization"))
	}
}

// TestContextEndsReading waits for input that never comes.
func TestContextEndsReading(t *testing.T) {
	url, _ := program(t)
	never, writer := io.Pipe()
	defer writer.Close()
	for _, name := range []string{Stdin, url + "/silent", url + "/debug/pprof/profile?seconds=100"} {
		cause := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		read := Reader{Stdin: readerFunc(func(b []byte) (int, error) {
			cancel(cause)
			return never.Read(b)
		}), Web: Web{Began: func(string, time.Duration) { cancel(cause) }}}
		if _, err := read.Open(ctx, []string{name}); !errors.Is(err, cause) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		name    string
		seconds int
		want    string
		takes   time.Duration
	}{
		{"http://app:6060", 0, "http://app:6060/debug/pprof/profile", 30 * time.Second},
		{"http://app:6060/debug/pprof/", 5, "http://app:6060/debug/pprof/profile?seconds=5", 5 * time.Second},
		{"https://app/x/debug/pprof", 0, "https://app/x/debug/pprof/profile", 30 * time.Second},
		{"http://app/debug/pprof/heap?gc=1", 0, "http://app/debug/pprof/heap?gc=1", 0},
		{"http://app/debug/pprof/mutex?seconds=2#x", 0, "http://app/debug/pprof/mutex?seconds=2", 2 * time.Second},
		{"http://app/debug/pprof/profile?seconds=2", 7, "http://app/debug/pprof/profile?seconds=7", 7 * time.Second},
	} {
		u, takes, err := Web{Seconds: c.seconds}.Address(c.name)
		if err != nil || u.String() != c.want || takes != c.takes {
			t.Errorf("%s: %v for %v, error %v", c.name, u, takes, err)
		}
	}
	if _, _, err := (Web{}).Address("http://app/debug/pprof/profile?seconds=99999"); err == nil {
		t.Error("a day of CPU is fetched")
	}
}

func TestOffers(t *testing.T) {
	url, _ := program(t)
	for _, base := range []string{url, url + "/", url + "/debug/pprof", url + "/debug/pprof/heap?debug=1", strings.TrimPrefix(url, "http://")} {
		offers, err := Web{}.Offers(t.Context(), base)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range profiler.Kinds() {
			if !offers.Has(kind) {
				t.Errorf("%s: no %s among %v", base, kind, offers)
			}
		}
		if n, _ := offers.Count(profiler.Goroutine); n < 2 {
			t.Errorf("%d goroutines", n)
		}
	}
	if _, err := (Web{}).Offers(t.Context(), url+"/nowhere"); !errors.Is(err, ErrNotThere) {
		t.Errorf("error %v", err)
	}
}
