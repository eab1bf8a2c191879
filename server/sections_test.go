package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// guestStore is a store that others write to, with sections instead of figures.
type guestStore struct {
	store.Store
	mu      sync.Mutex
	written []store.Witnessed
}

func (g *guestStore) Describe() store.Description {
	d := g.Store.Describe()
	d.Clocks = true
	return d
}

func (g *guestStore) Sections() []store.Section {
	one := func(unit store.Unit, n float64) []store.SectionValue {
		return []store.SectionValue{{Unit: unit, Number: n, Verdict: store.VerdictWarn}}
	}
	return []store.Section{
		{Name: "server", Title: "Server", At: time.Now(), Rows: []store.SectionRow{
			{Name: "connections", Values: one(store.UnitCount, 12), Key: true}, {Name: "unknown", Values: []store.SectionValue{{}}},
		}},
		{Name: "indexes", Title: "indexes", Namespace: "default", Columns: []string{"size", "state"}, Rows: []store.SectionRow{
			{Name: "by_id", Values: []store.SectionValue{{Unit: store.UnitBytes, Number: 4096}, {Unit: store.UnitText, Text: "valid"}}},
		}},
		{Name: "locks", Title: "locks", Passing: true, Rows: []store.SectionRow{{Name: "of 7", Values: one(store.UnitSeconds, 3)}}},
	}
}

func (g *guestStore) Witnessed() []store.Witnessed {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.written
	g.written = nil
	return list
}

