package client

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/internal/barehttp"
	"github.com/evtui/evtui/server/wire"
)

// everyWay calls all that sends a request, each in its own way.
func everyWay(t *testing.T, c *Client) map[string]error {
	t.Helper()
	ctx, errs := t.Context(), map[string]error{}
	_, errs["call"] = c.Version(ctx, "a")
	_, errs["write"] = c.Write(ctx, "a", anEvent, AnyVersion())
	_, errs["page"] = c.ReadCategory(ctx, CategoryQuery{Limit: 10})
	_, errs["list"] = c.Categories(ctx)
	_, errs["export"] = c.Export(ctx, io.Discard, ExportQuery{})
	errs["ping"] = c.Ping(ctx)
	_, errs["version"] = c.ServerVersion(ctx)
	_, errs["profile"] = c.Profile(ctx, "heap", 0)
	_, errs["metrics"] = c.Metrics(ctx)
	_, errs["import"] = c.Import(ctx, strings.NewReader("{}\n"), false, nil)
	_, errs["subscribe"] = c.Subscribe(ctx, SubscribeQuery{Category: "a"})
	return errs
}

// TestNoRedirectIsFollowed: whatever the server answers, nothing is sent to
// where it points, and the error says where that is, without a token in it.
func TestNoRedirectIsFollowed(t *testing.T) {
	var strayed atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", other.URL+"/elsewhere?token=ns_secret")
			w.WriteHeader(status)
		}))
		for _, options := range [][]Option{nil, {WithTransport(barehttp.New)}} {
			c := mustNew(t, s.URL, append(options, WithToken("ns_secret"))...)
			for name, err := range everyWay(t, c) {
				e, ok := errors.AsType[*RedirectError](err)
				if !ok || e.Status != status || e.Location != other.URL+"/elsewhere" || e.From != s.URL || Unreachable(err) {
					t.Errorf("%d, %s: %v", status, name, err)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("%d, %s tells the token: %v", status, name, err)
				}
			}
			c.Close()
		}
		s.Close()
	}
	if n := strayed.Load(); n != 0 {
		t.Errorf("%d requests went to where the server pointed", n)
	}
}

func TestRedirectsOfAllKinds(t *testing.T) {
	for location, want := range map[string]string{
		"": "does not say where to", "http://%zz": "does not say where to", "/login": "/login,", "//other:1/x": "points to http://other:1/x,", "http://u:pw@other/": "points to http://other/,",
		"http://other/" + strings.Repeat("x", 10_000): "x…,",
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(http.StatusFound)
		}))
		if err := mustNew(t, s.URL).Ping(t.Context()); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 1000 {
			t.Errorf("%.40q: %v", location, err)
		}
		s.Close()
	}
}

// TestNoTokenWhereNoneIsNeeded: what a server tells everybody is asked for
// without one, everything else with it.
func TestNoTokenWhereNoneIsNeeded(t *testing.T) {
	sent := map[string]http.Header{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent[r.URL.Path] = r.Header
		io.WriteString(w, `{"version":"1"}`)
	}))
	defer s.Close()
	c := mustNew(t, s.URL, WithToken("ns_secret"), WithActor("ui")).In("shop")
	c.Ping(t.Context())
	c.ServerVersion(t.Context())
	c.Metrics(t.Context())
	for path, header := range sent {
		open := path == "/health" || path == "/version"
		for _, name := range []string{"Authorization", wire.NamespaceHeader} {
			if (header.Get(name) == "") != open {
				t.Errorf("%s: %s is %q", path, name, header.Get(name))
			}
		}
		if header.Get(wire.ActorHeader) != "ui" {
			t.Errorf("%s does not say who asks", path)
		}
	}
	if len(sent) != 3 {
		t.Errorf("asked for %v", sent)
	}
}
