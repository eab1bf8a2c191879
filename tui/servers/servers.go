package servers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

const (
	lookEvery = time.Second     // one server, while the page is seen
	lagEvery  = 5 * time.Second // its consumers, which cost it more
	freshFor  = 3 * time.Second // two samples, and the look that brings them
)

// row is one server with what is known of it.
type row struct {
	page.Server
	record fleet.Record
	gen    uint64    // of the look under way; 0: none
	asked  time.Time // when the last look began
	lagged time.Time // when its consumers were asked for last
	mute   bool      // it does not tell of its consumers
}

// servers shows the servers of the configuration.
type servers struct {
	look  page.Looker
	rows  []*row // in the order of the configuration
	list  *kit.List[*row]
	now   time.Time
	gen   uint64
	drawn int64 // the second in which ages were drawn last

	versions int // cells that the widest version takes
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{
		Name: page.Servers, Action: "servers", Apart: true,
		New: func(s page.Setup) page.Pane { return newServers(s) },
	}
}

func newServers(s page.Setup) *servers {
	p := &servers{look: s.Look}
	for _, known := range s.Servers {
		p.rows = append(p.rows, &row{Server: known})
	}
	p.list = kit.NewList(kit.ListOptions[*row]{Columns: p.columns(), Empty: "no servers"})
	p.list.SetRows(p.rows)
	p.list.SetCursor(slices.IndexFunc(p.rows, func(r *row) bool { return r.Here }))
	return p
}

// Update implements [page.Pane].
func (p *servers) Update(t *page.Turn, msg any) {
	p.now = t.Now
	switch msg := msg.(type) {
	case page.ShowMsg, page.FrameMsg:
		p.frame(t)
	case page.NamespaceMsg, page.ReconnectMsg:
		for _, r := range p.rows {
			r.gen = 0 // the answer will not come
		}
	case page.Reply:
		p.replied(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	default:
		p.list.Update(t, msg)
	}
}

// frame looks at each server that was not looked at for a while, and has the
// ages of what is old go on.
func (p *servers) frame(t *page.Turn) {
	old := false
	for _, r := range p.rows {
		if r.gen == 0 && t.Now.Sub(r.asked) >= lookEvery {
			p.ask(t, r)
		}
		old = old || !r.fresh(t.Now)
	}
	if second := t.Now.Unix(); old && second != p.drawn {
		p.drawn = second
		p.list.Changed()
		t.Redraw()
	}
}

// looked is what a look came to.
type looked struct {
	sight fleet.Sight
	lag   bool // it was asked for
	err   error
}

func (p *servers) ask(t *page.Turn, r *row) {
	p.gen++
	r.gen, r.asked = p.gen, t.Now
	r.record.Begin(t.Now)
	q := fleet.Question{Since: r.record.Since(), Plain: r.record.Err == nil && r.record.Refused != ""}
	if q.Lag = !q.Plain && !r.mute && t.Now.Sub(r.lagged) >= lagEvery; q.Lag {
		r.lagged = t.Now
	}
	look, name := p.look, r.Name
	t.Ask(p.gen, func(ctx context.Context, _ *client.Client) (any, error) {
		s, err := fleet.Within(ctx, func(ctx context.Context) (fleet.Sight, error) { return look(ctx, name, q) })
		// The shell takes an error for one of the server that the UI is on.
		return looked{s, q.Lag, err}, nil
	})
}

func (p *servers) replied(t *page.Turn, msg page.Reply) {
	i := slices.IndexFunc(p.rows, func(r *row) bool { return msg.Gen != 0 && r.gen == msg.Gen })
	found, ok := msg.Value.(looked)
	if i < 0 || !ok {
		t.Same()
		return
	}
	r := p.rows[i]
	r.gen = 0
	r.mute = r.mute || found.lag && !found.sight.Lagged
	if found.err != nil {
		r.lagged, r.mute = time.Time{}, false // it may be another process when it is back
	}
	r.record.Take(found.sight, found.err, t.Now)
	p.fitVersions()
	p.list.Resort()
}

// fresh reports whether what is known of a server can be taken for now.
func (r *row) fresh(now time.Time) bool {
	return r.record.Err == nil && !r.record.Answered.IsZero() && now.Sub(r.record.Answered) <= freshFor
}

func (p *servers) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActOpen:
		p.goThere(t)
	case page.ActRefresh:
		for _, r := range p.rows {
			r.asked, r.lagged, r.mute = time.Time{}, time.Time{}, false
			r.record.Refused = "" // perhaps no longer
		}
		p.frame(t)
	case page.ActCopyView:
		t.Copy("the command", "evtui servers")
	default:
		p.list.Act(t, a)
	}
}

func (p *servers) goThere(t *page.Turn) {
	switch r, ok := p.list.Chosen(); {
	case !ok:
	case r.Here:
		t.Go(page.Location{Page: page.Overview})
	default:
		t.Go(page.Location{Context: r.Name})
	}
}

// Bindings implements [page.Pane].
func (p *servers) Bindings() []page.Binding {
	return append([]page.Binding{
		page.Bind(page.ActOpen, "go to the server, as :ctx NAME does", "go there"),
		page.Bind(page.ActSort, "", "sort"),
		page.Bind(page.ActRefresh, "look at all servers now", ""),
		page.Bind(page.ActCopyView, "", ""),
	}, p.list.Bindings()...)
}

// Chrome implements [page.Pane].
func (p *servers) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Servers"}, Count: p.list.Status()}
	bad := 0
	for _, r := range p.rows {
		if s := r.record.State(env.Now).Status; s >= fleet.Warned {
			bad++
		}
	}
	if bad > 0 {
		c.Chips = append(c.Chips, fmt.Sprintf("%d of %d not healthy", bad, len(p.rows)))
	}
	return c
}

// consumer names whose lag a row shows.
func consumer(l *fleet.Lag) string {
	category := l.Category
	if category == "" {
		category = "all"
	}
	return strings.Join([]string{l.Namespace, category, l.Consumer}, " ")
}
