package causes

import "strings"

// Row is a node as the tree is drawn: causes above their effects, effects in the
// order of the log, each with all that followed from it below.
type Row struct {
	Node  int
	Depth int    // causes above it
	more  uint64 // bit k: the cause that many above it, or itself for 0, has an effect further below
}

// maxRails is how many levels of a tree are drawn at most.
const maxRails = 64

// Rows are the tree's nodes as they are drawn, what is loose at the end.
func (t *Tree) Rows() []Row {
	rows := make([]Row, 0, len(t.nodes))
	var stack []Row
	for i := len(t.nodes) - 1; i >= 0; i-- {
		if t.nodes[i].Cause < 0 {
			stack = append(stack, Row{Node: i})
		}
	}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		rows = append(rows, at)
		below := t.nodes[at.Node].effects
		for k := len(below) - 1; k >= 0; k-- {
			r := Row{Node: int(below[k]), Depth: at.Depth + 1, more: at.more << 1}
			if k < len(below)-1 {
				r.more |= 1
			}
			stack = append(stack, r)
		}
	}
	return rows
}

// Rails are what is drawn before a row: lines from the causes above it, of the
// nearest levels, with a sign where there are more.
func (r Row) Rails(levels int, ascii bool) string {
	over, through, corner, tee, gap := "…", "│ ", "└ ", "├ ", "  "
	if ascii {
		over, through, corner, tee = "~", "| ", "` ", "+ "
	}
	levels = max(min(levels, maxRails), 1)
	var b strings.Builder
	if r.Depth > levels {
		b.WriteString(over)
	}
	for k := min(r.Depth, levels) - 1; k >= 0; k-- {
		more := r.more>>k&1 == 1
		switch {
		case k > 0 && more:
			b.WriteString(through)
		case k > 0:
			b.WriteString(gap)
		case more:
			b.WriteString(tee)
		default:
			b.WriteString(corner)
		}
	}
	return b.String()
}

// Words say what is odd about a node; none for nothing.
func (n *Node) Words() []string {
	var out []string
	for _, f := range []struct {
		fault Fault
		words string
	}{
		{Missing, "its cause " + n.Named.String() + " is not there"},
		{Unknown, "its cause " + n.Named.String() + " was not found"},
		{Self, "names itself as its cause"},
		{Cycle, "its cause " + n.Named.String() + " follows from it: a cycle"},
		{Later, "its cause comes later in the log"},
		{Backward, "its time is before its cause's"},
		{Ambiguous, "several messages have the " + n.Named.String()},
		{Further, "more causes above"},
	} {
		if n.Fault&f.fault != 0 {
			out = append(out, f.words)
		}
	}
	if n.Fault&Several != 0 {
		also := make([]string, len(n.Others))
		for i, ref := range n.Others {
			also[i] = ref.String()
		}
		out = append(out, "also names "+strings.Join(also, ", "))
	}
	if n.Loose {
		out = append(out, "belongs to the same process, by an unknown cause")
	}
	return out
}
