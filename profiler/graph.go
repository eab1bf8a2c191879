package profiler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// What pprof leaves out by default, as shares of the total.
const (
	nodeFraction = 0.005
	edgeFraction = 0.001
)

// graph is a profile summed up by node and by call.
type graph struct {
	flat, cum []int64 // by node
	edges     edgeTable
	order     []int32 // the nodes that have any value, sorted by trim
}

// buildGraph sums up the view's samples. With kept set, only those nodes are
// in it: calls then reach over what is missing, and the flat value of a
// missing leaf goes to nobody.
func (v *View) buildGraph(kept []bool) *graph {
	g := &graph{flat: make([]int64, len(v.nodes)), cum: make([]int64, len(v.nodes))}
	g.edges.at = newPairs(len(v.nodes))
	seen := make([]int32, len(v.nodes)) // by node: the last sample it was counted in, from 1
	for i, s := range v.p.Sample {
		w := s.Value[v.index]
		if w == 0 {
			continue
		}
		sample := int32(i + 1)
		parent, gap := int32(-1), false
		for _, f := range v.stack(i) {
			n := f.node()
			if kept != nil && !kept[n] {
				gap = true
				continue
			}
			if seen[n] != sample {
				seen[n] = sample
				g.cum[n] += w
			}
			if parent >= 0 && parent != n {
				g.edges.add(parent, n, w, sample, f.inline())
			}
			parent, gap = n, false
		}
		if parent >= 0 && !gap {
			g.flat[parent] += w
		}
	}
	for n := range g.flat {
		if g.flat[n] != 0 || g.cum[n] != 0 {
			g.order = append(g.order, int32(n))
		}
	}
	return g
}

// trimmed is a graph without what is too small to matter.
type trimmed struct {
	*graph
	edgeCutoff  int64 // calls below it are not there
	nodesBefore int   // nodes that were left for count to choose from
	dropped     int   // nodes below the cutoff
}

// trim builds the graph, drops what is below the given shares, sorts, and
// keeps the first count nodes (0: all). After each step the graph is built
// again from the samples, as pprof does.
func (v *View) trim(nodeShare, edgeShare float64, count int, byCum bool) trimmed {
	t := trimmed{graph: v.buildGraph(nil)}
	var total int64
	for _, n := range t.order {
		total += t.flat[n]
	}
	nodeCutoff := abs(int64(float64(total) * nodeShare))
	t.edgeCutoff = abs(int64(float64(total) * edgeShare))
	if nodeCutoff > 0 {
		kept := slices.DeleteFunc(slices.Clone(t.order), func(n int32) bool { return abs(t.cum[n]) < nodeCutoff })
		if t.dropped = len(t.order) - len(kept); t.dropped > 0 {
			t.graph = v.buildGraph(v.set(kept))
		}
	}
	t.nodesBefore = len(t.order)
	v.sortNodes(t.graph, byCum)
	if count > 0 && count < len(t.order) {
		t.graph = v.buildGraph(v.set(t.order[:count]))
		v.sortNodes(t.graph, byCum)
	}
	return t
}

func (v *View) set(nodes []int32) []bool {
	set := make([]bool, len(v.nodes))
	for _, n := range nodes {
		set[n] = true
	}
	return set
}

// sortNodes orders by the size of flat (or cum), then by name, then by the
// size of the other, then by all else that tells nodes apart.
func (v *View) sortNodes(g *graph, byCum bool) {
	first, second := g.flat, g.cum
	if byCum {
		first, second = g.cum, g.flat
	}
	slices.SortFunc(g.order, func(a, b int32) int {
		if c := cmp.Compare(abs(first[b]), abs(first[a])); c != 0 {
			return c
		}
		if c := strings.Compare(v.names[a], v.names[b]); c != 0 {
			return c
		}
		if c := cmp.Compare(abs(second[b]), abs(second[a])); c != 0 {
			return c
		}
		return strings.Compare(fmt.Sprint(v.nodes[a]), fmt.Sprint(v.nodes[b]))
	})
}

// edge is what one function spent in calls to another.
type edge struct {
	from, to int32
	last     int32 // the sample counted last
	inline   bool  // every such call was inlined
	weight   int64
}

// edgeTable finds edges by their ends.
type edgeTable struct {
	list []edge
	at   pairs
}

// add counts a call once per sample.
func (t *edgeTable) add(from, to int32, w int64, sample int32, inline bool) {
	slot := t.at.find(from, to)
	if i := t.at.at(slot); i >= 0 {
		if e := &t.list[i]; e.last != sample {
			e.last = sample
			e.weight += w
			e.inline = e.inline && inline
		}
		return
	}
	t.at.put(slot, from, to, int32(len(t.list)))
	t.list = append(t.list, edge{from: from, to: to, last: sample, inline: inline, weight: w})
}
