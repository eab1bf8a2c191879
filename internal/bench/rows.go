package bench

import (
	"context"
	"math/rand/v2"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// row is one metric.
type row struct {
	name        string
	what        string
	unit        measure.Unit // a cost is the server's, where nothing else is said
	goal        float64      // at most, for a rate at least
	connections int
	batch       int // messages of a write; 0: reads
	kind        readKind
	size        int                                              // messages of a page
	group       int                                              // size of the consumer group
	by          func(*run, context.Context, row) (Result, error) // nil: its calls are made
}

// table is all rows, in the order in which they are measured: reads first,
// on what was filled and compacted, and the peak of memory last.
func table() []row {
	return []row{
		{name: "disk", what: "disk per message, compacted", unit: measure.Bytes, goal: 120, by: (*run).disk},
		{name: "stream-get", what: "stream.get, 100 messages", unit: measure.CPUMicros, goal: 90, connections: 10, kind: readStream, size: 100},
		{name: "category-get", what: "category.get, 100 messages", unit: measure.CPUMicros, goal: 90, connections: 10, kind: readCategory, size: 100},
		{name: "category-get-1000", what: "category.get, 1,000 messages", unit: measure.CPUMicros, goal: 700, connections: 10, kind: readCategory, size: 1000},
		{name: "category-get-group", what: "category.get, 100 messages, member of 4", unit: measure.CPUMicros, goal: 130, connections: 10, kind: readCategory, size: 100, group: 4},
		{name: "version", what: "stream.version", unit: measure.CPUMicros, goal: 12, connections: 10, kind: readVersion},
		{name: "write", what: "stream.write, 10 connections", unit: measure.CPUMicros, goal: 16, connections: 10, batch: 1},
		{name: "write-64", what: "stream.write, 64 connections", unit: measure.PerSecond, goal: 60_000, connections: 64, batch: 1},
		{name: "append-100", what: "stream.append, batches of 100, messages", unit: measure.PerSecond, goal: 100_000, connections: 10, batch: 100},
		{name: "client", what: "stream.version with server/client, the client's own time", unit: measure.CPUMicros, goal: 30, connections: 10, kind: readVersion, by: (*run).sdk},
		{name: "memory", what: "peak memory", unit: measure.Bytes, goal: 200e6, by: (*run).memory},
	}
}

// Names returns the names of the rows.
func Names() []string {
	var names []string
	for _, r := range table() {
		names = append(names, r.name)
	}
	return names
}

// stored reports whether the row is about messages that were filled in.
func (r row) stored() bool { return r.batch == 0 }

// callers makes those of the row; limit ones for the limit.
func (r row) callers(c Config, streams int, limit bool) func(number int) caller {
	return func(number int) caller {
		// Numbers of their own, so that no two steps send the same.
		seed, id := c.Seed+uint64(r.batch)<<8+uint64(r.connections), uint64(number)
		if r.batch > 0 {
			return &writer{source: load.NewSource(0, streams, seed, id), events: make([]client.Event, r.batch), limit: limit}
		}
		slack := int64(r.size) * int64(max(r.group, 1)) * 3 * load.DefaultCategories
		return &reader{
			source: load.NewSource(0, streams, seed, id), random: rand.New(rand.NewPCG(seed, id)),
			kind: r.kind, size: r.size, from: c.Messages - slack, group: store.Group{Size: r.group}, limit: limit,
		}
	}
}
