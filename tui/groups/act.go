package groups

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// frame asks for what is missing or old, one question of a kind at a time.
func (p *groups) frame(t *page.Turn) {
	seen := p.tab.ofCategory()
	p.consumers.ask(t, &p.questions, p.tab == tabConsumers)
	p.parked.ask(t, &p.questions, p.tab == tabParked)
	p.categories.ask(t, &p.questions, seen)
	if seen && p.dist.category != "" && p.dist.rested {
		p.dist.ask(t, &p.questions)
	}
}

// questions numbers what the page asks: a reply is known by its number.
type questions struct{ last uint64 }

func (q *questions) ask(t *page.Turn, call page.Call) uint64 {
	q.last++
	t.Ask(q.last, call)
	return q.last
}

func (p *groups) replied(t *page.Turn, msg page.Reply) {
	switch msg.Gen {
	case 0:
	case p.consumers.gen:
		// A page that nobody has touched yet, on a namespace that nobody consumes, shows
		// how its categories would be divided. Where somebody did, it stays when they go.
		first := !p.consumers.known
		if nobody := p.consumers.looked(msg); nobody && first && !p.chosen && p.tab == tabConsumers {
			p.tab = tabMembers
		}
		p.consumers.show(&t.Env, p.find)
	case p.consumers.then.gen:
		p.consumers.tookThen(msg)
		p.consumers.show(&t.Env, p.find)
	case p.consumers.went:
		p.consumers.found(t, msg)
	case p.parked.gen:
		p.parked.took(msg, p.find)
	case p.parked.tried:
		p.parked.retried(t, msg)
	case p.dist.scan.gen:
		p.dist.scanned(t, &p.questions, msg)
		p.show()
	case p.categories.gen:
		p.categories.counted(t.Now, msg)
		p.counted(msg.Err)
	}
}

// counted shows the categories as they were counted last. If the one under the cursor has
// gone, the first takes its place.
func (p *groups) counted(err error) {
	switch {
	case client.Unreachable(err):
	case err != nil:
		p.dist.fault = err.Error()
	default:
		p.dist.fault = ""
		kept, gone := p.categories.show(p.find), !p.open && p.categories.count(p.dist.category) == nil
		if len(kept) > 0 && (p.dist.category == "" || gone) {
			p.dist.category = kept[0].Category
		}
	}
	p.show()
}

func (p *groups) act(t *page.Turn, action page.Action) {
	switch action {
	case page.ActMore:
		p.dist.resize(t.Now, 1)
		p.show()
	case page.ActLess:
		p.dist.resize(t.Now, -1)
		p.show()
	case page.ActOpen:
		p.enter(t)
	case page.ActOut:
		p.out(t)
	case page.ActNextPane, page.ActPrevPane:
		p.open = !p.open && p.tab.ofCategory()
	case page.ActNextTab:
		p.turn(1)
	case page.ActPrevTab:
		p.turn(-1)
	case page.ActRefresh:
		p.refresh()
	case page.ActTail:
		p.tail(t)
	case page.ActMark:
		p.parked.mark()
	case page.ActRetry:
		p.parked.askRetry(t)
	case page.ActGoStream:
		p.goStream(t)
	case page.ActGoCategory:
		p.goCategory(t)
	case page.ActFilter:
		t.Prompt(page.Prompt{ID: kit.FilterPrompt, Label: "filter", Hint: "text in a name", Text: p.find, Live: true})
	case page.ActCopyView, page.ActCopyValue, page.ActCopyStream:
		p.copyRow(t, action)
	default:
		p.focused().Act(t, action)
		p.follow()
	}
}

// refresh asks again for what is shown. A scan that was stopped goes on.
func (p *groups) refresh() {
	p.categories.asked, p.consumers.asked, p.parked.asked = time.Time{}, time.Time{}, time.Time{}
	p.dist.refresh()
}

