package profiler

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// FlameText says how a flame is printed.
type FlameText struct {
	Root     int     // node to begin with
	MinShare float64 // leave out what is below this share of the root's weight; 0: half a percent, below 0: nothing
	MaxDepth int     // levels below the root; 0: 500, which is all in any profile that Go writes
	Bar      int     // cells of the widest bar; 0: none
	ASCII    bool    // bars of #
}

// deepest is how many levels are drawn unless asked otherwise: a hostile
// profile may hold stacks of millions of frames.
const deepest = 500

func (o FlameText) cutoff(total int64) int64 {
	share := o.MinShare
	if share == 0 {
		share = 0.005
	}
	if share < 0 {
		return 0
	}
	return int64(float64(total) * share)
}

// WriteText prints the tree indented, one node a line: share of the root,
// value, own share, name. What is left out under a node is summed up in one
// line. In a difference shares are of both sides together, and the value and
// the own share carry signs.
func (f *Flame) WriteText(w io.Writer, o FlameText) error {
	if o.MaxDepth <= 0 {
		o.MaxDepth = deepest
	}
	b := bufio.NewWriter(w)
	total := f.Weight(o.Root)
	p := flamePrinter{f: f, w: b, o: o, total: total, cutoff: o.cutoff(total)}
	fmt.Fprintf(b, "%7s %10s %7s  %s\n", "share", f.typ.Type, "self", "function")
	p.node(o.Root, 0)
	return flushed(b, "flame")
}

type flamePrinter struct {
	f      *Flame
	w      *bufio.Writer
	o      FlameText
	total  int64
	cutoff int64
}

// node prints a node and what is below.
func (p *flamePrinter) node(i, level int) {
	p.line(p.f.Weight(i), p.f.Value(i), p.f.SelfValue(i), level, p.f.label(i))
	if level >= p.o.MaxDepth {
		return
	}
	var left, weight, value int64
	for _, k := range p.f.Children(i) {
		if w := p.f.Weight(int(k)); w < p.cutoff || w == 0 {
			left, weight, value = left+1, weight+w, value+p.f.Value(int(k))
			continue
		}
		p.node(int(k), level+1)
	}
	if left > 0 && weight >= p.cutoff && weight > 0 {
		p.line(weight, value, 0, level+1, fmt.Sprintf("(%d smaller)", left))
	}
}

func (p *flamePrinter) line(weight, value, self int64, level int, name string) {
	bar := ""
	if p.o.Bar > 0 && p.total > 0 {
		n := int(float64(weight)/float64(p.total)*float64(p.o.Bar) + 0.5)
		mark := "█"
		if p.o.ASCII {
			mark = "#"
		}
		bar = fmt.Sprintf("%s%s ", strings.Repeat(mark, min(n, p.o.Bar)), strings.Repeat(" ", p.o.Bar-min(n, p.o.Bar)))
	}
	fmt.Fprintf(p.w, "%7s %10s %7s  %s%s%s\n", Percent(weight, p.total), p.f.Change(value), p.ownShare(self),
		bar, strings.Repeat("  ", level), name)
}

func (p *flamePrinter) ownShare(self int64) string {
	share := Percent(self, p.total)
	switch {
	case !p.f.signed || self == 0:
		return share
	case self < 0:
		return "-" + strings.TrimSpace(share)
	default:
		return "+" + strings.TrimSpace(share)
	}
}

// label is a node's name with what else is known of it.
func (f *Flame) label(i int) string {
	if f.Inlined(i) {
		return f.Name(i) + " (inline)"
	}
	return f.Name(i)
}

// WriteFolded prints the stacks in the folded form that other flame graph
// programs read: names joined by semicolons, a space, the value. In a
// difference the value is what changed, with its sign; stacks that did not
// change are left out.
func (f *Flame) WriteFolded(w io.Writer) error {
	b := bufio.NewWriter(w)
	clean := strings.NewReplacer(";", ":", "\n", " ")
	for i := range f.nodes {
		self := f.SelfValue(i)
		if self == 0 || i == 0 {
			continue
		}
		path := f.Path(i)
		for j := range path {
			path[j] = clean.Replace(path[j])
		}
		fmt.Fprintf(b, "%s %d\n", strings.Join(path, ";"), self)
	}
	return flushed(b, "folded stacks")
}
