package load

import (
	"cmp"
	"math/rand/v2"

	"github.com/evtui/evtui/server/client"
)

// Source makes the messages that a worker of a load would append, for those
// who send them in their own way. It is for one goroutine.
type Source struct {
	workload *workload
	random   *rand.Rand
	cause    link
	name     []byte
	memory   []byte
}

// NewSource returns the source with that number of a load with these many
// categories and streams (0: the load's own) and that seed.
func NewSource(categories, streams int, seed, number uint64) *Source {
	c := Config{Categories: min(cmp.Or(categories, DefaultCategories), len(catalogue)), Streams: cmp.Or(streams, DefaultStreams), Seed: seed}
	c.Streams = max(c.Streams, c.Categories)
	return newWorkload(c).source(seed, number)
}

func (g *workload) source(seed, number uint64) *Source {
	return &Source{workload: g, random: rand.New(rand.NewPCG(seed, number+1))}
}

// Categories returns the names of the categories that messages go to.
func (s *Source) Categories() []string {
	names := make([]string, len(s.workload.categories))
	for i := range s.workload.categories {
		names[i] = s.workload.categories[i].category
	}
	return names
}

// Stream returns the name of a stream, chosen as a load does.
func (s *Source) Stream() string {
	return s.stream(&s.workload.categories[s.random.IntN(len(s.workload.categories))])
}

func (s *Source) stream(l *line) string {
	s.name = s.workload.stream(s.name[:0], l.category, s.random)
	return string(s.name)
}

// Next fills events and returns the stream that they are for. The events' bytes
// are valid until the next call.
func (s *Source) Next(events []client.Event) (stream string) {
	l := &s.workload.categories[s.random.IntN(len(s.workload.categories))]
	stream = s.stream(l)
	s.memory = s.workload.fill(events, s.memory[:0], l, s.cause, s.random)
	return stream
}

// Stored notifies the source where the last of a stream's messages came to lie;
// the messages that follow are caused by it.
func (s *Source) Stored(stream string, position, global int64) {
	s.cause = link{stream, position, global}
}
