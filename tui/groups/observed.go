package groups

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// How consumers are followed.
const (
	observeEvery  = 2 * time.Second
	observePoints = 300              // of each member: ten minutes
	observeMost   = 256              // members followed
	trendSpan     = 30 * time.Second // over which the lag's trend is taken
	trendLeast    = 4 * time.Second
)

// observed is what is known of the consumers of one category: what the server
// saw them ask for, and what they recorded themselves.
type observed struct {
	category string
	list     []wire.GroupMember // as the server orders them; the newest look
	known    bool               // there was a look
	tracks   map[memberID]*lagTrack
	then     observedThen
	rows     []observedRow // as they are shown

	refused string // why they cannot be asked for
	fault   string // why the last question failed
	gen     uint64 // of the question under way; 0: none
	asked   time.Time
}

// memberID names a consumer of a category.
type memberID struct {
	correlation  string
	size, member int
	consumer     string
}

func idOf(m *wire.GroupMember) memberID {
	return memberID{m.Correlation, m.Size, m.Member, m.Consumer}
}

// observedRow is a consumer as it is shown.
type observedRow struct {
	wire.GroupMember
	trend   float64 // of the lag, a second
	trended bool    // trend is known
	then    bool    // of the time cursor, not of now
}

// lagPoint is where a consumer stood at a moment.
type lagPoint struct {
	at       time.Time
	position *int64 // nil: not known
	lag      *int64 // nil: not known
}

// lagTrack follows one consumer, oldest point first.
type lagTrack struct{ points []lagPoint }

func (l *lagTrack) add(p lagPoint) {
	if len(l.points) >= observePoints {
		l.points = append(l.points[:0], l.points[1:]...)
	}
	l.points = append(l.points, p)
}

// trend is how fast the lag changes, a second, from the first to the last of
// the newest points.
func (l *lagTrack) trend() (perSecond float64, known bool) {
	var first, last *lagPoint
	for i := len(l.points) - 1; i >= 0; i-- {
		p := &l.points[i]
		if p.lag == nil || last != nil && last.at.Sub(p.at) > trendSpan {
			break
		}
		if last == nil {
			last = p
		}
		first = p
	}
	if first == nil || last.at.Sub(first.at) < trendLeast {
		return 0, false
	}
	return float64(*last.lag-*first.lag) / last.at.Sub(first.at).Seconds(), true
}

// at returns where the consumer stood at a time, by the newest look before it.
func (l *lagTrack) at(at time.Time) (p lagPoint, known bool) {
	for i := len(l.points) - 1; i >= 0; i-- {
		if p = l.points[i]; !p.at.After(at.Add(time.Second)) {
			return p, at.Sub(p.at) < 3*observeEvery
		}
	}
	return p, false
}

// ask asks once in a while, and at once for another category.
func (o *observed) ask(t *page.Turn, p *groups) {
	if o.category != p.key {
		*o = observed{category: p.key, refused: o.refused}
	}
	o.askThen(t, p)
	if o.refused != "" || o.gen != 0 || t.Now.Sub(o.asked) < observeEvery {
		return
	}
	namespace, category := t.Namespace, p.key
	o.asked = t.Now
	o.gen = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").Groups(ctx, namespace, category)
	})
}

// replied takes an answer, if it is to one of its questions.
func (o *observed) replied(t *page.Turn, msg page.Reply) bool {
	switch msg.Gen {
	case o.gen:
		o.gen = 0
	case o.then.gen:
		o.then.took(msg)
		o.show(&t.Env)
		return true
	default:
		return false
	}
	o.fault = ""
	switch list, ok := msg.Value.([]wire.GroupMember); {
	case client.Unreachable(msg.Err):
	case client.NotOffered(msg.Err):
		o.refused = "this server does not observe consumers"
	case client.Unauthorized(msg.Err):
		o.refused = "observed consumers need the admin token"
	case msg.Err != nil:
		o.fault = msg.Err.Error()
	case ok:
		o.take(t.Now, list)
	}
	o.show(&t.Env)
	return true
}

// take follows everyone a step further. Those that are gone are forgotten.
func (o *observed) take(now time.Time, list []wire.GroupMember) {
	kept := make(map[memberID]*lagTrack, min(len(list), observeMost))
	for i := range list {
		m := &list[i]
		track := o.tracks[idOf(m)]
		if track == nil {
			track = &lagTrack{}
		}
		track.add(lagPoint{now, m.Position, m.Lag})
		if kept[idOf(m)] = track; len(kept) >= observeMost {
			break
		}
	}
	o.list, o.tracks, o.known = list, kept, true
}

// show makes the rows: of now, or of the second under the time cursor.
func (o *observed) show(env *page.Env) {
	o.rows = o.rows[:0]
	for i := range o.list {
		row := observedRow{GroupMember: o.list[i], then: !env.At.IsZero()}
		track := o.tracks[idOf(&o.list[i])]
		switch {
		case row.then:
			o.then.fill(&row, track, env.At)
		case track != nil:
			row.trend, row.trended = track.trend()
		}
		o.rows = append(o.rows, row)
	}
}

