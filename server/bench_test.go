package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/internal/machine"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// benchConns is the number of connections that design section 9 measures with.
const benchConns = 10

// BenchmarkEmptyHandler is the limit that the others are held against: a
// net/http handler that reads a call's body and answers three bytes.
func BenchmarkEmptyHandler(b *testing.B) {
	addr := serveEmpty(b)
	body := []byte(`["stream.version","account-123"]`)
	drive(b, addr, "token", b.N, func(int) []byte { return body })
}

// The benchmarks below report, beside the time, how much processor time a call
// takes (client and server together, they share the process), how much of that
// is beyond an empty handler under the same load in the same run, and the
// ratio of the two.

func BenchmarkVersion(b *testing.B) {
	bench(b, 1, func(int) []byte { return []byte(`["stream.version","account-123"]`) })
}

func BenchmarkWrite(b *testing.B) {
	bench(b, 0, func(i int) []byte { return writeBody(i) })
}

func BenchmarkGet100(b *testing.B) {
	bench(b, 100, func(int) []byte { return []byte(`["stream.get","account-123",{"batchSize":100}]`) })
}

func BenchmarkCategoryGet100(b *testing.B) {
	bench(b, 100, func(int) []byte { return []byte(`["category.get","account",{"batchSize":100}]`) })
}

func BenchmarkCategoryGet1000(b *testing.B) {
	bench(b, 1000, func(int) []byte { return []byte(`["category.get","account",{"batchSize":1000}]`) })
}

// writeBody is a write of about 330 bytes of data and metadata.
func writeBody(i int) []byte {
	return fmt.Appendf(nil, `["stream.write","order%d-%d",{"type":"OrderPlaced","data":{"orderId":"%08x","customer":{"id":%d,"name":"Customer %d","tier":"gold"},"lines":[{"sku":"SKU-%05d","quantity":%d,"price":%d.%02d}],"currency":"EUR","note":"leave at the door","placedAt":"2026-11-23T10:%02d:%02dZ"},"metadata":{"correlationStreamName":"checkout-%d","causationMessagePosition":%d,"traceId":"%016x"}}]`,
		i%10, i*7919%2000, i*2654435761, i%5000, i%5000, i%900, i%7+1, i%500, i%100, i/60%60, i%60, i%5000, i%100, i*40503)
}

func bench(b *testing.B, messages int, body func(i int) []byte) {
	st, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	addr, token := serve(b, st)
	prepare(b, st, messages)
	empty := drive(b, serveEmpty(b), "token", 20_000, func(int) []byte { return []byte(`["stream.version","account-123"]`) })
	drive(b, addr, token, 2_000, body) // warm
	b.ResetTimer()
	used := drive(b, addr, token, b.N, body)
	b.StopTimer()
	b.ReportMetric(used, "cpu-µs/op")
	b.ReportMetric(used-empty, "beyond-empty-µs/op")
	b.ReportMetric(used/empty, "x-empty")
}

// BenchmarkFigures holds calls that are counted for the figures against calls
// that are not, which are the UI's own: both in turn, in the same run. The
// median ratio of their processor time (client and server together) is what
// the figures cost, and may be 1.01.
func BenchmarkFigures(b *testing.B) {
	for name, body := range map[string]func(int) []byte{
		"version": func(int) []byte { return []byte(`["stream.version","account-123"]`) },
		"write":   writeBody,
	} {
		b.Run(name, func(b *testing.B) {
			st, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = st.Close() })
			addr, token := serve(b, st)
			prepare(b, st, 1)
			// As long as the other, and as known to the server.
			counted, uncounted := token+"\r\n"+wire.NamespaceHeader+": default", token+"\r\n"+wire.ActorHeader+": ui         "
			const slice = 2000
			var ratios []float64
			for done := 0; done < b.N || len(ratios) < 3; done += 2 * slice {
				with := drive(b, addr, counted, slice, body)
				ratios = append(ratios, with/drive(b, addr, uncounted, slice, body))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "x-uncounted")
		})
	}
}

