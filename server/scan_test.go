package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

// scanned is what category.scan and stream.scan answer.
type scanned struct {
	Messages []row
	Ordinals []int64
	Read     struct {
		Messages, Bytes int64
		Duration        *time.Duration
	}
	Next     *int64
	Complete *bool
}

func (h *host) scan(method, name, options string) scanned {
	h.t.Helper()
	var s scanned
	mustDecode(h.t, h.call(`["`+method+`",`+quote(name)+`,`+options+`]`), &s)
	if s.Messages == nil || s.Read.Duration == nil || s.Complete == nil || s.Next == nil && !*s.Complete {
		h.t.Fatalf("%s %s %s: a member is missing: %+v", method, name, options, s)
	}
	return s
}

// String is what it says, in short: positions, how many were read, next, and
// whether it is complete.
func (s scanned) String() string {
	var b strings.Builder
	for _, r := range s.Messages {
		place := r[2] // of stream.scan: the stream's
		if len(r) == 8 {
			place = r[4]
		}
		b.Write(append(place, ' '))
	}
	fmt.Fprintf(&b, "of %d, ", s.Read.Messages)
	switch {
	case s.Next == nil:
		b.WriteString("null")
	default:
		fmt.Fprint(&b, *s.Next)
	}
	if *s.Complete {
		b.WriteString(" complete")
	}
	return b.String()
}

func TestScan(t *testing.T) {
	h := newHost(t)
	for i, stream := range []string{"a-1", "b-1", "a-2", "a", "ab-1", "a-1"} { // 1 to 6
		h.call(fmt.Sprintf(`["stream.write",%s,{"type":"T%d","data":{"n":%d,"tags":["x",{"deep":%d}]},"metadata":{"correlationStreamName":"c%d-1"}}]`, quote(stream), i%2, i, i, i%3))
	}
	owns1 := owner("a-1", 2)
	for _, c := range []struct{ method, name, options, want string }{
		{"category.scan", "a", `{}`, "1 3 4 6 of 4, 7 complete"},
		{"category.scan", "a", `null`, "1 3 4 6 of 4, 7 complete"},
		{"category.scan", "", `{"filter":""}`, "1 2 3 4 5 6 of 6, 7 complete"},
		{"category.scan", "a", `{"filter":"data.n>2"}`, "4 6 of 4, 7 complete"},
		{"category.scan", "a", `{"filter":" data.n>2  or data.tags[*].deep=0 "}`, "1 4 6 of 4, 7 complete"},
		{"category.scan", "", `{"filter":"category=b"}`, "2 of 6, 7 complete"},
		{"category.scan", "", `{"filter":"nothing"}`, "of 6, 7 complete"},
		{"category.scan", "a", `{"filter":"type=T1","position":2}`, "4 6 of 3, 7 complete"},
		{"category.scan", "a", `{"position":2,"globalPosition":4}`, "4 6 of 2, 7 complete"},
		{"category.scan", "a", `{"batchSize":2}`, "1 3 of 2, 4"},
		{"category.scan", "a", `{"filter":"data.n>0","batchSize":1}`, "3 of 2, 4"},
		{"category.scan", "a", `{"batchSize":0}`, "of 0, 1"},
		{"category.scan", "a", `{"batchSize":-1,"maxMessages":3}`, "1 3 4 of 3, 5"},
		{"category.scan", "a", `{"maxBytes":1}`, "1 of 1, 2"},
		{"category.scan", "a", `{"position":7}`, "of 0, 7 complete"},
		{"category.scan", "a", `{"position":-5}`, "1 3 4 6 of 4, 7 complete"},
		{"category.scan", "none", `{}`, "of 0, 1 complete"},
		{"category.scan", "a", `{"backward":true}`, "6 4 3 1 of 4, null complete"},
		{"category.scan", "a", `{"backward":true,"position":5,"filter":"data.n>1"}`, "4 3 of 3, null complete"},
		{"category.scan", "a", `{"backward":true,"batchSize":2}`, "6 4 of 2, 3"},
		{"category.scan", "b", `{"backward":true,"batchSize":1}`, "2 of 1, 1"},
		{"category.scan", "", `{"backward":true,"batchSize":6}`, "6 5 4 3 2 1 of 6, null complete"},
		{"category.scan", "", `{"correlation":"c1"}`, "2 5 of 6, 7 complete"},
		{"category.scan", "a", fmt.Sprintf(`{"consumerGroup":{"member":%d,"size":2},"filter":"stream=a-1"}`, owns1), "1 6 of 4, 7 complete"},
		{"category.scan", "a", fmt.Sprintf(`{"consumerGroup":{"member":%d,"size":2},"filter":"stream=a-1"}`, 1-owns1), "of 4, 7 complete"},
		{"stream.scan", "a-1", `{}`, "0 1 of 2, 2 complete"},
		{"stream.scan", "a-1", `{"filter":"data.n=5"}`, "1 of 2, 2 complete"},
		{"stream.scan", "a-1", `{"position":1}`, "1 of 1, 2 complete"},
		{"stream.scan", "a-1", `{"globalPosition":2}`, "1 of 1, 2 complete"},
		{"stream.scan", "a-1", `{"maxMessages":1}`, "0 of 1, 1"},
		{"stream.scan", "a-1", `{"backward":true}`, "1 0 of 2, null complete"},
		{"stream.scan", "a-1", `{"backward":true,"maxMessages":1}`, "1 of 1, 0"},
		{"stream.scan", "a-1", `{"backward":true,"position":0}`, "0 of 1, null complete"},
		{"stream.scan", "nobody-1", `{}`, "of 0, 0 complete"},
	} {
		if got := h.scan(c.method, c.name, c.options).String(); got != c.want {
			t.Errorf("%s %q %s: got %q, want %q", c.method, c.name, c.options, got, c.want)
		}
	}
	// Rows are those of the other reads, byte for byte, and so is what was read.
	whole := h.call(`["category.get","a"]`)
	if got := h.call(`["category.scan","a"]`); !strings.HasPrefix(got, `{"messages":`+whole+`,"read":{"messages":4,"bytes":`) {
		t.Errorf("got %s, want the rows %s", got, whole)
	}
	if got := h.call(`["stream.scan","a-1"]`); !strings.HasPrefix(got, `{"messages":`+h.call(`["stream.get","a-1"]`)+`,"read"`) {
		t.Errorf("got %s", got)
	}
	s := h.scan("category.scan", "", `{"filter":"type=T1","ordinals":true}`)
	if fmt.Sprint(s.Ordinals) != "[1 3 5]" || s.Read.Bytes != 6*int64(len(`{"n":0,"tags":["x",{"deep":0}]}`)+len(`{"correlationStreamName":"c0-1"}`)) {
		t.Errorf("ordinals %v, read %+v", s.Ordinals, s.Read)
	}
}

