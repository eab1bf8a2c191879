package jetlog_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

var (
	rounds   = flag.Int("jetlog.rounds", 10, "alternating rounds of a benchmark")
	callers  = flag.Int("jetlog.callers", 64, "publishers at once")
	each     = flag.Int("jetlog.each", 50, "publishes of a publisher in a round")
	messages = flag.Int("jetlog.messages", 100_000, "messages that are followed")
)

// mustConnect is a bare connection to the account of o.
func mustConnect(b testing.TB, o jetlog.Options) jetstream.JetStream {
	b.Helper()
	nc, err := nats.Connect(jettest.Shared(b).URL().String(), nats.UserInfo(o.User, o.Password))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	return js
}

// compare runs both in alternating rounds and reports the median of their rates, and of the
// ratio of a round's.
func compare(b *testing.B, n int, ours, bare func(round int)) {
	b.Helper()
	var a, z, ratios []float64
	rate := func(run func(int), round int) float64 {
		began := time.Now()
		run(round)
		return float64(n) / time.Since(began).Seconds()
	}
	for round := range *rounds {
		x, y := rate(ours, round), rate(bare, round)
		a, z, ratios = append(a, x), append(z, y), append(ratios, x/y)
	}
	median := func(list []float64) float64 { slices.Sort(list); return list[len(list)/2] }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(a), "ours/s")
	b.ReportMetric(median(z), "bare/s")
	b.ReportMetric(median(ratios), "ratio")
	b.Logf("the ratio is %.2f to %.2f in the middle half of %d rounds", ratios[len(ratios)/4], ratios[3*len(ratios)/4], len(ratios))
}

// at runs callers at once, each as often as it should.
func at(run func(caller, i int)) {
	var all sync.WaitGroup
	for c := range *callers {
		all.Go(func() {
			for i := range *each {
				run(c, i)
			}
		})
	}
	all.Wait()
}

// BenchmarkPublish publishes records of 200 bytes, one subject a caller, beside bare publishes with an id.
func BenchmarkPublish(b *testing.B) {
	l, o := mustOpen(b)
	js := mustConnect(b, o)
	mustCreate(b, l, "default")
	if _, err := js.CreateStream(b.Context(), jetstream.StreamConfig{Name: "bare", Subjects: []string{"bare.>"}, Replicas: 3}); err != nil {
		b.Fatal(err)
	}
	mustPublish(b, l, "default", "cat.first", "first", 0)
	body := make([]byte, 200)
	last := make([]uint64, *callers)
	var refused atomic.Int64
	ours := func(round int) {
		at(func(c, i int) {
			p := logstore.Publication{Subject: fmt.Sprintf("cat.i%d", c), ID: fmt.Sprintf("%d-%d-%d", round, c, i), Parts: [][]byte{body}, Expected: last[c]}
			n, err := l.Publish(b.Context(), "default", p)
			for ; errors.Is(err, logstore.ErrInFlight); refused.Add(1) {
				n, err = l.Publish(b.Context(), "default", p)
			}
			if err != nil {
				b.Error(err)
			}
			last[c] = n
		})
	}
	bare := func(round int) {
		at(func(c, i int) {
			m := &nats.Msg{Subject: fmt.Sprintf("bare.cat.i%d", c), Data: body}
			if _, err := js.PublishMsg(b.Context(), m, jetstream.WithMsgID(fmt.Sprintf("%d-%d-%d", round, c, i))); err != nil {
				b.Error(err)
			}
		})
	}
	compare(b, *callers**each, ours, bare)
	b.Logf("%d refusals because the record before was under way still", refused.Load())
}

// BenchmarkFollow reads records of 200 bytes beside a bare ordered consumer.
func BenchmarkFollow(b *testing.B) {
	l, o := mustOpen(b)
	js := mustConnect(b, o)
	ns := mustCreate(b, l, "default")
	mustPublish(b, l, ns.ID, "cat.first", "first", 0)
	for i := range *messages - 1 {
		if _, err := js.PublishMsgAsync(&nats.Msg{Subject: fmt.Sprintf("default.cat.i%d", i%1000), Data: make([]byte, 200)}); err != nil {
			b.Fatal(err)
		}
	}
	<-js.PublishAsyncComplete()
	ours := func(int) {
		f := mustFollow(b, l, ns, 0)
		buf := make([]logstore.Record, 1000)
		for n := 0; n < *messages; {
			k, _, err := f.Next(b.Context(), buf)
			if err != nil {
				b.Fatal(err)
			}
			n += k
		}
		f.Close()
	}
	bare := func(int) { consume(b, js, "evtui-default", int64(*messages)) }
	compare(b, *messages, ours, bare)
}

// consume reads so many messages of a stream by a bare ordered consumer.
func consume(b *testing.B, js jetstream.JetStream, stream string, messages int64) {
	b.Helper()
	c, err := js.OrderedConsumer(b.Context(), stream, jetstream.OrderedConsumerConfig{})
	if err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	done, cancel := context.WithCancel(b.Context())
	defer cancel()
	reading, err := c.Consume(func(jetstream.Msg) {
		if n.Add(1) == messages {
			cancel()
		}
	}, jetstream.PullMaxMessages(4096))
	if err != nil {
		b.Fatal(err)
	}
	<-done.Done()
	reading.Stop()
}
