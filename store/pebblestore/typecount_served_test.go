//go:build unix

package pebblestore

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/barehttp"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
)

var typeServe = flag.String("types.serve", "", "have TestServeTypes serve a store that counts by type, on or off, until it is interrupted")

// TestServeTypes is the server process of BenchmarkTypesOnOff/served. It prints
// its address and its token.
func TestServeTypes(t *testing.T) {
	if *typeServe == "" {
		t.Skip("it is a process of BenchmarkTypesOnOff")
	}
	s, err := Open(t.TempDir(), Options{uncounted: *typeServe == "off"})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClosed(t, s)
	served := servertest.New(t, server.Config{Store: s})
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	fmt.Println(strings.TrimPrefix(served.Listen(), "http://"), served.Token)
	<-ctx.Done()
	served.Stop()
}

// servedTypes is such a process, with the connections that load it.
type servedTypes struct {
	process *measure.Process
	head    []byte
	conns   []*barehttp.Conn
}

func mustServeTypes(b *testing.B, counts string) *servedTypes {
	b.Helper()
	out := filepath.Join(b.TempDir(), "out")
	p, err := measure.Start(os.Args[0], out, "-test.run=^TestServeTypes$", "-types.serve="+counts)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Stop() })
	if _, err := p.CPU(); err != nil {
		b.Skip(err)
	}
	line, err := p.AwaitLine(b.Context(), out)
	if err != nil {
		b.Fatal(err)
	}
	addr, token, _ := strings.Cut(line, " ")
	s := &servedTypes{process: p, head: fmt.Appendf(nil,
		"POST /rpc HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: ", addr, token)}
	for range typeCallers {
		c, err := barehttp.Dial(context.Background(), addr, 4096)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(c.Close)
		s.conns = append(s.conns, c)
	}
	return s
}

// round makes writes, and returns what the server used for each, in nanoseconds.
func (s *servedTypes) round(b *testing.B, from int) float64 {
	b.Helper()
	idle := make(chan *barehttp.Conn, len(s.conns))
	for _, c := range s.conns {
		idle <- c
	}
	before := s.cpu(b)
	spread(b, len(s.conns), *typeWrites, func(i int) error {
		c := <-idle
		defer func() { idle <- c }()
		e := payload(from + i)
		body := fmt.Appendf(nil, `["stream.write",%q,{"type":"Type%d","data":%s,"metadata":%s}]`, streamName(from+i), (from+i)%typeNames, e.Data, e.Metadata)
		if err := c.Send(s.head, body); err != nil {
			return err
		}
		answer, status, _, err := c.Receive(nil, 4096)
		if err == nil && status != 200 {
			err = fmt.Errorf("answered %d: %s", status, answer)
		}
		return err
	})
	return float64(s.cpu(b)-before) / float64(*typeWrites)
}

func (s *servedTypes) cpu(b *testing.B) time.Duration {
	b.Helper()
	used, err := s.process.CPU()
	if err != nil {
		b.Fatal(err)
	}
	return used
}

// typesServed compares what a stream.write takes of a server's processor time,
// over HTTP, synced on the disk: two servers, in processes of their own.
func typesServed(b *testing.B) {
	servers := [2]*servedTypes{mustServeTypes(b, "off"), mustServeTypes(b, "on")}
	var written [2]int
	alternate(b, func(of int) (cpu, allocated float64) {
		from := written[of]
		written[of] += *typeWrites
		return servers[of].round(b, from), 0
	})
}
