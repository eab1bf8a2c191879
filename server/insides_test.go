package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// quietly makes a call as the terminal UI does, which leaves no trace.
func (h *host) quietly(body string, into any) {
	h.t.Helper()
	answer, text := h.request("POST", "/rpc", h.admin, body, wire.ActorHeader, "ui")
	if answer.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %s %s", body, answer.Status, text)
	}
	mustDecode(h.t, text, into)
}

func TestInsidesNeedTheAdminToken(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	for _, body := range []string{
		`["engine.figures"]`, `["engine.events"]`, `["engine.storage","tenant"]`, `["engine.flush","tenant"]`,
		`["engine.compact","tenant"]`, `["engine.reopen","tenant"]`, `["engine.checkpoint"]`, `["engine.subscriptions"]`, `["engine.groups"]`,
	} {
		h.refused(tenant, body, 403, "AUTH_UNAUTHORIZED")
		h.refused("", body, 401, "AUTH_REQUIRED")
	}
}

func TestEngineFiguresAndStorage(t *testing.T) {
	h := newHost(t)
	h.write("a-1", 20)
	h.expect(`["engine.flush","default"]`, `null`)
	var f store.EngineFigures
	h.quietly(`["engine.figures"]`, &f)
	if f.Known != 1 || f.MaxOpen == 0 || len(f.Namespaces) != 1 || f.Namespaces[0].ID != "default" || f.Namespaces[0].Messages != 20 ||
		f.Namespaces[0].Flushes == 0 || len(f.Namespaces[0].Levels) < 2 || f.Namespaces[0].Levels[0].Tables == 0 {
		t.Fatalf("got %+v", f)
	}
	h.expect(`["engine.compact","default"]`, `null`)
	h.quietly(`["engine.figures"]`, &f)
	if f.Namespaces[0].Levels[0].Tables != 0 {
		t.Errorf("after compacting, level 0 holds %+v", f.Namespaces[0].Levels[0])
	}
	var storage store.Storage
	h.quietly(`["engine.storage","default"]`, &storage)
	if storage.Messages != 20 || storage.Total == 0 || len(storage.Families) == 0 {
		t.Errorf("got %+v", storage)
	}
	for _, method := range []string{"engine.storage", "engine.flush", "engine.compact"} {
		h.refused(h.admin, `["`+method+`","nowhere"]`, 404, "NAMESPACE_NOT_FOUND")
		h.refused(h.admin, `["`+method+`"]`, 400, "INVALID_REQUEST")
		h.refused(h.admin, `["`+method+`","a/b"]`, 400, "INVALID_REQUEST")
	}
}