func TestScanRefuses(t *testing.T) {
	h := newHost(t)
	for _, wrong := range []string{
		`{"batchSize":10001}`, `{"batchSize":-2}`, `{"position":"1"}`, `{"filter":1}`, `{"maxMessages":0}`, `{"maxMessages":1000001}`, `{"maxBytes":0}`, `{"maxBytes":1073741825}`,
		`{"maxMillis":0}`, `{"maxMillis":10001}`, `{"consumerGroup":{"member":1,"size":1}}`, `{"backward":1}`, `{"ordinals":1}`, `{"ordinals":true,"batchSize":-1}`, `{"correlation":"a-1"}`,
		`{"filter":` + quote(strings.Repeat("x", 4097)) + `}`,
	} {
		h.refused(h.admin, `["category.scan","a",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
	h.refused(h.admin, `["category.scan","a-1"]`, 400, "INVALID_REQUEST")
	h.refused(h.admin, `["category.scan"]`, 400, "INVALID_REQUEST")
	h.refused(h.admin, `["stream.scan","",{}]`, 400, "INVALID_REQUEST")
	for line, at := range map[string]int{"type=": 6, "(ann": 1, "pos<x": 5, "é unknown=1": 3, "é ) x": 3, "/x{1000}/": 1, "time>tomorrow": 6} {
		e := h.refused(h.admin, `["category.scan","a",{"filter":`+quote(line)+`}]`, 400, "INVALID_REQUEST")
		var details struct{ Character int }
		mustDecode(t, string(e.Details), &details)
		_, err := filter.Parse(line, time.Now())
		if err == nil || e.Message != err.Error() || details.Character != at {
			t.Errorf("%q: %q at %d, want %v at %d", line, e.Message, details.Character, err, at)
		}
	}
}

// TestScanGoesOn: whatever a call allows, the calls that go on at next find
// together what one read and a filter find.
func TestScanGoesOn(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	h := newHost(t)
	for range 40 {
		var events []string
		for range 1 + r.IntN(40) {
			events = append(events, fmt.Sprintf(`{"type":"T%d","data":{"n":%d,"pad":%q}}`, r.IntN(3), r.IntN(100), strings.Repeat("x", r.IntN(2000))))
		}
		h.call(fmt.Sprintf(`["stream.append","%c-%d",[%s]]`, 'a'+rune(r.IntN(2)), r.IntN(5), strings.Join(events, ",")))
	}
	for range 60 {
		line := []string{"", "type=T1", "data.n<10", "data.n>=50 or type=T2", "T0 pos<20", "stream=a-1 data.n<50", "nothing at all"}[r.IntN(7)]
		backward := r.IntN(2) == 0
		options := fmt.Sprintf(`"filter":%s,"backward":%t`, quote(line), backward)
		method, name, get := "category.scan", []string{"a", "b", ""}[r.IntN(3)], "category.get"
		if r.IntN(3) == 0 {
			method, name, get = "stream.scan", fmt.Sprintf("a-%d", r.IntN(5)), "stream.get"
		} else if r.IntN(3) == 0 {
			options += fmt.Sprintf(`,"consumerGroup":{"member":%d,"size":3}`, r.IntN(3))
		}
		want := h.kept(get, name, options, line)
		options += fmt.Sprintf(`,"ordinals":true,"batchSize":%d,"maxMessages":%d,"maxBytes":%d`, 1+r.IntN(300), 1+r.IntN(700), 1+r.IntN(500_000))
		var got []string
		var read int64
		position := ""
		for calls := 0; ; calls++ {
			s := h.scan(method, name, `{`+options+position+`}`)
			for _, one := range s.Messages {
				got = append(got, string(one[0]))
			}
			if len(s.Ordinals) != len(s.Messages) || len(s.Ordinals) > 0 && s.Ordinals[len(s.Ordinals)-1] >= s.Read.Messages {
				t.Fatalf("%s %s: %d ordinals of %d messages up to %v, %d read", method, options, len(s.Ordinals), len(s.Messages), s.Ordinals, s.Read.Messages)
			}
			if read += s.Read.Messages; *s.Complete {
				break
			}
			if s.Read.Messages == 0 || calls > 2000 {
				t.Fatalf("%s %s %s: a call does not get on", method, name, options+position)
			}
			position = fmt.Sprintf(`,"position":%d`, *s.Next)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s %q %s: got %d messages of %d read, want %d", method, name, options, len(got), read, len(want))
		}
	}
}

// kept returns the ids of what a read answers and a filter keeps.
func (h *host) kept(get, name, options, line string) []string {
	h.t.Helper()
	f, err := filter.Parse(line, time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	var ids []string
	for _, r := range rows(h.t, h.call(`["`+get+`",`+quote(name)+`,{"batchSize":-1,`+options+`}]`)) {
		if get == "stream.get" {
			r = append(row{r[0], json.RawMessage(quote(name))}, r[1:]...)
		}
		var m store.Message
		mustDecode(h.t, string(r[1]), &m.Stream)
		mustDecode(h.t, string(r[2]), &m.Type)
		mustDecode(h.t, string(r[3]), &m.Position)
		mustDecode(h.t, string(r[4]), &m.GlobalPosition)
		mustDecode(h.t, string(r[7]), &m.Time)
		m.Data = r[5]
		if string(r[6]) != "null" {
			m.Metadata = r[6]
		}
		if f.Keeps(&m) {
			ids = append(ids, string(r[0]))
		}
	}
	return ids
}

// turning is a store whose turns a test gives.
type turning struct {
	watched
	turn func(ctx context.Context) error // while a scan waits for its turn
}

func (s *turning) Turn(ctx context.Context) (func(), error) {
	if err := s.turn(ctx); err != nil {
		return nil, err
	}
	return func() {}, nil
}

func newTurning(t *testing.T) (*host, *turning) {
	s := &turning{turn: func(context.Context) error { return nil }}
	h := newHost(t, func(c *server.Config) {
		s.Store = c.Store
		c.Store = s
	})
	one := `{"type":"T","data":{"n":1}},`
	for range 5 {
		h.call(`["stream.append","a-1",[` + strings.TrimSuffix(strings.Repeat(one, 600), ",") + `]]`)
	}
	return h, s
}

// TestScanTakesTurns: beyond the first few messages a scan reads in turns, and
// while it waits for one it holds nothing of the store's.
func TestScanTakesTurns(t *testing.T) {
	h, s := newTurning(t)
	var turns, held atomic.Int64
	s.turn = func(context.Context) error {
		turns.Add(1)
		held.Add(s.under.Load())
		return nil
	}
	if got := h.scan("category.scan", "a", `{"filter":"none","maxMessages":200}`).String(); got != "of 200, 201" || turns.Load() != 0 {
		t.Errorf("a small scan says %q and took %d turns", got, turns.Load())
	}
	if got := h.scan("category.scan", "a", `{"filter":"none"}`).String(); got != "of 3000, 3001 complete" || turns.Load() < 3 {
		t.Errorf("a scan says %q and took %d turns", got, turns.Load())
	}
	if held.Load() != 0 {
		t.Errorf("%d reads were under way while a scan waited for its turn", held.Load())
	}
	// Without a turn it answers when its time is up, with what it has.
	s.turn = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	got := h.scan("stream.scan", "a-1", `{"filter":"none","maxMillis":20}`)
	if *got.Complete || got.Read.Messages < 1 || got.Read.Messages > 256 || *got.Next != got.Read.Messages {
		t.Errorf("a scan that gets no turn says %q", got)
	}
}

// TestScanOfTwoContents: what was read before a namespace's content was replaced
// and what is there now are never one answer.
func TestScanOfTwoContents(t *testing.T) {
	h, s := newTurning(t)
	s.turn = func(ctx context.Context) error {
		importer := s.Store.(store.Importer)
		replacement, err := importer.Replace(ctx, "default")
		if err != nil {
			return err
		}
		one := store.ImportMessage{Message: store.Message{ID: store.NewID(time.Now()), Stream: "a-9", Type: "Other", GlobalPosition: 1, Data: []byte(`{}`), Time: time.Now()}}
		return errors.Join(replacement.Import(ctx, []store.ImportMessage{one}), replacement.Commit(ctx), replacement.Discard())
	}
	h.refused(h.admin, `["category.scan","a",{"filter":"none","maxMillis":10000}]`, 409, "NAMESPACE_REPLACED")
}

// stuck is a store that goes on reading, after a scan's first turn, only when
// nobody wants it any more.
type stuck struct {
	store.Store
	waits, ended chan struct{}
}

func (s *stuck) ReadCategory(ctx context.Context, _ string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		m := store.Message{Stream: "a-1", Type: "T", Data: []byte(`{}`)}
		if q.GlobalPosition > 0 {
			close(s.waits)
			<-ctx.Done()
			close(s.ended)
			yield(store.Message{}, ctx.Err())
			return
		}
		for m.GlobalPosition = 1; m.GlobalPosition <= int64(q.Limit) && yield(m, nil); m.GlobalPosition++ {
		}
	}
}

// TestScanEndsWithItsClient: nobody scans for a client that went away.
func TestScanEndsWithItsClient(t *testing.T) {
	s := &stuck{waits: make(chan struct{}), ended: make(chan struct{})}
	h := newHost(t, func(c *server.Config) {
		s.Store = c.Store
		c.Store = s
	})
	ctx, goAway := context.WithCancel(t.Context())
	defer goAway()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/rpc", strings.NewReader(`["category.scan","a",{"filter":"none","maxMillis":10000}]`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	answered := make(chan error, 1)
	go func() {
		answer, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = answer.Body.Close()
		}
		answered <- err
	}()
	<-s.waits
	goAway()
	<-s.ended
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("who went away was answered: %v", err)
	}
}

// TestScanForASlowReader: while its answer waits for the client no read is
// under way, and in the end it is whole.
func TestScanForASlowReader(t *testing.T) {
	h, w := newWatched(t)
	for _, body := range []string{
		`["category.scan","a",{"batchSize":-1,"filter":"type=T","maxMillis":10000}]`,
		`["stream.scan","a-0",{"batchSize":-1,"backward":true,"maxMillis":10000}]`,
	} {
		want, _, _ := strings.Cut(h.call(body), `"duration"`)
		w.begun.Store(0)
		in := h.ask(body)
		h.eventually("the answer waits", func() bool { return w.begun.Load() > 0 && w.under.Load() == 0 })
		if !h.stands(&w.begun) || w.under.Load() != 0 {
			t.Errorf("%s: it reads on though nobody reads", body)
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		got, rest, _ := strings.Cut(string(text), `"duration"`)
		if err != nil || got != want || !strings.Contains(rest, `"complete":true`) {
			t.Errorf("%s: a slow reader got %d bytes, %v, others get %d; it ends %q", body, len(got), err, len(want), rest)
		}
	}
}

func TestScanIsCounted(t *testing.T) {
	h := newHost(t)
	h.write("a-1", 5)
	h.scan("category.scan", "a", `{"filter":"data.n=3"}`)
	h.scan("stream.scan", "a-1", `{"filter":"none"}`)
	h.eventually("the second is over", func() bool {
		return h.scrape()[`evtui_request_duration_seconds_count{method="stream.scan"}`] == 1
	})
	got := h.scrape()
	if got["evtui_messages_scanned_total"] != 10 || got["evtui_messages_read_total"] != 1 {
		t.Errorf("scanned %v, handed out %v, want 10 and 1", got["evtui_messages_scanned_total"], got["evtui_messages_read_total"])
	}
	var methods []string
	mustDecode(t, h.call(`["sys.methods"]`), &methods)
	text := " " + strings.Join(methods, " ") + " "
	for _, name := range []string{"category.scan", "stream.scan", "category.get", "sys.methods"} {
		if !strings.Contains(text, " "+name+" ") {
			t.Errorf("sys.methods says %s, without %s", text, name)
		}
	}
	if len(methods) != len(server.Methods(mustServer(t, h))) {
		t.Errorf("sys.methods says %d methods", len(methods))
	}
}

// mustServer is another server on the host's store.
func mustServer(t *testing.T, h *host) *server.Server {
	t.Helper()
	s, err := server.New(server.Config{Store: h.store})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}
