package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
)

// filledStream is the stream of message i of a filled store, i from 0: runs of
// a hundred, three categories in turn, ten streams in turn.
func filledStream(i int) string {
	return fmt.Sprintf("%s-%d", []string{"account", "order", "payment"}[i/100%3], i/100%10)
}

// filled serves a store of n messages, of which message i has the global
// position i+1, the amount i and the type Type0 or Type1.
func filled(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	h := mustHost(t, host.Config{Dir: host.Place(dir), Listen: "127.0.0.1:0"})
	c, err := client.New(h.URL(), client.WithToken(h.Token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for i := 0; i < n; i += 100 {
		w := client.Write{Stream: filledStream(i)}
		for at := i; at < min(i+100, n); at++ {
			w.Events = append(w.Events, client.Event{Type: fmt.Sprintf("Type%d", at%2), Data: fmt.Appendf(nil, `{"amount":%d}`, at)})
		}
		if _, err := c.Append(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// listed runs a command and returns the global positions of the messages that
// it prints, and its words.
func listed(t *testing.T, args ...string) (positions []int64, words string) {
	t.Helper()
	out, words, err := runCommand(t, append(args, "-o", "ndjson", "--columns", "gpos")...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	for line := range strings.Lines(out) {
		var m struct{ GPos int64 }
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		positions = append(positions, m.GPos)
	}
	return positions, words
}

// chosen returns the global positions of up to limit messages of n that pass,
// in either order.
func chosen(n, limit int, backward bool, pass func(i int) bool) (positions []int64) {
	for i := range n {
		if backward {
			i = n - 1 - i
		}
		if len(positions) < limit && pass(i) {
			positions = append(positions, int64(i+1))
		}
	}
	return positions
}

// TestMessagesPages lists across several pages, both ways.
func TestMessagesPages(t *testing.T) {
	const n = 2*readPage + 350
	dir := filled(t, n)
	all := func(int) bool { return true }
	none := func(int) bool { return false }
	of := func(prefix string) func(int) bool {
		return func(i int) bool { return strings.HasPrefix(filledStream(i), prefix) }
	}
	for _, c := range []struct {
		args  string
		limit int
		pass  func(int) bool
		words string
	}{
		{"--all --limit 0", n, all, ""},
		{"--all --limit 1500", 1500, all, "--from 1501"},
		{"--all --limit 1000 --from 100", 1000, func(i int) bool { return i >= 99 }, "--from 1100"},
		{"--all --from 2340 --limit 100", 100, func(i int) bool { return i >= 2339 }, ""},
		{"--all --limit 0 --backward", n, all, ""},
		{"--all --limit 3 --backward --from 20", 3, func(i int) bool { return i < 20 }, "--from 17"},
		{"--all --limit 20 --backward --from 20", 20, func(i int) bool { return i < 20 }, ""},
		{"--all --backward --from 0", 0, none, ""},
		{"--all --at 2001-01-01 --limit 2", 2, all, "--from 3"},
		{"--all --at 2001-01-01 --backward", 0, none, ""},
		{"--category order --limit 0 --filter type=Type0", n, func(i int) bool { return of("order-")(i) && i%2 == 0 }, "400 of 800 messages read match"},
		{"--category order --limit 2 --filter data.amount>=120", 2, func(i int) bool { return of("order-")(i) && i >= 120 }, "--from 123"},
		{"--category order --backward --limit 2 --filter data.amount<=150", 2, func(i int) bool { return of("order-")(i) && i <= 150 }, "--from 149"},
		{"account-0 --limit 0", n, of("account-0"), ""},
		{"account-0 --from 98", 2, of("account-0"), ""},
		{"account-0 --at 2001-01-01 --limit 1", 1, of("account-0"), "--from 1"},
		{"account-0 --at 2999-01-01", 0, none, ""},
		{"account-0 --from 100", 0, none, ""}, // right behind the last
	} {
		got, words := listed(t, append([]string{"messages", "--data", dir}, strings.Fields(c.args)...)...)
		want := chosen(n, c.limit, strings.Contains(c.args, "--backward"), c.pass)
		if c.args == "account-0 --from 98" {
			want = []int64{99, 100}
		}
		if !slices.Equal(got, want) {
			t.Errorf("messages %s: %d of them, %v…; want %d, %v…", c.args, len(got), got[:min(3, len(got))], len(want), want[:min(3, len(want))])
		}
		if c.words == "" && words != "" || !strings.Contains(words, c.words) {
			t.Errorf("messages %s: says %q, want %q", c.args, words, c.words)
		}
	}
}

// TestTailOfCategories merges categories into the order in which they were written.
func TestTailOfCategories(t *testing.T) {
	const n = 2*readPage + 750
	dir := filled(t, n)
	two := func(i int) bool { return !strings.HasPrefix(filledStream(i), "payment-") }
	for _, c := range []struct {
		args string
		want []int64
	}{
		{"order account order --from 0", chosen(n, n, false, two)},
		{"account order --last 250", chosen(n, n, false, two)[len(chosen(n, n, false, two))-250:]},
		{"account order --from 0 --limit 130 --filter type=Type1", chosen(n, 130, false, func(i int) bool { return two(i) && i%2 == 1 })},
		{"account order --last 3 --filter data.amount<50", []int64{48, 49, 50}},
		{"account order --last 0", nil},
		{"--from 2700", chosen(n, n, false, func(i int) bool { return i >= 2699 })},
		{"--stream order-1 --last 2", []int64{199, 200}},
	} {
		got, _ := listed(t, append([]string{"tail", "--no-follow", "--data", dir}, strings.Fields(c.args)...)...)
		if !slices.Equal(got, c.want) {
			t.Errorf("tail %s: %d of them, %v…; want %d, %v…", c.args, len(got), got[:min(3, len(got))], len(c.want), c.want[:min(3, len(c.want))])
		}
	}
}

// TestStreamsPages lists the streams of a filled store, whole and in parts.
func TestStreamsPages(t *testing.T) {
	dir := filled(t, 3000)
	for _, c := range []struct {
		args, first, last string
		n                 int
		words             string
	}{
		{"--limit 0", "account-0", "payment-9", 30, ""},
		{"--limit 30", "account-0", "payment-9", 30, ""},
		{"--limit 4 --prefix order", "order-0", "order-3", 4, "--after order-3"},
		{"--after order-3 --category order", "order-4", "order-9", 6, ""},
	} {
		out, words, err := runCommand(t, append([]string{"streams", "--data", dir, "-o", "csv"}, strings.Fields(c.args)...)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if err != nil || len(lines) != c.n+1 || !strings.HasPrefix(lines[1], c.first+",") || !strings.HasPrefix(lines[c.n], c.last+",") {
			t.Errorf("streams %s: %v\n%s", c.args, err, out)
		}
		if c.words == "" && words != "" || !strings.Contains(words, c.words) {
			t.Errorf("streams %s: says %q, want %q", c.args, words, c.words)
		}
	}
}
