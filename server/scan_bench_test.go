package server_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// BenchmarkScan holds a scan of ten thousand messages of a category against
// category.get of the same messages, without a filter: both in turn, in the same
// run. It reports the median ratio of their processor time (client and server
// together), which may be 1.5, and the tenth and ninetieth percentiles.
func BenchmarkScan(b *testing.B) {
	for name, line := range map[string]string{
		"all":    `type=Deposited`,
		"half":   `data.amount>=5000`,
		"none":   `data.amount<0 or type~With*`,
		"text":   `nowhere`,
		"regexp": `data.note~/y+$/`,
		"joined": `type~Dep* and (data.amount>9990 or metadata.trace=none) not withdrawn`,
	} {
		b.Run(name, func(b *testing.B) {
			st, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = st.Close() })
			addr, token := serve(b, st)
			fill(b, st, 10_000)
			get := []byte(`["category.get","account",{"batchSize":10000}]`)
			scan := []byte(`["category.scan","account",{"batchSize":10000,"maxMillis":10000,"filter":` + quote(line) + `}]`)
			compare(b, addr, token, scan, get)
		})
	}
}

// compare drives two calls in turn and reports what the one costs of the other.
func compare(b *testing.B, addr, token string, one, other []byte) {
	const slice = 20
	body := func(call []byte) func(int) []byte { return func(int) []byte { return call } }
	drive(b, addr, token, slice, body(one)) // warm
	drive(b, addr, token, slice, body(other))
	var ratios []float64
	b.ResetTimer()
	for done := 0; done < b.N || len(ratios) < 30; done += slice {
		took := drive(b, addr, token, slice, body(one))
		ratios = append(ratios, took/drive(b, addr, token, slice, body(other)))
	}
	b.StopTimer()
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-get")
	b.ReportMetric(ratios[len(ratios)/10], "x-get-p10")
	b.ReportMetric(ratios[len(ratios)*9/10], "x-get-p90")
}

// fill appends messages to a stream, many at once.
func fill(b *testing.B, st *pebblestore.Store, messages int) {
	b.Helper()
	for from := 0; from < messages; from += 1000 {
		w := store.Write{Stream: "account-123", ExpectedVersion: store.AnyVersion}
		for i := from; i < from+1000; i++ {
			w.Events = append(w.Events, store.Event{
				Type: "Deposited", Data: fmt.Appendf(nil, `{"amount":%d,"note":%q}`, i, strings.Repeat("x", 250)),
				Metadata: []byte(`{"correlationStreamName":"workflow-1","trace":"0123456789"}`), Correlation: "workflow",
			})
		}
		if _, err := st.Append(context.Background(), "default", w); err != nil {
			b.Fatal(err)
		}
	}
}