// tail follows the category under the cursor live: of a group's member its share.
func (p *groups) tail(t *page.Turn) {
	l := page.Location{Page: page.Tail, Category: p.dist.category}
	switch row, waiting := p.consumers.row(), p.parked.row(); {
	case p.tab == tabConsumers && row != nil:
		l.Category, l.Group = row.Category, store.Group{Member: row.Member, Size: row.Size}
		l.All = row.Category == ""
	case p.tab == tabParked && waiting != nil:
		l.Category = waiting.category
	case !p.tab.ofCategory():
		return
	}
	if l.Category != "" || l.All {
		t.Go(l)
	}
}

// enter goes to where a consumer stands, to a parked message, from the list of
// categories to the distribution, and from there to the stream.
func (p *groups) enter(t *page.Turn) {
	switch {
	case p.tab == tabConsumers:
		p.consumers.askWhere(t, &p.questions)
	case p.tab == tabParked || p.open:
		p.goStream(t)
	default:
		p.open = p.dist.category != ""
	}
}

// goStream opens the stream that the cursor names: a moving one, a member's hottest,
// where a consumer records its position, or a parked message in its own.
func (p *groups) goStream(t *page.Turn) {
	if l := p.pointed(); l.Stream != "" {
		t.Go(l)
	}
}

// goCategory shows how the category of the consumer under the cursor is divided.
func (p *groups) goCategory(t *page.Turn) {
	row, waiting := p.consumers.row(), p.parked.row()
	switch {
	case p.tab == tabConsumers && row != nil && row.Category != "":
		if row.Size > 0 {
			p.dist.size = min(row.Size, maxGroupSize)
		}
		p.locate(t, page.Location{Category: row.Category})
	case p.tab == tabParked && waiting != nil:
		p.locate(t, page.Location{Category: waiting.category})
	}
}

// pointed is where the cursor points at: the zero place for nowhere.
func (p *groups) pointed() page.Location {
	l := page.Location{Page: page.Streams}
	row, waiting := p.consumers.row(), p.parked.row()
	at := p.focused().Cursor()
	switch {
	case at < 0:
	case p.tab == tabConsumers && row != nil && row.Recorded():
		l.Stream = wire.BesideStream(row.Category, wire.PositionKind, row.Consumer.Consumer)
	case p.tab == tabParked && waiting != nil:
		l.Stream, l.Position, l.HasPosition = waiting.Stream, waiting.Position, true
	case !p.tab.ofCategory() || !p.open:
	case p.tab == tabMoves && p.dist.moving() != nil:
		l.Stream = p.dist.moved.Rows()[at].Stream
	case p.tab == tabMembers && p.dist.current() != nil:
		if hot := p.dist.members.Rows()[at].Hottest; len(hot) > 0 {
			l.Stream = hot[0].Stream
		}
	}
	return l
}

func (p *groups) turn(n int) {
	p.tab, p.chosen = (p.tab+groupsTab(n)+groupsTabs)%groupsTabs, true
	p.dist.rested = true
	if !p.tab.ofCategory() {
		p.open = false
	}
}

// Bindings implements [page.Pane].
func (p *groups) Bindings() []page.Binding {
	own := p.tabBindings()
	return append(append(own,
		page.Bind(page.ActNextTab, "next tab: consumers, parked messages, members, streams that move", "tabs"),
		page.Bind(page.ActPrevTab, "previous tab", ""),
		page.Bind(page.ActTail, "tail the category live", "tail"),
		page.Bind(page.ActFilter, "filter by text in a name", "filter"),
		page.Bind(page.ActSort, "", "sort"),
		page.Bind(page.ActRefresh, "ask again; a scan that was stopped goes on", ""),
		page.Bind(page.ActGoStream, "go to the stream under the cursor", ""),
		page.Bind(page.ActCopyValue, "copy the category's or the stream's name", ""),
		page.Bind(page.ActCopyStream, "copy the stream's name", ""),
		page.Bind(page.ActCopyView, "", ""),
	), p.categories.list.Bindings()...)
}