// TestSectionsGoEverywhere reads an engine's sections, where they go besides, and the
// rate of what others wrote.
func TestSectionsGoEverywhere(t *testing.T) {
	guest := &guestStore{}
	h := newHost(t, func(cfg *server.Config) {
		guest.Store = cfg.Store
		cfg.Store = guest
	})
	var sections []store.Section
	h.quietly(`["engine.sections"]`, &sections)
	if len(sections) != 3 || sections[0].Rows[0].Values[0].Number != 12 || sections[0].Rows[0].Values[0].Verdict != store.VerdictWarn || sections[1].Columns[1] != "state" {
		t.Errorf("sections %+v", sections)
	}
	var info wire.Info
	h.quietly(`["engine.info"]`, &info)
	if !info.Witness || !info.Clocks {
		t.Errorf("info %+v", info)
	}
	var sought map[string]json.RawMessage
	h.quietly(`["ns.seek",{"time":"2026-01-01T00:00:00Z"}]`, &sought)
	if string(sought["approximate"]) != "true" {
		t.Errorf("seek %s", sought)
	}
	guest.mu.Lock()
	guest.written = []store.Witnessed{{Namespace: "default", Category: "account", Messages: 40}, {Namespace: "default", Messages: 2}}
	guest.mu.Unlock()
	var sample wire.Sample
	for deadline := time.Now().Add(20 * time.Second); sample.Appends == 0; {
		if h.quietly(`["engine.sample"]`, &sample); time.Now().After(deadline) {
			t.Fatal("what others wrote is in no sample")
		}
	}
	if len(sample.Categories) != 1 || sample.Categories[0].Category != "account" || sample.Namespaces[0].Appends < sample.Categories[0].Appends || sample.Engine != nil {
		t.Errorf("sample %+v", sample)
	}
	if len(sample.Values) != 1 || sample.Values[0].Name != "connections" || sample.Values[0].Verdict != "warn" || sample.Values[0].Unit != "count" {
		t.Errorf("values %+v", sample.Values)
	}
	metrics := h.metricsText()
	for _, want := range []string{
		`evtui_engine_value{namespace="",row="connections",section="server",unit="count",value=""} 12`,
		`evtui_engine_value{namespace="default",row="by_id",section="indexes",unit="bytes",value="size"} 4096`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	for _, not := range []string{`section="locks"`, `row="unknown"`, `value="state"`} {
		if strings.Contains(metrics, not) {
			t.Errorf("%s is in the metrics", not)
		}
	}
}

// metricsText is what /metrics answers.
func (h *host) metricsText() string {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.url+"/metrics", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// TestSectionsOfOwnEngines tells the sections of an engine that has figures too: they
// are in no sample, and /metrics has names of its own for what both tell.
func TestSectionsOfOwnEngines(t *testing.T) {
	h := newHost(t)
	var written map[string]int64
	h.quietly(`["stream.write","a-1",{"type":"T","data":{}}]`, &written)
	var sections []store.Section
	h.quietly(`["engine.sections"]`, &sections)
	names := map[string]bool{}
	for _, s := range sections {
		names[s.Name] = true
		if s.Namespace != "default" || s.At.IsZero() {
			t.Errorf("section %s of %q, measured %v", s.Name, s.Namespace, s.At)
		}
	}
	if !names["namespace"] || !names["levels"] && !names["log"] {
		t.Errorf("sections %v", names)
	}
	var sample wire.Sample
	if h.quietly(`["engine.sample"]`, &sample); len(sample.Values) != 0 {
		t.Errorf("values %+v", sample.Values)
	}
	if text := h.metricsText(); strings.Contains(text, `section="levels"`) || strings.Contains(text, `section="namespace"`) {
		t.Error("the metrics tell the tree twice")
	}
}

// sharedStore is a store that has figures of its own, follows a log that others write
// to as well, and has something to say of it.
type sharedStore struct {
	guestStore
	notices []store.Notice
}

func (s *sharedStore) Describe() store.Description {
	d := s.Store.Describe()
	d.Shared, d.Durability = true, "sync not known"
	return d
}

func (s *sharedStore) Notices() []store.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notices
}

func (s *sharedStore) Sections() []store.Section {
	told := store.Section{Name: "levels", Elsewhere: true, Rows: []store.SectionRow{{Name: "L0", Key: true, Values: []store.SectionValue{{Unit: store.UnitCount, Number: 7}}}}}
	return append(s.guestStore.Sections(), told)
}

func (*sharedStore) EngineFigures() store.EngineFigures      { return store.EngineFigures{Known: 1} }
func (*sharedStore) EngineEvents(uint64) []store.EngineEvent { return nil }
func (*sharedStore) Flush(context.Context, string) error     { return nil }
func (*sharedStore) Compact(context.Context, string) error   { return nil }
func (*sharedStore) Storage(context.Context, string) (store.Storage, error) {
	return store.Storage{}, nil
}

// TestNoticesAreTold: what readers should know of a store stands in engine.info and in samples,
// where a flood of it is counted; an engine with figures of its own keeps the values of its sections as well.
func TestNoticesAreTold(t *testing.T) {
	shared := &sharedStore{notices: []store.Notice{
		{Namespace: "default", State: store.NoticeCutOff, Words: "cut off from the log", Age: 3 * time.Second},
		{State: store.NoticeWarning, Words: "one of three servers is not reached"},
	}}
	for i := range 2 * wire.SampledNotices {
		shared.notices = append(shared.notices, store.Notice{Namespace: fmt.Sprintf("n%d", i), State: store.NoticeBehind, Words: "behind"})
	}
	h := newHost(t, func(cfg *server.Config) {
		shared.Store = cfg.Store
		cfg.Store = shared
	})
	var info wire.Info
	h.quietly(`["engine.info"]`, &info)
	if !info.Shared || info.Witness || len(info.Notices) != len(shared.notices) || info.Notices[0] != (wire.Notice{Namespace: "default", State: "cut off", Words: "cut off from the log", Age: 3e9}) {
		t.Errorf("info %+v", info)
	}
	var sample wire.Sample
	h.quietly(`["engine.sample"]`, &sample)
	e := sample.Engine
	if e == nil || e.Noticed != len(shared.notices) || len(e.Notices) != wire.SampledNotices || e.Notices[0].Words != "" || e.Notices[0].Age != 3e9 || e.Notices[1].Words == "" {
		t.Errorf("sample %+v", e)
	}
	if len(sample.Values) != 1 || sample.Values[0].Name != "connections" {
		t.Errorf("values %+v: those that figures tell are not among them", sample.Values)
	}
}