// prepare appends messages to a stream.
func prepare(b *testing.B, st store.Store, messages int) {
	b.Helper()
	for i := range messages {
		e := store.Event{Type: "Deposited", Data: []byte(`{"amount":` + strconv.Itoa(i) + `,"note":"` + strings.Repeat("x", 250) + `"}`), Metadata: []byte(`{"correlationStreamName":"workflow-1","trace":"0123456789"}`)}
		if _, err := st.Append(context.Background(), "default", store.Write{Stream: "account-123", Events: []store.Event{e}, ExpectedVersion: store.AnyVersion}); err != nil {
			b.Fatal(err)
		}
	}
}

// serve returns the address and the token of a server on a store.
func serve(b *testing.B, st store.Store) (addr, token string) {
	b.Helper()
	s := servertest.New(b, server.Config{Store: st})
	return strings.TrimPrefix(s.Listen(), "http://"), s.Token
}

func serveEmpty(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body [4096]byte
		_, _ = io.ReadFull(r.Body, body[:])
		_, _ = w.Write([]byte("123"))
	})}
	go func() { _ = s.Serve(l) }()
	b.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// drive makes n calls over benchConns connections and returns the processor
// time of one, in microseconds. It writes requests and reads answers by hand:
// net/http's client would cost more than what is measured.
func drive(b *testing.B, addr, token string, n int, body func(i int) []byte) float64 {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	before := machine.CPUTime()
	for range benchConns {
		wg.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				b.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			in := bufio.NewReaderSize(conn, 128<<10)
			var out []byte
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				out = appendRequest(out[:0], token, body(i))
				if _, err := conn.Write(out); err != nil {
					b.Error(err)
					return
				}
				if err := skipAnswer(in); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64((machine.CPUTime() - before).Nanoseconds()) / 1e3 / float64(n)
}

func appendRequest(dst []byte, token string, body []byte) []byte {
	dst = append(dst, "POST /rpc HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer "...)
	dst = append(append(dst, token...), "\r\nContent-Type: application/json\r\nContent-Length: "...)
	dst = append(strconv.AppendInt(dst, int64(len(body)), 10), "\r\n\r\n"...)
	return append(dst, body...)
}

func skipAnswer(in *bufio.Reader) error {
	length, first, chunked := -1, true, false
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && string(line) != "HTTP/1.1 200 OK\r\n" {
			return fmt.Errorf("answered %q", line)
		}
		first = false
		const field = "Content-Length: "
		if len(line) > len(field) && string(line[:len(field)]) == field {
			if length, err = strconv.Atoi(string(line[len(field) : len(line)-2])); err != nil {
				return err
			}
		}
		chunked = chunked || string(line) == "Transfer-Encoding: chunked\r\n"
		if len(line) == 2 {
			break
		}
	}
	if chunked {
		return skipChunks(in)
	}
	if length < 0 {
		return fmt.Errorf("the answer does not tell its length")
	}
	_, err := in.Discard(length)
	return err
}

func skipChunks(in *bufio.Reader) error {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(line[:len(line)-2]), 16, 31)
		if err != nil {
			return err
		}
		if _, err := in.Discard(int(size) + 2); err != nil || size == 0 {
			return err
		}
	}
}

// BenchmarkSample is what the sampler costs once a second, with as many open
// namespaces as there may be by default: 1 % of a second on one core would be
// 10 ms.
func BenchmarkSample(b *testing.B) {
	st, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	for i := range 64 {
		id := "ns" + strconv.Itoa(i)
		if _, err := st.CreateNamespace(context.Background(), store.NamespaceSpec{ID: id}); err != nil {
			b.Fatal(err)
		}
		e := []store.Event{{Type: "T", Data: []byte(`{}`)}}
		if _, err := st.Append(context.Background(), id, store.Write{Stream: "a-1", Events: e, ExpectedVersion: store.AnyVersion}); err != nil {
			b.Fatal(err)
		}
	}
	take := server.Sampling(servertest.New(b, server.Config{Store: st}).Server)
	before := machine.CPUTime()
	b.ResetTimer()
	for range b.N {
		if open := take().Engine.Open; open != 64 {
			b.Fatalf("%d namespaces are open", open)
		}
	}
	b.ReportMetric(float64((machine.CPUTime()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}
