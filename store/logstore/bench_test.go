package logstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

// BenchmarkFollow builds a copy on disk of a log in memory: what the projection costs a
// message, without the network.
func BenchmarkFollow(b *testing.B) {
	l := newMemoryLog()
	filler, err := open(l, "")
	if err != nil {
		b.Fatal(err)
	}
	defer filler.Close()
	if _, err := filler.CreateNamespace(b.Context(), store.NamespaceSpec{ID: "n"}); err != nil {
		b.Fatal(err)
	}
	const records = 100_000
	for i := range records / 100 {
		for j := range 100 {
			subject, body := logstore.EncodeForTest(l.spaces["n"].Identity, fmt.Sprintf("account-%d", j), int64(i)-1)
			l.foreign("n", subject, body)
		}
	}
	b.ResetTimer()
	for b.Loop() {
		began := time.Now()
		st, err := caughtUp(open(l, b.TempDir()))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(records/time.Since(began).Seconds(), "records/s")
		if err := st.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
