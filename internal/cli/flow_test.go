package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// flowKinds are types that a store takes, hostile ones among them.
func flowKinds() []string {
	return []string{"Placed", "Paid", "Shipped", `quo"te\`, "evil\u202etype", "a -> b;", "<b>"}
}

// randomOrders makes the messages of n streams of a category, one a second from nine
// o'clock on, with those of another category between them.
func randomOrders(r *rand.Rand, n int) []store.ImportMessage {
	kinds, positions := flowKinds(), map[string]int64{}
	out := make([]store.ImportMessage, 6*n)
	for i := range out {
		stream := fmt.Sprintf("order-%d", r.IntN(n))
		if r.IntN(5) == 0 {
			stream = "noise-1"
		}
		at := time.Date(2026, 11, 1, 9, 0, i, r.IntN(1e6)*1000, time.UTC)
		out[i].Message = store.Message{
			ID: store.MakeID(at, [10]byte{byte(i), byte(i >> 8)}), Stream: stream, Type: kinds[r.IntN(len(kinds))],
			Position: positions[stream], GlobalPosition: int64(i + 1), Time: at, Data: []byte(`{}`),
		}
		positions[stream]++
	}
	return out
}

// flowLine is a line of `evtui flow -o ndjson`.
type flowLine struct {
	From, To *string
	Count    int64
	P50      *int64
	Types    []string
	Streams  int64
}

func flowLines(t *testing.T, args ...string) (list []flowLine, words string) {
	t.Helper()
	out, words, err := runCommand(t, append([]string{"flow"}, append(args, "-o", "ndjson")...)...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	for line := range strings.Lines(out) {
		var l flowLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		list = append(list, l)
	}
	return list, words
}

// arrow names a transition; start and end are empty.
func arrow(from, to *string) string {
	name := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return name(from) + "\x00" + name(to)
}

// TestFlowEqualsTheExport counts over the lines of an export what the command must
// say, on evtui's server and on one without its additions.
func TestFlowEqualsTheExport(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	st := storetest.NewModel()
	t.Cleanup(func() { _ = st.Close() })
	messages := randomOrders(rand.New(rand.NewPCG(seed, 0)), 200)
	s := servertest.New(t, server.Config{Store: st})
	if err := st.Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	own, other := httptest.NewServer(s.Handler()), httptest.NewServer(peer.Handler(s.Handler(), peer.Options{}))
	t.Cleanup(own.Close)
	t.Cleanup(other.Close)
	t.Setenv("EVTUI_TOKEN", s.Token)
	exported, _, err := runCommand(t, "export", "--category", "order", "--url", own.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{own.URL, other.URL} {
		for _, window := range [][]string{nil, {"--since", "2026-11-01T09:05:00Z", "--until", "2026-11-01T09:15:00Z"}} {
			t.Run(fmt.Sprint(url == own.URL, window), func(t *testing.T) { checkFlow(t, exported, url, window) })
		}
	}
}

func checkFlow(t *testing.T, exported, url string, window []string) {
	want, orders := exportedFlow(t, exported, window)
	got := map[string]int64{}
	args := append([]string{"order", "--url", url, "--limit", "0"}, window...)
	list, _ := flowLines(t, args...)
	for i, l := range list {
		got[arrow(l.From, l.To)] = l.Count
		if i > 0 && list[i-1].Count < l.Count {
			t.Errorf("row %d has a greater count than the one before", i)
		}
		if (l.P50 == nil) != (l.From == nil || l.To == nil) {
			t.Errorf("%v: p50 is %v", arrow(l.From, l.To), l.P50)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("transitions\n%v\nwant\n%v", got, want)
	}
	got = map[string]int64{}
	list, _ = flowLines(t, append(args, "--variants")...)
	for _, l := range list {
		got[strings.Join(l.Types, "\x00")] = l.Streams
	}
	if !reflect.DeepEqual(got, orders) {
		t.Errorf("variants\n%v\nwant\n%v", got, orders)
	}
}

// exportedFlow counts transitions and whole orders over the lines of an export.
func exportedFlow(t *testing.T, exported string, window []string) (pairs, orders map[string]int64) {
	t.Helper()
	last, order, pairs := map[string]string{}, map[string][]string{}, map[string]int64{}
	part := map[string]bool{}
	for line := range strings.Lines(exported) {
		var m struct {
			Stream, Type string
			Pos          int64
			Time         time.Time
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if window != nil && (m.Time.Before(mustTime(t, window[1])) || !m.Time.Before(mustTime(t, window[3]))) {
			continue
		}
		before, seen := last[m.Stream]
		if seen || m.Pos == 0 {
			pairs[before+"\x00"+m.Type]++
		} else {
			part[m.Stream] = true
		}
		last[m.Stream] = m.Type
		order[m.Stream] = append(order[m.Stream], m.Type)
	}
	orders = map[string]int64{}
	for stream, kind := range last {
		pairs[kind+"\x00"]++
		if !part[stream] {
			orders[strings.Join(order[stream], "\x00")]++
		}
	}
	return pairs, orders
}

func mustTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestFlowPrints(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	dir, file := t.TempDir(), &bytes.Buffer{}
	for i, line := range []string{
		`"stream":"order-1","type":"Placed","pos":0,"gpos":1,"time":"2026-11-01T00:00:00Z"`,
		`"stream":"order-2","type":"quo\"te\\","pos":0,"gpos":2,"time":"2026-11-02T00:00:00Z"`,
		`"stream":"order-1","type":"a, b","pos":1,"gpos":3,"time":"2026-11-01T00:00:01.5Z"`,
	} {
		fmt.Fprintf(file, `{"id":"018f0000-0000-7000-8000-00000000000%d","data":{},"meta":null,%s}`+"\n", i+1, line)
	}
	if _, _, err := runCommandOn(t, file, "import", "-", "--data", dir); err != nil {
		t.Fatal(err)
	}
	out, words, err := runCommand(t, "flow", "order", "--data", dir, "-o", "csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 6 || strings.Join(rows[0][:7], " ") != "from to count share p50 p99 max" {
		t.Fatalf("%v: %q", err, rows)
	}
	if !strings.Contains(words, "3 messages of 2 streams read in") || !strings.Contains(out, "\n\"a, b\",,1,1,,,") {
		t.Errorf("it says %q", words)
	}
	out, _, err = runCommand(t, "flow", "order", "--data", dir, "-o", "dot")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`[label="quo\"te\\"]`, `[label="a, b"]`, "start -> n0", " -> end "} {
		if !strings.Contains(out, want) {
			t.Errorf("the graph has no %q:\n%s", want, out)
		}
	}
	for args, want := range map[string]string{
		"order --variants -o dot": "leave out --variants", "order-1": `"order-1" is no category`, "order --limit -1": "must not be negative",
		"order --since 2026-11-02 --until 2026-11-01": "--until must be after --since", "order --since yesterday": "--since needs a time",
	} {
		_, _, err := runCommand(t, append([]string{"flow", "--data", dir}, strings.Fields(args)...)...)
		if err == nil || !strings.Contains(err.Error(), want) || command.ExitCode(err) != command.ExitUsage {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, _, err := runCommand(t, "flow", "nothing", "--data", dir); err == nil || errors.As(err, new(*command.UsageError)) || !strings.Contains(err.Error(), `has no category "nothing"`) {
		t.Errorf("of a category that does not exist it says %v", err)
	}
}

// TestFlowListsStreams lists the streams of one transition, and refuses half of one.
func TestFlowListsStreams(t *testing.T) {
	dir := t.TempDir()
	if _, errs, err := runCommand(t, "load", "--data", dir, "--story"); err != nil {
		t.Fatalf("%v, %s", err, errs)
	}
	args := []string{"flow", "order", "--data", dir, "-o", "csv"}
	out, errs, err := runCommand(t, append(args, "--first", "OrderPlaced", "--then", "OrderShipped")...)
	if err != nil || strings.Count(out, "\n") != 4 || !strings.Contains(out, "\norder-5334,1,") || strings.Contains(errs, "listed") {
		t.Errorf("%v\n%s%s", err, out, errs)
	}
	out, errs, err = runCommand(t, append(args, "--first", "(start)", "--then", "OrderPlaced", "--limit", "2")...)
	if err != nil || strings.Count(out, "\n") != 3 || !strings.Contains(errs, "2,000 passages of this transition; listed: 2 streams") {
		t.Errorf("%v\n%s%s", err, out, errs)
	}
	for want, more := range map[string][]string{
		"give both":              {"--first", "OrderPlaced"},
		"leave out --variants":   {"--first", "OrderPlaced", "--then", "(end)", "--variants"},
		"OrderPaid never direct": {"--first", "OrderCancelled", "--then", "OrderPaid"},
	} {
		if _, _, err := runCommand(t, append(args, more...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", more, err, want)
		}
	}
}