// observedThen is where consumers stood at the second under the time cursor, as
// far as the log tells: what they recorded, and where the category ended.
type observedThen struct {
	at      time.Time
	gen     uint64 // of the question under way; 0: none
	known   bool
	head    int64
	records map[string]*int64 // by consumer: the position recorded by then; nil: none yet
}

// thenReply answers it.
type thenReply struct {
	head    int64
	records map[string]*int64
}

// askThen asks what the log tells of the time cursor's second, once.
func (o *observed) askThen(t *page.Turn, p *groups) {
	if t.At.IsZero() || !o.known || o.then.at.Equal(t.At) {
		return
	}
	var consumers []string
	for i := range o.list {
		if o.list[i].Via == wire.ViaPosition {
			consumers = append(consumers, o.list[i].Consumer)
		}
	}
	o.then = observedThen{at: t.At}
	category, at := p.key, t.At
	o.then.gen = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		return readThen(ctx, c, category, consumers, at)
	})
}

// readThen looks the end of that second up in the log.
func readThen(ctx context.Context, c *client.Client, category string, consumers []string, at time.Time) (any, error) {
	next, err := c.PositionAt(ctx, at.Truncate(time.Second).Add(time.Second))
	if err != nil {
		return nil, err
	}
	r := thenReply{records: map[string]*int64{}}
	if next <= 1 {
		return r, nil // nothing was written by then
	}
	list, err := c.ReadCategory(ctx, client.CategoryQuery{Category: category, GlobalPosition: next - 1, Limit: 1, Backward: true})
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		r.head = list[0].GlobalPosition
	}
	for _, consumer := range consumers {
		stream := positionStream(category, consumer)
		list, err := c.ReadStream(ctx, client.StreamQuery{Stream: stream, GlobalPosition: next - 1, Limit: 1, Backward: true})
		if err != nil {
			return nil, err
		}
		r.records[consumer] = nil
		if len(list) > 0 {
			r.records[consumer] = recordedPosition(list[0].Data)
		}
	}
	return r, nil
}

// positionStream is where a consumer of a category records how far it is, by
// the convention of Eventide's consumers: the category gets the type position.
func positionStream(category, consumer string) string {
	stream := category + ":position"
	if strings.Contains(category, ":") {
		stream = category + "+position"
	}
	if consumer != "" {
		stream += "-" + consumer
	}
	return stream
}

func (o *observedThen) took(msg page.Reply) {
	o.gen = 0
	if r, ok := msg.Value.(thenReply); ok && msg.Err == nil {
		o.known, o.head, o.records = true, r.head, r.records
	}
}

// fill puts a row back to where its consumer stood at a time. What is not known
// of then is nil.
func (o *observedThen) fill(row *observedRow, track *lagTrack, at time.Time) {
	row.Position, row.Lag, row.LastHeard, row.SilentFor, row.Connected, row.From = nil, nil, nil, nil, 0, ""
	if row.Via != wire.ViaPosition {
		if track == nil {
			return
		}
		if p, known := track.at(at); known {
			row.Position, row.Lag = p.position, p.lag
		}
		return
	}
	if done := o.records[row.Consumer]; o.known && done != nil {
		next, lag := *done+1, max(o.head-*done, 0)
		row.Position, row.Lag = &next, &lag
	}
}

// compareObserved orders rows by a column; what is not known is least.
func compareObserved(a, b observedRow, column int) int {
	known := func(n *int64) int64 {
		if n == nil {
			return -1
		}
		return *n
	}
	switch column {
	case 1:
		return cmp.Compare(known(a.Position), known(b.Position))
	case 2, 4:
		return cmp.Compare(known(a.Lag), known(b.Lag))
	case 3:
		return cmp.Compare(a.trend, b.trend)
	case 5:
		return cmp.Compare(known(a.SilentFor), known(b.SilentFor))
	case 6:
		return cmp.Compare(a.Via, b.Via)
	case 7:
		return cmp.Compare(a.From, b.From)
	}
	return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Consumer, b.Consumer))
}

// unknown is what stands where nothing is known: never 0.
const unknown = "unknown"

// steadyLag is the change of a lag, in messages a second, that is none.
const steadyLag = 0.05

func newObservedGrid(row func(int, []grid.Cell)) *grid.Grid {
	return grid.New(grid.Options{Row: row, Columns: []grid.Column{
		{Title: "consumer", Min: 13, Flex: 2, Max: 40},
		{Title: "position", Min: 11, Right: true},
		{Title: "lag", Min: 9, Right: true},
		{Title: "trend", Min: 10, Right: true, Priority: 2},
		{Title: "caught up in", Min: 13, Right: true, Priority: 1},
		{Title: "last seen", Min: 14, Priority: 3},
		{Title: "by", Min: 15, Priority: 4},
		{Title: "from", Min: 12, Flex: 1, Max: 24, Priority: 5},
	}})
}

