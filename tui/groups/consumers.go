package groups

import (
	"context"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// observeEvery is how often consumers are looked at.
const observeEvery = 2 * time.Second

// consumers are those who consume the namespace: what is asked of them, what is known, and
// their list.
type consumers struct {
	list *kit.List[*consumerRow]

	watch *lag.Watch // shared with the looks under way, which wait for each other
	look  lag.Look   // the newest; its consumers are not changed
	known bool       // there was one
	then  then

	fault string // why the last look failed
	gen   uint64 // of the look under way; 0: none
	went  uint64 // of the question where a consumer stands
	asked time.Time
}

func newConsumers(search *kit.Finder) *consumers {
	return &consumers{list: kit.NewList(kit.ListOptions[*consumerRow]{
		Columns: consumerColumns(), Finder: search, Keep: true,
		Same: func(a, b *consumerRow) bool { return a.ID() == b.ID() },
		Over: muteOnce,
	})}
}

// restart begins again, with what the newest look found if that is to be kept.
func (c *consumers) restart(keep bool) {
	before := *c
	*c = consumers{list: c.list}
	if keep {
		c.look, c.known = before.look, before.known
	}
}

// consumerRow is a consumer as it is shown.
type consumerRow struct {
	lag.Consumer
	then bool // of the time cursor, not of now
}

// ask looks once, and while they are seen once in a while.
func (c *consumers) ask(t *page.Turn, q *questions, seen bool) {
	c.askThen(t, q)
	if c.gen != 0 || c.known && !seen || t.Now.Sub(c.asked) < observeEvery {
		return
	}
	if c.watch == nil {
		c.watch = new(lag.Watch)
	}
	watch, now := c.watch, t.Now
	c.asked = now
	c.gen = q.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return watch.Look(ctx, c, "", now) })
}

// looked takes a look, and reports whether it found nobody.
func (c *consumers) looked(msg page.Reply) (nobody bool) {
	c.gen, c.fault = 0, ""
	switch look, ok := msg.Value.(lag.Look); {
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		c.fault = msg.Err.Error()
		return true
	case ok:
		c.look, c.known = look, true
		return len(look.Consumers) == 0
	}
	return false
}

// show makes the rows, of those whose names hold a text: of now, or of the second under the
// time cursor.
func (c *consumers) show(env *page.Env, find string) {
	var rows []*consumerRow
	for i := range c.look.Consumers {
		row := &consumerRow{Consumer: c.look.Consumers[i], then: !env.At.IsZero()}
		if !keeps(find, row.Category, row.Consumer.Consumer) {
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
	c.list.SetRows(rows)
}

// row is the one under the cursor; nil for none.
func (c *consumers) row() *consumerRow {
	row, _ := c.list.Chosen()
	return row
}

// then is where consumers stood at the second under the time cursor, as far as the log
// tells: what they recorded, and what was before them.
type then struct {
	at    time.Time
	gen   uint64 // of the question under way; 0: none
	known map[lag.ID]stood
}

// stood is where a consumer was.
type stood struct {
	done     *int64 // nil: it had recorded nothing
	messages int64
	atLeast  bool
}

// thenMost is of how many consumers the log is asked, and thenCount how many messages
// are read to count those before each.
const (
	thenMost  = 100
	thenCount = 1000
)

// askThen asks what the log tells of the time cursor's second, once.
func (c *consumers) askThen(t *page.Turn, q *questions) {
	if t.At.IsZero() || !c.known || c.then.at.Equal(t.At) {
		return
	}
	var of []lag.Consumer
	for i := range c.look.Consumers {
		if c.look.Consumers[i].Recorded() && len(of) < thenMost {
			of = append(of, c.look.Consumers[i])
		}
	}
	c.then = then{at: t.At}
	at := t.At
	c.then.gen = q.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return readThen(ctx, c, of, at) })
}

