package groups

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// observeEvery is how often consumers are looked at.
const observeEvery = 2 * time.Second

// consumers is what is known of those who consume the namespace.
type consumers struct {
	watch *lag.Watch // shared with the looks under way, which wait for each other
	look  lag.Look   // the newest; its consumers are not changed
	known bool       // there was one
	then  then

	fault string // why the last look failed
	gen   uint64 // of the look under way; 0: none
	went  uint64 // of the question where a consumer stands
	asked time.Time
}

// consumerRow is a consumer as it is shown.
type consumerRow struct {
	lag.Consumer
	then bool // of the time cursor, not of now
}

// askConsumers looks once in a while.
func (p *groups) askConsumers(t *page.Turn) {
	c := &p.seen
	p.askThen(t)
	if c.gen != 0 || c.known && p.tab != tabConsumers || t.Now.Sub(c.asked) < observeEvery {
		return
	}
	if c.watch == nil {
		c.watch = new(lag.Watch)
	}
	watch, now := c.watch, t.Now
	c.asked = now
	c.gen = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return watch.Look(ctx, c, "", now) })
}

// looked takes a look. A page that nobody has touched yet, on a namespace that nobody
// consumes, shows how its categories would be divided.
func (p *groups) looked(t *page.Turn, msg page.Reply) {
	c := &p.seen
	c.gen, c.fault = 0, ""
	switch look, ok := msg.Value.(lag.Look); {
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		c.fault = msg.Err.Error()
		p.nobody()
	case ok:
		c.look, c.known = look, true
		if len(look.Consumers) == 0 {
			p.nobody()
		}
	}
	p.showConsumers(&t.Env)
}

func (p *groups) nobody() {
	if !p.chosen && p.tab == tabConsumers {
		p.tab = tabMembers
	}
}

// showConsumers makes the rows: of now, or of the second under the time cursor.
func (p *groups) showConsumers(env *page.Env) {
	c := &p.seen
	var rows []*consumerRow
	for i := range c.look.Consumers {
		row := &consumerRow{Consumer: c.look.Consumers[i], then: !env.At.IsZero()}
		if !p.keeps(row.Category, row.Consumer.Consumer) {
			continue
		}
		if row.then {
			c.fillThen(row, env.At)
		}
		rows = append(rows, row)
	}
	if !env.At.IsZero() {
		slices.SortStableFunc(rows, func(a, b *consumerRow) int { return lag.Compare(&a.Consumer, &b.Consumer) })
	}
	p.consumers.SetRows(rows)
}

// consumer is the row under the cursor; nil for none.
func (p *groups) consumer() *consumerRow {
	row, _ := p.consumers.Chosen()
	return row
}

// keeps reports whether the filter keeps what has these names.
func (p *groups) keeps(names ...string) bool {
	needle := strings.ToLower(p.find)
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(strings.ToLower(name), needle) })
}

// whereReply is the message at which a consumer stands.
type whereReply struct {
	of   lag.ID
	at   page.Location
	note string // why it is another than the next one; "": it is that
}

// goConsumer goes to the message that a consumer stands at: the first of its share that
// is before it, else the last that is behind it.
func (p *groups) goConsumer(t *page.Turn) {
	row := p.consumer()
	switch {
	case row == nil:
		return
	case row.Position == nil:
		t.Toast(page.LevelWarn, "nobody knows where %s is: it was not heard of", text.Sanitize(whoOf(row)))
		return
	}
	of, q := row.ID(), client.CategoryQuery{
		Category: row.Category, GlobalPosition: max(*row.Position, 1), Limit: 1, Correlation: row.Correlation,
		Group: store.Group{Member: row.Member, Size: row.Size},
	}
	p.seen.went = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return findWhere(ctx, c, of, q) })
}

func findWhere(ctx context.Context, c *client.Client, of lag.ID, q client.CategoryQuery) (any, error) {
	r := whereReply{of: of}
	list, err := c.ReadCategory(ctx, q)
	if err == nil && len(list) == 0 && q.GlobalPosition > 1 {
		q.GlobalPosition, q.Backward = q.GlobalPosition-1, true
		r.note = "nothing is before it: this is the last message that it is done with"
		list, err = c.ReadCategory(ctx, q)
		if client.NotOffered(err) {
			list, err = nil, nil
		}
	}
	if err != nil {
		return r, err
	}
	if len(list) == 0 {
		r.note = "it is caught up: no message is before it"
		return r, nil
	}
	r.at = page.Location{Page: page.Streams, Stream: list[0].Stream, Position: list[0].Position, HasPosition: true}
	return r, nil
}

// found goes where a consumer stands.
func (p *groups) found(t *page.Turn, msg page.Reply) {
	p.seen.went = 0
	r, _ := msg.Value.(whereReply)
	switch {
	case client.Unreachable(msg.Err):
		return
	case msg.Err != nil:
		t.Toast(page.LevelError, "where it stands: %v", msg.Err)
		return
	case r.note != "":
		t.Toast(page.LevelInfo, "%s", r.note)
	}
	if r.at.Stream != "" {
		t.Go(r.at)
	}
}
