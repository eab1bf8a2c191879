package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkWrite measures a whole stream.write over TCP against a handler that
// does next to nothing; the client's share is what its allocations and the
// difference between transports show.
func BenchmarkWrite(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"position":1234,"globalPosition":1234567}`)
	}))
	defer server.Close()
	c := mustNew(b, server.URL, WithToken("ns_ZGVmYXVsdA_"+strings.Repeat("0", 64)))
	event := Event{Type: "OrderPlaced", Data: []byte(`{"id":"` + strings.Repeat("x", 220) + `"}`), Metadata: []byte(`{"k":"` + strings.Repeat("y", 90) + `"}`)}
	b.ReportAllocs()
	b.SetParallelism(8)
	before := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Write(b.Context(), "order-10023", event, AnyVersion()); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
}