// readThen looks the end of that second up in the log.
func readThen(ctx context.Context, c *client.Client, of []lag.Consumer, at time.Time) (any, error) {
	next, err := c.PositionAt(ctx, at.Truncate(time.Second).Add(time.Second))
	if err != nil {
		return nil, err
	}
	known := map[lag.ID]stood{}
	for i := range of {
		if known[of[i].ID()], err = readStood(ctx, c, &of[i], next); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func readStood(ctx context.Context, c *client.Client, of *lag.Consumer, next int64) (s stood, err error) {
	if next <= 1 {
		return s, nil // nothing was written by then
	}
	stream := wire.BesideStream(of.Category, wire.PositionKind, of.Consumer)
	list, err := c.ReadStream(ctx, client.StreamQuery{Stream: stream, GlobalPosition: next - 1, Limit: 1, Backward: true})
	if err != nil || len(list) == 0 {
		return s, err
	}
	if s.done = wire.RecordedPosition(list[0].Data); s.done == nil {
		return s, nil
	}
	before, err := c.ReadCategory(ctx, client.CategoryQuery{
		Category: of.Category, GlobalPosition: *s.done + 1, Limit: thenCount, Group: store.Group{Member: of.Member, Size: of.Size},
	})
	for i := range before {
		if before[i].GlobalPosition < next {
			s.messages++
		}
	}
	s.atLeast = s.messages == thenCount
	return s, err
}

func (c *consumers) tookThen(msg page.Reply) {
	c.then.gen = 0
	if known, ok := msg.Value.(map[lag.ID]stood); ok && msg.Err == nil {
		c.then.known = known
	}
}

// fillThen puts a row back to where its consumer stood at a time. What is not known of
// then is nil.
func (c *consumers) fillThen(row *consumerRow, at time.Time) {
	row.Position, row.Messages, row.AtLeast, row.Trended, row.Kept = nil, nil, false, false, false
	row.LastHeard, row.SilentFor, row.Connected, row.From = nil, nil, 0, ""
	if s := c.then.known[row.ID()]; row.Recorded() && s.done != nil {
		next := *s.done + 1
		row.Position, row.Messages, row.AtLeast = &next, &s.messages, s.atLeast
		return
	}
	if c.watch == nil || row.Recorded() {
		return
	}
	if p, known := c.watch.At(row.ID(), at, 3*observeEvery); known {
		row.Position, row.Messages = p.Position, p.Messages
	}
}

// whereReply is the message at which a consumer stands.
type whereReply struct {
	of   lag.ID
	at   page.Location
	note string // why it is another than the next one; "": it is that
}

// askWhere looks for the message that the consumer under the cursor stands at: the first of its
// share that is before it, else the last that is behind it.
func (c *consumers) askWhere(t *page.Turn, questions *questions) {
	row := c.row()
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
	c.went = questions.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return findWhere(ctx, c, of, q) })
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
func (c *consumers) found(t *page.Turn, msg page.Reply) {
	c.went = 0
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

// summary says in a line how all consumers do, and who does worst.
func (c *consumers) summary(t *page.Theme) string {
	n, behind, silent := 0, 0, 0
	for _, r := range c.list.Rows() {
		switch r.State() {
		case lag.Once:
		case lag.Silent:
			silent++
			fallthrough
		case lag.Falling, lag.Steady, lag.Behind, lag.Catching:
			behind++
			fallthrough
		default:
			n++
		}
	}
	if n == 0 {
		return ""
	}
	line := " " + number(t, int64(n), "consumer")
	if behind == 0 {
		return line + t.Muted.Paint("   ") + t.Good.Paint("none is known to be behind")
	}
	line += "   " + t.Warn.Paint(text.Count(int64(behind))+" behind")
	if silent > 0 {
		line += t.Warn.Paint(", " + text.Count(int64(silent)) + " of them silent")
	}
	worst := slices.MinFunc(c.list.Rows(), func(a, b *consumerRow) int { return lag.Compare(&a.Consumer, &b.Consumer) })
	if worst.Messages == nil {
		return line
	}
	return line + t.Muted.Paint("   worst: ") + t.Warn.Paint(atLeast(t, worst)+text.Count(*worst.Messages)+" "+text.Plural(*worst.Messages, "message")) +
		t.Muted.Paint(", ") + t.Text.Paint(text.Sanitize(whoOf(worst)))
}

// note says what there is to know of what is listed; "" for nothing.
func (c *consumers) note(env *page.Env) string {
	t, rows := &env.Theme, c.list.Rows()
	if !env.At.IsZero() && len(rows) > 0 {
		return t.Warn.Paint(" " + c.thenNote(env))
	}
	note := ""
	if c.look.Why != "" && len(rows) > 0 {
		note = " recorded positions only: " + c.look.Why
	}
	if c.look.Read > 0 {
		note += "  " + text.Count(int64(c.look.Read)) + " messages read to count"
	}
	if c.look.More {
		note += "  there are more consumers: \\ does not look for them, evtui groups CATEGORY does"
	}
	if c.fault != "" {
		note += " " + c.fault
	}
	switch {
	case note != "":
		return t.Warn.Paint(text.Sanitize(note))
	case ofThisServer(env) && slices.ContainsFunc(rows, func(r *consumerRow) bool { return !r.Recorded() }):
		return t.Muted.Paint(" who reads is of this evtui; recorded positions are of all that share the log")
	}
	return ""
}

// ofThisServer reports whether others serve the same namespaces, whose readers nobody here sees.
func ofThisServer(env *page.Env) bool {
	return env.Live.Info.Shared && !env.Live.Info.Witness
}

// thenNote says how much is known of the second under the time cursor.
func (c *consumers) thenNote(env *page.Env) string {
	open := slices.ContainsFunc(c.list.Rows(), func(r *consumerRow) bool { return r.Position == nil })
	switch {
	case c.then.gen != 0:
		return "reading the history as of " + env.AsOf() + env.Theme.Sym.Ellipsis
	case open:
		return "as of " + env.AsOf() + "; positions are tracked only while this page is open, others are unknown"
	}
	return "as of " + env.AsOf()
}

// missing says why nobody is listed; known is false where there may be some.
func (c *consumers) missing(env *page.Env) (note string, known bool) {
	switch {
	case c.fault != "":
		return c.fault, false
	case !c.known:
		return env.Pending("asking"), false
	case len(c.look.Consumers) > 0:
		return "nothing matches; esc shows all", true
	case c.look.Why != "":
		return "no consumer has recorded a position, and " + c.look.Why, true
	case ofThisServer(env):
		return "no consumers seen: nobody has read from this evtui or recorded a position; ] shows how categories divide", true
	}
	return "no consumers seen: nobody has read as a group member or recorded a position; ] shows how categories divide", true
}
