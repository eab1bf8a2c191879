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

// unjudged is the rows from the search's place on that are not at hand whole,
// and that the search must read to go on.
func (l *list) unjudged() []*kit.Brief {
	var out []*kit.Brief
	if h := l.hunt; h != nil {
		for at := h.at; len(out) < judgeRows; at += h.step {
			b, ok := l.row(at).(*kit.Brief)
			if !ok || h.knows(b) {
				break
			}
			out = append(out, b)
		}
	}
	return out
}

// judge reads the messages that the search has come to, and reports whether
// there are such.
func (l *list) judge(t *page.Turn) bool {
	rows := l.unjudged()
	if len(rows) == 0 {
		return false
	}
	h, namespace := l.hunt, l.of.namespace
	l.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
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
	})
	return true
}

// judged goes on with the search, if it is still that one.
func (l *list) judged(t *page.Turn, r judgedReply) {
	if l.hunt == r.of {
		l.hunt.hits = r.hits
		l.look(t)
	}
}

// knows reports whether the search can tell if a row holds the text.
func (h *hunt) knows(b *kit.Brief) bool {
	_, judged := h.hits[rowKey(b)]
	return judged || b.Whole() != nil || kit.ContainsFold([]byte(b.Text()), h.needle)
}
