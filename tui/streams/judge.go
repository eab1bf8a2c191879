package streams

import (
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// judgeRows is how many messages a search reads for one answer, so that it shows
// its progress and esc ends it soon.
const judgeRows = 16

// judgedReply says which of the messages that were read whole hold the text.
type judgedReply struct {
	of   *hunt
	hits map[string]bool // by the rows' keys
}

// judge reads the messages that the search has come to, and reports whether
// there are such.
func (l *list) judge(t *page.Turn) bool {
	if l.hunt == nil {
		return false
	}
	rows := l.hunt.unjudged(l.row)
	if len(rows) == 0 {
		return false
	}
	l.ask(t, l.hunt.judge(l.of.namespace, rows))
	return true
}

// unjudged is the rows from the search's place on that are not at hand whole,
// and that it must read to go on.
func (h *hunt) unjudged(row func(i int) any) []*kit.Brief {
	var out []*kit.Brief
	for at := h.at; len(out) < judgeRows; at += h.step {
		b, ok := row(at).(*kit.Brief)
		if !ok || h.knows(b) {
			break
		}
		out = append(out, b)
	}
	return out
}

// judge reads rows' messages up to the first one that holds the text.
func (h *hunt) judge(namespace string, rows []*kit.Brief) page.Call {
	return func(ctx context.Context, c *client.Client) (any, error) {
		r := judgedReply{of: h, hits: map[string]bool{}}
		for _, b := range rows {
			m, err := b.Read(ctx, c.In(namespace))
			if err != nil {
				return nil, err
			}
			hit := kit.ContainsFold([]byte(kit.MessageText(m)), h.needle)
			if r.hits[rowKey(b)] = hit; hit {
				break
			}
		}
		return r, nil
	}
}

// knows reports whether the search can tell if a row holds the text.
func (h *hunt) knows(b *kit.Brief) bool {
	_, judged := h.hits[rowKey(b)]
	return judged || b.Whole() != nil || kit.ContainsFold([]byte(b.Text()), h.needle)
}