// TestEventsAreOneSequence: the engine's and the server's, in the order in which
// they happened, page by page.
func TestEventsAreOneSequence(t *testing.T) {
	h := newHost(t)
	h.write("a-1", 1)
	h.expect(`["engine.flush","default"]`, `null`)
	for _, path := range []string{"heap", "profile?seconds=1"} {
		if answer, text := h.request("GET", "/debug/pprof/"+path, h.admin, ""); answer.StatusCode != 200 {
			t.Fatal(text)
		}
	}
	h.request("GET", "/debug/pprof/heap", h.admin, "", wire.ActorHeader, "ui")
	h.request("GET", "/debug/pprof/goroutine", h.admin, "") // costs little: no event
	h.write("a-1", 1)
	h.expect(`["engine.flush","default"]`, `null`)

	var kinds []string
	var last store.EngineEvent
	for {
		var page []store.EngineEvent
		h.quietly(`["engine.events",{"after":`+number(int64(last.Seq))+`,"limit":1}]`, &page)
		if len(page) == 0 {
			break
		}
		if len(page) != 1 || page[0].Seq != last.Seq+1 || page[0].Time.Before(last.Time) {
			t.Fatalf("after %+v comes %+v", last, page)
		}
		last = page[0]
		kind := last.Kind
		if kind == store.EventCompact {
			continue // the engine does that when it likes
		}
		if kind == wire.EventProfile {
			reason, who, _ := strings.Cut(last.Reason, ",")
			kind += " " + reason
			if strings.Contains(who, "terminal UI") {
				kind += " UI"
			} else if !strings.Contains(who, "127.0.0.1") {
				t.Errorf("the event does not tell who: %+v", last)
			}
			if reason == "CPU" && last.Duration < time.Second {
				t.Errorf("a second's profile took %v", last.Duration)
			}
		}
		kinds = append(kinds, kind)
	}
	const want = "opened|created|new type|flush|profile heap|profile CPU|profile heap UI|new transition|flush"
	if got := strings.Join(kinds, "|"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, wrong := range []string{`{"after":-1}`, `{"limit":0}`, `{"limit":10001}`} {
		h.refused(h.admin, `["engine.events",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
}

// noEngine is a store that shows nothing of its insides.
type noEngine struct{ store.Store }

// halfEngine offers figures only; its compaction goes on until it is told to
// end.
type halfEngine struct {
	store.Store
	compacting chan error // what ended it
}

func (*halfEngine) EngineFigures() store.EngineFigures { return store.EngineFigures{Known: 7} }

func (*halfEngine) EngineEvents(uint64) []store.EngineEvent { return nil }

func (*halfEngine) Storage(context.Context, string) (store.Storage, error) {
	return store.Storage{}, store.ErrNotOffered
}

func (*halfEngine) Flush(context.Context, string) error { return store.ErrNotOffered }

func (e *halfEngine) Compact(ctx context.Context, _ string) error {
	e.compacting <- nil
	<-ctx.Done()
	e.compacting <- ctx.Err()
	return ctx.Err()
}

func TestWhatAnEngineDoesNotOffer(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Store = noEngine{c.Store} })
	for _, body := range []string{`["engine.figures"]`, `["engine.storage","default"]`, `["engine.flush","default"]`, `["engine.compact","default"]`} {
		if e := h.refused(h.admin, body, 404, "METHOD_NOT_FOUND"); !strings.Contains(e.Message, "not offered by this engine") {
			t.Errorf("%s: %s", body, e.Message)
		}
	}
	h.expect(`["engine.events"]`, `[]`)
	h.request("GET", "/debug/pprof/heap", h.admin, "")
	var events []store.EngineEvent
	h.quietly(`["engine.events"]`, &events)
	if len(events) != 1 || events[0].Kind != wire.EventProfile {
		t.Errorf("the server's own events are %+v", events)
	}
	if s := h.sample(); s.Engine != nil {
		t.Errorf("the sample has figures of %+v", s.Engine)
	}
	h = newHost(t, func(c *server.Config) { c.Store = &halfEngine{Store: c.Store} })
	for _, body := range []string{`["engine.storage","default"]`, `["engine.flush","default"]`} {
		h.refused(h.admin, body, 404, "METHOD_NOT_FOUND")
	}
	var f store.EngineFigures
	if h.quietly(`["engine.figures"]`, &f); f.Known != 7 {
		t.Errorf("got %+v", f)
	}
}

// TestCompactionEndsWithTheServer: it is told that the server stops.
func TestCompactionEndsWithTheServer(t *testing.T) {
	engine := &halfEngine{Store: storetest.NewModel(), compacting: make(chan error)}
	s := servertest.New(t, server.Config{Store: engine})
	h := &host{t: t, url: s.Listen(), admin: s.Token}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.refused(s.Token, `["engine.compact","default"]`, 503, "SHUTTING_DOWN")
	}()
	<-engine.compacting
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(t.Context()) }()
	if err := <-engine.compacting; err != context.Canceled {
		t.Errorf("the compaction ended with %v", err)
	}
	<-done
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestCompactionEndsWithItsClient(t *testing.T) {
	engine := &halfEngine{compacting: make(chan error)}
	h := newHost(t, func(c *server.Config) {
		engine.Store = c.Store
		c.Store = engine
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", h.url+"/rpc", strings.NewReader(`["engine.compact","default"]`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	done := make(chan error, 1)
	go func() {
		answer, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = answer.Body.Close()
		}
		done <- err
	}()
	<-engine.compacting
	cancel()
	if err := <-done; err == nil {
		t.Error("the call was answered after its client went")
	}
	if err := <-engine.compacting; err != context.Canceled {
		t.Errorf("the compaction ended with %v", err)
	}
}

func TestSamplesNameTheBusiest(t *testing.T) {
	h := newHost(t)
	h.namespace("tenant")
	in := func(namespace, body string) {
		t.Helper()
		if answer, text := h.request("POST", "/rpc", h.admin, body, wire.NamespaceHeader, namespace); answer.StatusCode != 200 {
			t.Fatal(text)
		}
	}
	h.write("account-1", 6)
	in("tenant", `["stream.append","order-1",[{"type":"T","data":{}},{"type":"T","data":{}}]]`)
	in("tenant", `["category.get","order"]`)
	in("tenant", `["category.get",""]`)
	h.expect(`["engine.flush","default"]`, `null`)
	sums := map[string][2]float64{}
	h.eventually("all of it is in the samples", func() bool {
		clear(sums)
		var history []wire.Sample
		h.quietly(`["engine.history"]`, &history)
		for i := 1; i < len(history); i++ {
			s, span := history[i], history[i].Time.Sub(history[i-1].Time).Seconds()
			add := func(name string, appends, reads float64) {
				sum := sums[name]
				sums[name] = [2]float64{sum[0] + appends*span, sum[1] + reads*span}
			}
			add("all", s.Appends, s.Reads)
			for _, n := range s.Namespaces {
				add(n.Namespace, n.Appends, n.Reads)
			}
			for _, c := range s.Categories {
				add(c.Namespace+"/"+c.Category, c.Appends, c.Reads)
			}
		}
		return sums["all"][1] > 3.9
	})
	for name, want := range map[string][2]float64{
		"all": {8, 4}, "default": {6, 0}, "tenant": {2, 4}, "default/account": {6, 0}, "tenant/order": {2, 2}, "tenant/": {0, 0},
	} {
		got := sums[name]
		if d := got[0] - want[0]; d > 0.1 || d < -0.1 {
			t.Errorf("%s: %.2f appends, want %.0f", name, got[0], want[0])
		}
		if d := got[1] - want[1]; d > 0.1 || d < -0.1 {
			t.Errorf("%s: %.2f reads, want %.0f", name, got[1], want[1])
		}
	}
	e := h.sample().Engine
	if e == nil || e.Open != 2 || e.Known != 2 || e.MaxOpen < 2 || e.DiskBytes == 0 || e.WALBytes == 0 || e.SublevelsStop == 0 ||
		e.MemtablesStop == 0 || e.Sublevels != 1 || e.SublevelsIn != "default" || e.Stalled != 0 || e.Poisoned != 0 || e.CacheHits > e.CacheLookups {
		t.Errorf("got %+v", e)
	}
}

// stalling is an engine whose events a test makes.
type stalling struct {
	halfEngine
	events chan store.EngineEvent
	all    []store.EngineEvent // the journal asks under its lock
}

func (s *stalling) EngineEvents(after uint64) []store.EngineEvent {
	for {
		select {
		case e := <-s.events:
			e.Seq = uint64(len(s.all) + 1)
			s.all = append(s.all, e)
		default:
			return s.all[after:]
		}
	}
}

func TestStallsAreCounted(t *testing.T) {
	engine := &stalling{events: make(chan store.EngineEvent, 10)}
	h := newHost(t, func(c *server.Config) {
		engine.Store = c.Store
		c.Store = engine
	})
	stalled := func(want int) {
		t.Helper()
		h.eventually("the sample tells of the stalls", func() bool { return h.sample().Engine.Stalled == want })
	}
	for _, namespace := range []string{"a", "b", "a"} {
		engine.events <- store.EngineEvent{Namespace: namespace, Kind: store.EventStall}
	}
	stalled(2)
	engine.events <- store.EngineEvent{Namespace: "a", Kind: store.EventStallEnd}
	stalled(1)
	engine.events <- store.EngineEvent{Namespace: "b", Kind: store.EventClosed}
	stalled(0)
}

// TestSampleCountsUIs: the sample of a second says how many terminal UIs there
// are, whoever else asks, and a UI that may not ask is none.
func TestSampleCountsUIs(t *testing.T) {
	h := newHost(t)
	sample := func(actor string) (s wire.Sample) {
		answer, text := h.request("POST", "/rpc", h.admin, `["engine.sample"]`, wire.ActorHeader, actor)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", answer.Status, text)
		}
		mustDecode(t, text, &s)
		return s
	}
	h.request("POST", "/rpc", "ns_ZGVmYXVsdA_wrong", `["engine.sample"]`, wire.ActorHeader, "ui stranger")
	sample("ui one")
	sample("ui two")
	sample("servers")
	deadline := time.Now().Add(20 * time.Second)
	for sample("servers").UIs != 2 {
		if time.Now().After(deadline) {
			t.Fatalf("a sample tells %d UIs", sample("servers").UIs)
		}
		sample("ui one")
		sample("ui two")
	}
}
