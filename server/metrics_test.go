package server_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// scrape returns the metrics by name with labels.
func (h *host) scrape() map[string]float64 {
	h.t.Helper()
	answer, text := h.request("GET", "/metrics", h.admin, "", wire.ActorHeader, "ui")
	if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		h.t.Fatalf("%s %v %s", answer.Status, answer.Header, text)
	}
	metrics := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if _, twice := metrics[line[:at]]; err != nil || twice {
			h.t.Errorf("%q: %v, twice %t", line, err, twice)
		}
		metrics[line[:at]] = value
	}
	return metrics
}

func TestMetrics(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	h.write("account-1", 5)
	h.call(`["stream.get","account-1"]`)
	h.refused(h.admin, `["nowhere"]`, 404, "METHOD_NOT_FOUND")
	h.request("GET", "/subscribe?all=true", "", "")
	h.callAs(tenant, `["stream.write","a-1",{"type":"T","data":{}}]`)
	h.subscribe("category=&position=0").pokes(5)
	h.expect(`["engine.flush","default"]`, `null`)
	for range 2 { // who reads once is told of by no metric
		h.consume("account", 4, 0, 2)
	}
	var got map[string]float64
	h.eventually("the second is over", func() bool {
		got = h.scrape()
		return got[`evtui_request_duration_seconds_count{method="engine.flush"}`] == 1
	})
	// Which member owns the stream, the store says.
	given, lag := 2.0, 2.0
	if store.MemberOf(store.Hash("1"), 2) != 0 {
		given, lag = 0, 0
	}
	for name, want := range map[string]float64{
		`evtui_consumer_group_lag{category="account",correlation="",member="0",namespace="default",size="2"}`: lag,

		`evtui_messages_appended_total`: 6, `evtui_messages_read_total`: 5 + 2*given, `evtui_messages_announced_total`: 5, `evtui_request_errors_total{code="METHOD_NOT_FOUND"}`: 1, `evtui_request_errors_total{code="AUTH_REQUIRED"}`: 1,
		`evtui_request_duration_seconds_count{method="stream.write"}`:            6,
		`evtui_request_duration_seconds_bucket{method="stream.write",le="+Inf"}`: 6,
		`evtui_request_duration_seconds_bucket{method="stream.write",le="10"}`:   6,
		`evtui_namespace_messages_appended_total{namespace="tenant"}`:            1,
		`evtui_namespace_messages_appended_total{namespace="default"}`:           5,
		`evtui_namespace_messages{namespace="default"}`:                          5,
		`evtui_open_namespaces`: 2, `evtui_namespaces`: 2, `evtui_namespace_opens_total`: 2, `evtui_subscriptions`: 1, `evtui_stalled_namespaces`: 0,
		`evtui_lsm_level_tables{level="0",namespace="default"}`: 1, `evtui_lsm_sublevels{namespace="default"}`: 1, `evtui_namespace_poisoned{namespace="default"}`: 0,
		`evtui_info{backend="pebble",durability="sync",version="1.2.3"}`: 1,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v (there: %t), want %v", name, value, ok, want)
		}
	}
	for _, name := range []string{
		`evtui_request_duration_seconds_sum{method="stream.write"}`, `evtui_lsm_level_bytes{level="0",namespace="default"}`,
		`evtui_consumer_group_silent_seconds{category="account",correlation="",member="0",namespace="default",size="2"}`,
		`evtui_disk_bytes{namespace="default"}`, `evtui_wal_written_bytes_total{namespace="default"}`, `go_goroutines`, `evtui_connections`,
	} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	if sum := got[`evtui_request_duration_seconds_sum{method="stream.write"}`]; sum > 60 || math.IsNaN(sum) {
		t.Errorf("six writes took %v s", sum)
	}
}

func TestMetricsNeedTheAdminToken(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	answer, text := h.request("GET", "/metrics", "", "")
	h.fault("no token", answer, text, 401, "AUTH_REQUIRED")
	answer, text = h.request("GET", "/metrics", tenant, "")
	h.fault("a tenant's token", answer, text, 403, "AUTH_UNAUTHORIZED")
	answer, text = h.request("GET", "/metrics?token="+tenant, "", "")
	h.fault("a tenant's token", answer, text, 403, "AUTH_UNAUTHORIZED")
	answer, text = h.request("POST", "/metrics", h.admin, "")
	h.fault("a wrong verb", answer, text, 405, "METHOD_NOT_ALLOWED")
	if answer, text := h.request("GET", "/metrics?token="+h.admin, "", ""); answer.StatusCode != 200 {
		t.Errorf("in the query: %s", text)
	}
}

// TestDashboard: every metric that the Grafana dashboard draws is there.
func TestDashboard(t *testing.T) {
	h := newHost(t)
	h.write("account-1", 1)
	h.consume("account", 1, 0, 1)
	h.consume("account", 1, 0, 1)
	h.request("POST", "/rpc", h.admin, `["no.such"]`) // errors are there once there was one
	var got map[string]float64
	h.eventually("the second is over", func() bool {
		got = h.scrape()
		return got[`evtui_request_duration_seconds_count{method="stream.write"}`] == 1
	})
	known := map[string]bool{}
	for name := range got {
		name, _, _ = strings.Cut(name, "{")
		known[name] = true
	}
	// The sections of a shared log are drawn as well; store/logstore looks after their rows.
	shared := newHost(t, func(cfg *server.Config) { cfg.Store = &sharedStore{guestStore: guestStore{Store: cfg.Store}} })
	for name := range shared.scrape() {
		name, _, _ = strings.Cut(name, "{")
		known[name] = true
	}
	text, err := os.ReadFile("../docs/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		UID    string
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	metric := regexp.MustCompile(`\b(?:evtui|go|process)_[a-z0-9_]+`)
	drawn := 0
	for _, panel := range dashboard.Panels {
		if panel.Type == "row" {
			continue
		}
		if len(panel.Targets) == 0 {
			t.Errorf("%s draws nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			names := metric.FindAllString(target.Expr, -1)
			drawn += len(names)
			for _, name := range names {
				if !known[name] {
					t.Errorf("%s draws %s, which there is not", panel.Title, name)
				}
			}
		}
	}
	if dashboard.UID == "" || drawn < 20 {
		t.Errorf("the dashboard %q draws %d metrics", dashboard.UID, drawn)
	}
}
