package story

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/story/flow"
)

// Names of where streams start and end, as the table of transitions has them.
const (
	startOfStream = "(start)"
	endOfStream   = "(end)"
)

// passageRow is a stream that took a transition, as the command prints it.
type passageRow struct {
	Stream         string    `json:"stream"`
	Position       int64     `json:"position"` // of the message that completed it, the last time
	GlobalPosition int64     `json:"globalPosition"`
	Time           time.Time `json:"time"`
}

func passageFields() []output.Field[passageRow] {
	return []output.Field[passageRow]{
		output.Text("stream", func(r passageRow) string { return r.Stream }).AtLeast(28),
		output.Count("position", func(r passageRow) int64 { return r.Position }),
		output.Count("global", func(r passageRow) int64 { return r.GlobalPosition }),
		output.Time("time", time.DateTime, func(r passageRow) time.Time { return r.Time }),
	}
}

// printPassages lists the streams that took one transition, those that took it last
// first.
func (f *flowCommand) printPassages(cmd *cobra.Command, g *flow.Graph) ([]flow.Note, error) {
	node := func(name, bound string) flow.Node {
		if name == bound {
			return flow.Node{Bound: true}
		}
		return flow.Node{Type: name}
	}
	pair := flow.Pair{From: node(f.from, startOfStream), To: node(f.to, endOfStream)}
	var count int64
	for _, t := range g.Transitions() {
		if t.Pair == pair {
			count = t.Count
		}
	}
	if count == 0 {
		return nil, fmt.Errorf("in the streams of %s %s never directly follows %s", f.category, f.to, f.from)
	}
	list := g.Passages(pair)
	if f.limit > 0 && len(list) > f.limit {
		list = list[:f.limit]
	}
	rows := make([]passageRow, len(list))
	for i, p := range list {
		rows[i] = passageRow{p.Stream, p.Position, p.At.Global, p.At.Time.UTC()}
	}
	sum := g.Sum()
	notes := sum.Notes()
	if int64(len(list)) < count {
		why := fmt.Sprintf("of this transition; listed: %s, those that took it last", output.Counted(int64(len(list)), "stream"))
		notes = append(notes, flow.Note{Count: count, Noun: "passage", Why: why})
	}
	return notes, output.List(cmd.OutOrStdout(), *f.format, passageFields(), nil, rows)
}
