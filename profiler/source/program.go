package source

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/evtui/evtui/profiler"
)

// Program is a Go program that serves its profiles and nothing else that is
// known here. It is safe for concurrent use.
type Program struct {
	web  Web
	root *url.URL // under which it serves /debug/pprof
	heap bool     // whether Look reads how large the heap is

	mu       sync.Mutex
	heapRead time.Time // when the heap was read last
	heapSize int64     // then; -1: not known
}

// heapEvery is how often the heap is read, which has the program print its
// whole heap profile.
const heapEvery = 6 * time.Second

// maxHeapText bounds that profile, in bytes.
const maxHeapText = 64 << 20

// NewProgram returns the program at an address, such as http://app:6060 or
// http://app:6060/debug/pprof/. With heap, Look reads the size of its heap.
func NewProgram(web Web, address string, heap bool) (*Program, error) {
	root, err := Root(address)
	if err != nil {
		return nil, err
	}
	return &Program{web: web, root: root, heap: heap, heapSize: -1}, nil
}

// URL returns the address under which it serves /debug/pprof.
func (p *Program) URL() string { return p.root.String() }

// Offers returns what profiles it offers.
func (p *Program) Offers(ctx context.Context) (Offers, error) { return p.web.Offers(ctx, p.URL()) }

// Sighting is one look at a program.
type Sighting struct {
	Offers Offers
	Heap   int64 // bytes of objects, read at most 6 s ago; -1: not known
}

// Goroutines returns how many there are; -1: not known.
func (s Sighting) Goroutines() int64 {
	if n, ok := s.Offers.Count(profiler.Goroutine); ok {
		return n
	}
	return -1
}

// Observation is what rules see of the sighting: goroutines and heap, as far
// as they are known.
func (s Sighting) Observation(at time.Time) profiler.Observation {
	values := map[string]float64{}
	if n := s.Goroutines(); n >= 0 {
		values[profiler.MetricGoroutines] = float64(n)
	}
	if s.Heap >= 0 {
		values[profiler.MetricHeap] = float64(s.Heap)
	}
	return profiler.Observation{Time: at, Values: values}
}

// Look asks what the program offers, which counts its goroutines, and how large
// its heap is. A heap that cannot be read is not known, and no error.
func (p *Program) Look(ctx context.Context) (Sighting, error) {
	offers, err := p.Offers(ctx)
	if err != nil {
		return Sighting{}, err
	}
	s := Sighting{Offers: offers, Heap: -1}
	if p.heap && offers.Has(profiler.Heap) {
		s.Heap = p.readHeap(ctx)
	}
	return s, nil
}

func (p *Program) readHeap(ctx context.Context) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.heapRead) >= heapEvery {
		p.heapRead = now
		p.heapSize = p.askHeap(ctx)
	}
	return p.heapSize
}

// askHeap finds "# HeapAlloc = 12345" in the text of the heap profile.
func (p *Program) askHeap(ctx context.Context) int64 {
	size := int64(-1)
	address := p.root.JoinPath(pprofPath, "heap")
	address.RawQuery = "debug=1"
	err := p.web.get(ctx, address, 0, func(body io.Reader) error {
		lines := bufio.NewScanner(io.LimitReader(body, maxHeapText))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "# HeapAlloc = "); ok {
				n, err := strconv.ParseInt(text, 10, 64)
				size = n
				return err
			}
		}
		return lines.Err()
	})
	if err != nil {
		return -1
	}
	return size
}

// OnlyProfiles passes on what is asked of /debug/pprof, and answers all else
// itself as a server that does not offer it: a program that is no event store is
// not asked for what only an event store has.
func OnlyProfiles(next *http.Transport) http.RoundTripper { return onlyProfiles{next} }

type onlyProfiles struct{ next *http.Transport }

// RoundTrip implements http.RoundTripper.
func (o onlyProfiles) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, pprofPath) {
		return o.next.RoundTrip(r)
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	const body = `{"error":{"code":"METHOD_NOT_FOUND","message":"this program offers its profiles, and is no event store"}}`
	return &http.Response{
		Status: "404 Not Found", StatusCode: http.StatusNotFound, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// CloseIdleConnections closes those of the transport below.
func (o onlyProfiles) CloseIdleConnections() { o.next.CloseIdleConnections() }

// Names lists what is offered, as evtui calls it.
func (o Offers) Names() []string {
	var names []string
	for _, kind := range profiler.Kinds() {
		if o.Has(kind) {
			names = append(names, string(kind))
		}
	}
	return names
}

// Missing is the error of a program that does not offer a kind of profile.
type Missing struct {
	Of     string // the program's address
	Kind   profiler.Kind
	Offers Offers // what there is instead; nil: that is not known
}

// Error implements error.
func (m *Missing) Error() string {
	s := fmt.Sprintf("%s offers no %s profiles", m.Of, m.Kind)
	if names := m.Offers.Names(); len(names) > 0 {
		s += "; it has " + strings.Join(names, ", ")
	}
	return s
}

// Unwrap returns ErrNotThere.
func (m *Missing) Unwrap() error { return ErrNotThere }