// observedRow is a line of the observed consumers.
func (p drawing) observedRow(row int, cells []grid.Cell) {
	t, r := p.theme, &p.seen.rows[row]
	cells[0].Text = consumerName(t, &r.GroupMember)
	cells[1] = figureCell(t.Text, t.Muted, r.Position)
	cells[2] = figureCell(t.Good, t.Muted, r.Lag)
	if r.Lag != nil && *r.Lag > 0 {
		cells[2].Pen = t.Warn
	}
	cells[3] = trendCell(t, r)
	cells[4] = catchUpCell(t, r)
	cells[5] = heardCell(t, r)
	cells[6] = grid.Cell{Text: r.Via, Pen: t.Muted}
	cells[7] = grid.Cell{Text: r.From, Pen: t.Muted}
}

func figureCell(pen, none text.Pen, n *int64) grid.Cell {
	if n == nil {
		return grid.Cell{Text: unknown, Pen: none}
	}
	return grid.Cell{Text: text.Count(*n), Pen: pen}
}

// consumerName says who it is: a member of a group of a size, or the identifier
// of whoever records its positions.
func consumerName(t page.Theme, m *wire.GroupMember) string {
	name := "member " + strconv.Itoa(m.Member) + " of " + strconv.Itoa(m.Size)
	switch {
	case m.Via == wire.ViaPosition && m.Consumer == "":
		name = "no identifier"
	case m.Via == wire.ViaPosition:
		name = m.Consumer
	}
	if m.Correlation != "" {
		name += " " + t.Sym.Dot + " of " + m.Correlation
	}
	return name
}

// trendCell says whether the lag grows.
func trendCell(t page.Theme, r *observedRow) grid.Cell {
	up, down := "▲ ", "▼ "
	if t.Sym.ASCII {
		up, down = "^ ", "v "
	}
	switch {
	case !r.trended || r.Lag == nil:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.trend > steadyLag:
		return grid.Cell{Text: up + text.Rate(r.trend), Pen: t.Warn}
	case r.trend < -steadyLag:
		return grid.Cell{Text: down + text.Rate(-r.trend), Pen: t.Good}
	}
	return grid.Cell{Text: "steady", Pen: t.Muted}
}

// catchUpCell says how long it takes, as things go, until nothing lags.
func catchUpCell(t page.Theme, r *observedRow) grid.Cell {
	switch {
	case r.Lag == nil:
		return grid.Cell{Text: unknown, Pen: t.Muted}
	case *r.Lag == 0:
		return grid.Cell{Text: "caught up", Pen: t.Good}
	case r.then || !r.trended:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.trend > steadyLag:
		return grid.Cell{Text: "falls behind", Pen: t.Warn}
	case r.trend >= -steadyLag:
		return grid.Cell{Text: "never", Pen: t.Warn}
	}
	seconds := math.Min(float64(*r.Lag)/-r.trend, 1e9)
	return grid.Cell{Text: text.Duration(time.Duration(seconds * float64(time.Second)).Round(time.Second)), Pen: t.Text}
}

func heardCell(t page.Theme, r *observedRow) grid.Cell {
	switch {
	case r.then:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.Connected > 0:
		return grid.Cell{Text: t.Sym.Up + " connected", Pen: t.Good}
	case r.SilentFor == nil:
		return grid.Cell{Text: "never", Pen: t.Warn}
	}
	ago := text.Duration(time.Duration(*r.SilentFor).Truncate(time.Second))
	if *r.SilentFor < int64(time.Second) {
		return grid.Cell{Text: "now", Pen: t.Good}
	}
	if r.Via == wire.ViaPosition {
		return grid.Cell{Text: "recorded " + ago + " ago", Pen: t.Muted}
	}
	return grid.Cell{Text: "silent " + ago, Pen: t.Muted}
}

// observedNote says in a line above the consumers what there is to say of all
// of them; "" for nothing.
func (p drawing) observedNote(env *page.Env) string {
	if env.At.IsZero() || len(p.seen.rows) == 0 {
		return ""
	}
	open := 0
	for i := range p.seen.rows {
		if p.seen.rows[i].Position == nil {
			open++
		}
	}
	switch {
	case p.seen.then.gen != 0:
		return "reading the history as of " + env.AsOf() + p.theme.Sym.Ellipsis
	case open == 0:
		return "as of " + env.AsOf()
	}
	return "as of " + env.AsOf() + "; positions are tracked only while this page is open, others are unknown"
}

// noObserved says why no consumers are listed; known is false where there may be
// some.
func (o *observed) noObserved(env *page.Env) (note string, known bool) {
	switch {
	case o.refused != "":
		return o.refused, false
	case o.fault != "":
		return o.fault, false
	case !o.known:
		return env.Pending("asking"), false
	}
	return "no consumers seen: nobody has read this category as a group member or recorded a position", true
}

// recordedPosition reads {"position":n}: the last message that was handled.
func recordedPosition(data []byte) *int64 {
	var recorded struct {
		Position *int64 `json:"position"`
	}
	if json.Unmarshal(data, &recorded) != nil {
		return nil
	}
	return recorded.Position
}
