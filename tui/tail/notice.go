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

// ask asks for it once in a while, as long as the tail is seen.
func (n *notice) ask(t *page.Turn, seen bool, k *questions) {
	if !t.Live.Info.Witness && !t.Live.Info.Shared || !seen || !t.At.IsZero() {
		n.text = ""
		return
	}
	if n.gen != 0 || t.Now.Sub(n.asked) < noticeEvery {
		return
	}
	n.gen, n.asked = k.next(), t.Now
	namespace := t.Namespace
	t.Ask(n.gen, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").NamespaceInfo(ctx, namespace)
	})
}

// took takes the answer, if it is one.
func (n *notice) took(t *page.Turn, msg page.Reply) bool {
	if msg.Gen == 0 || msg.Gen != n.gen {
		return false
	}
	n.gen = 0
	said := ""
	if about, ok := msg.Value.(store.Namespace); ok && msg.Err == nil {
		said = about.Notice
	}
	if said == n.text {
		t.Same()
	}
	n.text = said
	return true
}
