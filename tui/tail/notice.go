package tail

import (
	"context"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// noticeEvery is how often the tail of a store that others write to asks what holds it back:
// whom the settled head of a database waits for, or how old the copy of a log is. What is behind
// that is written and not shown yet.
const noticeEvery = time.Second

// notice is what the server has to say of the namespace.
type notice struct {
	text  string
	gen   uint64 // of the question under way; 0: none
	asked time.Time
}

func (p *tail) askNotice(t *page.Turn) {
	n := &p.notice
	if !t.Live.Info.Witness && !t.Live.Info.Shared || !p.shown || !t.At.IsZero() {
		n.text = ""
		return
	}
	if n.gen != 0 || t.Now.Sub(n.asked) < noticeEvery {
		return
	}
	p.gens++
	n.gen, n.asked = p.gens, t.Now
	namespace := t.Namespace
	t.Ask(n.gen, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").NamespaceInfo(ctx, namespace)
	})
}

// noticed takes the answer, if it is one.
func (p *tail) noticed(t *page.Turn, msg page.Reply) bool {
	if msg.Gen == 0 || msg.Gen != p.notice.gen {
		return false
	}
	p.notice.gen = 0
	said := ""
	if about, ok := msg.Value.(store.Namespace); ok && msg.Err == nil {
		said = about.Notice
	}
	if said == p.notice.text {
		t.Same()
	}
	p.notice.text = said
	return true
}
