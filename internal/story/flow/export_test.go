package flow

import "unsafe"

const perType = 128 // bytes of a type beside its name, about

// Bytes is about what the graph keeps, in bytes.
func (g *Graph) Bytes() int {
	n := g.streamBytes + perOrder*len(g.orders.nodes) + perType*len(g.names)
	for _, name := range g.names {
		n += len(name)
	}
	for _, e := range g.order {
		n += int(unsafe.Sizeof(*e)) + 48 + 8*cap(e.gaps.exact) + 2*cap(e.gaps.buckets) + 8*cap(e.gaps.counts) +
			int(unsafe.Sizeof(passage{}))*cap(e.passages.list)
	}
	return n
}
