package story

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
)

// writeDot writes transitions as a graph in the language of Graphviz. Edges are
// labelled with their counts, and are the thicker the larger their share is.
func writeDot(to io.Writer, category string, list []flow.Transition) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "digraph %s {\n", dotQuoted(category))
	fmt.Fprintf(w, "  node [shape=box, style=rounded];\n")
	names := map[flow.Node]string{}
	node := func(n flow.Node, bound string) string {
		if n.Bound {
			return bound
		}
		if _, known := names[n]; !known {
			names[n] = fmt.Sprintf("n%d", len(names))
			fmt.Fprintf(w, "  %s [label=%s];\n", names[n], dotQuoted(n.Type))
		}
		return names[n]
	}
	fmt.Fprintf(w, "  start [shape=circle];\n  end [shape=doublecircle];\n")
	for _, t := range list {
		from, into := node(t.From, "start"), node(t.To, "end")
		label := text.Count(t.Count) + ", " + text.Share(t.Share)
		if t.Gaps.Count > 0 {
			about := ""
			if t.Gaps.Error > 0 {
				about = "≈"
			}
			label += "\np50 " + about + text.Duration(t.Gaps.P50) + ", p99 " + about + text.Duration(t.Gaps.P99) + ", max " + text.Duration(t.Gaps.Max)
		}
		fmt.Fprintf(w, "  %s -> %s [label=%s, penwidth=%.1f];\n", from, into, dotQuoted(label), 0.5+3.5*math.Sqrt(t.Share))
	}
	fmt.Fprintf(w, "}\n")
	return w.Flush()
}

// dotQuoted is text as a quoted string of the language. What a terminal or a viewer
// might obey is spelled out, and a backslash begins no escape of the label's own.
func dotQuoted(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text.Sanitize(lines[i]))
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