// tabBindings are those of the open tab.
func (p *groups) tabBindings() []page.Binding {
	switch p.tab {
	case tabConsumers:
		return []page.Binding{
			page.Bind(page.ActOpen, "go to the message at which the consumer stands", "where it stands"),
			page.Bind(page.ActGoCategory, "show how its category is divided among the members", ""),
			page.Bind(page.ActOut, "take the filter off", ""),
		}
	case tabParked:
		return []page.Binding{
			page.Bind(page.ActOpen, "open the message in its stream", "message"),
			page.Bind(page.ActRetry, "", "retry"),
			page.Bind(page.ActMark, "mark the message, to be retried with others", "mark"),
			page.Bind(page.ActGoCategory, "show how its category is divided among the members", ""),
			page.Bind(page.ActOut, "take the filter off", ""),
		}
	}
	open := page.Bind(page.ActOpen, "open the distribution", "open")
	if p.open {
		open = page.Bind(page.ActOpen, "go to the stream under the cursor", "stream")
	}
	return []page.Binding{
		page.Bind(page.ActMore, "one member more", "member more"),
		page.Bind(page.ActLess, "one member less", "member less"),
		open,
		page.Bind(page.ActOut, "back to the categories, or stop a scan that takes long", "back"),
		page.Bind(page.ActNextPane, "between list and distribution", ""),
		page.Bind(page.ActPrevPane, "between list and distribution", ""),
	}
}

// sift shows everywhere what the filter keeps.
func (p *groups) sift(env *page.Env) {
	p.categories.show(p.find)
	p.consumers.show(env, p.find)
	p.parked.show(p.find)
	p.show()
}

// prompted takes what was typed: the filter, what is searched for, a column's letter, or
// whether to retry.
func (p *groups) prompted(t *page.Turn, msg page.PromptMsg) {
	switch {
	case p.focused().Prompted(t, msg):
		p.follow()
	case msg.ID == retryPrompt:
		p.parked.retryAnswered(t, &p.questions, msg)
	default:
		p.filter(t, msg.Text)
	}
}

// filter keeps what has a text in its name; the cursor stays where it is, if that is
// among them.
func (p *groups) filter(t *page.Turn, find string) {
	p.find, p.open = strings.TrimSpace(find), false
	p.sift(&t.Env)
	p.follow()
}

// out stops a long scan, else takes the filter off, else goes back to the list.
func (p *groups) out(t *page.Turn) {
	if p.tab.ofCategory() && p.dist.scan.stop() {
		return
	}
	if p.find != "" && !p.open {
		p.filter(t, "")
	}
	p.open = false
}

// copyRow puts names, or the view as a command, into the clipboard.
func (p *groups) copyRow(t *page.Turn, a page.Action) {
	stream, category := p.pointed().Stream, p.dist.category
	if row := p.consumers.row(); p.tab == tabConsumers && row != nil {
		category = row.Category
	}
	switch {
	case a == page.ActCopyView:
		t.Copy("this view as a command", p.command(t.Env))
	case stream != "":
		t.Copy("the stream "+stream, stream)
	case a == page.ActCopyValue && category != "":
		t.Copy("the category "+category, category)
	}
}

// command is the open tab as a command that prints the same.
func (p *groups) command(env page.Env) string {
	size := strconv.Itoa(p.dist.size)
	switch {
	case p.tab == tabConsumers || p.tab.ofCategory() && p.dist.category == "":
		return kit.Command(env, "groups")
	case p.tab == tabParked:
		return kit.Command(env, "groups", "parked")
	case p.tab == tabMoves && p.dist.before > 0 && p.dist.before != p.dist.size:
		return kit.Command(env, "groups", p.dist.category, "--size", strconv.Itoa(p.dist.before), "--to", size)
	}
	return kit.Command(env, "groups", p.dist.category, "--size", size)
}
