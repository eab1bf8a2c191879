package pgstore_test

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/pgstore/pgtest"
)

var scale = flag.Int("scale", 0, "messages of TestFirstScreens, in a tenth as many streams; 0 skips it")

// fill puts messages into a Message DB: streams of ten, in forty categories of very
// different sizes, and recorded positions of consumers.
func fill(t testing.TB, server *pgtest.Server, database string, messages int) {
	t.Helper()
	server.Exec(t, database, fmt.Sprintf(`INSERT INTO message_store.messages (stream_name, type, position, data, metadata, time)
		SELECT 'c' || floor(40 * power((i %% %[1]d)::float8 / %[1]d, 3))::int || '-' || (i %% %[1]d), (ARRAY['Opened','Deposited','Withdrawn','Closed'])[1 + i %% 4], i / %[1]d,
			jsonb_build_object('amount', i, 'note', repeat('x', 100)), jsonb_build_object('correlationStreamName', 'c1-' || i), now() AT TIME ZONE 'utc' - make_interval(secs => (%[2]d - i) / 100.0)
		FROM generate_series(0, %[2]d - 1) i;
		INSERT INTO message_store.messages (stream_name, type, position, data) SELECT 'c' || c || ':position-consumer' || n, 'Recorded', 0, jsonb_build_object('position', n) FROM generate_series(0, 39) c, generate_series(1, 5) n;
		ANALYZE message_store.messages`, messages/10, messages))
}

// questions are those of a screen, with how long each took.
type questions struct {
	mu   sync.Mutex
	list []question
}

type question struct {
	sql  string
	took time.Duration
}

func (q *questions) asked(sql string, took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, question{sql, took})
}

func (q *questions) slowest() (worst question, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, one := range q.list {
		if one.took > worst.took {
			worst = one
		}
	}
	n = len(q.list)
	q.list = nil
	return worst, n
}

// TestFirstScreens prints the slowest question of what each page asks first, on a large
// database, and fails above 50 ms. Run it with -scale 1000000.
func TestFirstScreens(t *testing.T) {
	if *scale == 0 {
		t.Skip("it fills a database for a minute: run it with -scale 1000000")
	}
	server := pgtest.Start(t, "shared_buffers=512MB", "max_wal_size=4GB")
	database := messageDB(t, server)
	fill(t, server, database, *scale)
	for _, round := range []string{"first", "again"} {
		s := mustLook(t, server, database, "", pgstore.Options{})
		var q questions
		s.Asked(q.asked)
		for _, screen := range screens(t, s) {
			if err := screen.ask(); err != nil {
				t.Fatalf("%s: %v", screen.name, err)
			}
			worst, n := q.slowest()
			t.Logf("%s %-28s %2d questions, the slowest %6.1f ms", round, screen.name, n, float64(worst.took.Microseconds())/1e3)
			if worst.took > 50*time.Millisecond {
				t.Errorf("%s: %v for\n%s", screen.name, worst.took, worst.sql)
			}
		}
	}
}

type screen struct {
	name string
	ask  func() error
}

// screens are what the pages ask first.
func screens(t testing.TB, s *pgstore.Store) []screen {
	ctx, ns := t.Context(), store.DefaultNamespace
	category := func(q store.CategoryQuery) func() error {
		return func() error {
			n := 0
			for _, err := range s.ReadCategory(ctx, ns, q) {
				if err != nil {
					return err
				}
				n++
			}
			if n == 0 {
				return fmt.Errorf("no messages of %+v", q)
			}
			return nil
		}
	}
	streams := func(q store.StreamsQuery) func() error {
		return func() error {
			list, err := s.Streams(ctx, ns, q)
			if err == nil && len(list) == 0 {
				return fmt.Errorf("no streams of %+v", q)
			}
			return err
		}
	}
	return []screen{
		{"Overview, header", func() error { _, err := s.Head(ctx, ns); return err }},
		{"Overview, Streams: categories", func() error { _, err := s.Categories(ctx, ns); return err }},
		{"Streams: namespaces", func() error { _, err := s.Namespaces(ctx); return err }},
		{"Streams: all", streams(store.StreamsQuery{Limit: 100})},
		{"Streams: of the largest category", streams(store.StreamsQuery{Category: "c0", Limit: 100})},
		{"Streams: of a small category", streams(store.StreamsQuery{Category: "c39", Limit: 100})},
		{"Streams: by prefix", streams(store.StreamsQuery{Prefix: "c39-9", Limit: 100})},
		{"Streams: messages of a stream", func() error {
			for _, err := range s.ReadStream(ctx, ns, store.StreamQuery{Stream: "c0-7", Limit: 100, Backward: true, Position: -1}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Streams, Tail: newest of all", category(store.CategoryQuery{Limit: 100, Backward: true})},
		{"Streams, Tail: newest of one", category(store.CategoryQuery{Category: "c20", Limit: 100, Backward: true})},
		{"Streams: oldest of one", category(store.CategoryQuery{Category: "c20", Limit: 100})},
		{"Groups: positions", func() error {
			list, err := s.Streams(ctx, ns, store.StreamsQuery{Category: "c20:position", Limit: 100})
			for _, one := range list {
				if _, err := s.LastMessage(ctx, ns, one.Name, ""); err != nil {
					return err
				}
			}
			if len(list) != 5 {
				return fmt.Errorf("%d streams of positions", len(list))
			}
			return err
		}},
		{"Groups: streams to place", streams(store.StreamsQuery{Category: "c20", Limit: 1000})},
		{"Groups: a member's page", category(store.CategoryQuery{Category: "c20", Limit: 100, Group: store.Group{Member: 1, Size: 4}})},
		{"Engine: tables", func() error {
			for _, section := range s.Measure(ctx) {
				if section.Fault != "" {
					return fmt.Errorf("%s: %s", section.Name, section.Fault)
				}
			}
			return nil
		}},
		{"a moment in time", func() error { _, err := s.PositionAt(ctx, ns, time.Now().Add(-time.Minute)); return err }},
	}
}

// BenchmarkCategoryPage reads a page of 1,000 messages of a category, in turns with the
// bare SELECT of the same page through pgx, and reports the ratio of the medians.
func BenchmarkCategoryPage(b *testing.B) {
	server := pgtest.Start(b, "shared_buffers=256MB")
	database := messageDB(b, server)
	fill(b, server, database, 100_000)
	s := mustLook(b, server, database, "", pgstore.Options{})
	c := server.Connect(b, database)
	var ours, bare []time.Duration
	measure := func(into *[]time.Duration, read func() int) {
		began := time.Now()
		if n := read(); n != 1000 {
			b.Fatalf("%d messages", n)
		}
		*into = append(*into, time.Since(began))
	}
	for i := 0; b.Loop(); i++ {
		from := int64(1 + i%10*500)
		steps := []func(){
			func() { measure(&ours, func() int { return pageOf(b, s, from) }) },
			func() { measure(&bare, func() int { return barePage(b, c, from) }) },
		}
		steps[i%2]()
		steps[1-i%2]()
	}
	ratio, low, high := ratioOf(ours, bare)
	slices.Sort(ours)
	slices.Sort(bare)
	b.ReportMetric(float64(ours[len(ours)/2].Microseconds()), "µs-ours")
	b.ReportMetric(float64(bare[len(bare)/2].Microseconds()), "µs-bare")
	b.ReportMetric(float64(ours[len(ours)/10])/float64(bare[len(bare)/10]), "x-at-rest")
	b.ReportMetric(ratio, "x-bare")
	b.ReportMetric(low, "x-low")
	b.ReportMetric(high, "x-high")
}

func pageOf(b *testing.B, s *pgstore.Store, from int64) (n int) {
	for _, err := range s.ReadCategory(b.Context(), store.DefaultNamespace, store.CategoryQuery{Category: "c0", GlobalPosition: from, Limit: 1000}) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}

func barePage(b *testing.B, c *pgx.Conn, from int64) (n int) {
	rows, err := c.Query(b.Context(), `SELECT id, stream_name, type, position, global_position, data, metadata, time FROM message_store.messages
		WHERE message_store.category(stream_name) = $1 AND global_position >= $2 ORDER BY global_position LIMIT 1000`, "c0", from)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id               pgtype.UUID
			stream, kind     string
			position, global int64
			data, metadata   []byte
			at               time.Time
		)
		if err := rows.Scan(&id, &stream, &kind, &position, &global, &data, &metadata, &at); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return n
}

// ratioOf is the ratio of the medians, and between what the middle half of the ratios
// of the rounds lies.
func ratioOf(ours, bare []time.Duration) (ratio, low, high float64) {
	each := make([]float64, len(ours))
	for i := range ours {
		each[i] = float64(ours[i]) / float64(bare[i])
	}
	slices.Sort(each)
	middle := func(list []time.Duration) float64 {
		sorted := slices.Clone(list)
		slices.Sort(sorted)
		return float64(sorted[len(sorted)/2])
	}
	if len(each) == 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return middle(ours) / middle(bare), each[len(each)/4], each[len(each)*3/4]
}
