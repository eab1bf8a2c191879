package log

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// maxLogLines is how many lines the page keeps; the server keeps its own.
const maxLogLines = 5000

// logLine is one line with where it comes from.
type logLine struct {
	wire.LogLine
	own bool   // the shell's, not the server's
	no  uint64 // tells it from the page's other lines
}

// from says whose line it is.
func (l *logLine) from() string {
	if l.own {
		return "evtui"
	}
	return "server"
}

// filtered is the line as a filter sees it.
func (l *logLine) filtered() *filter.Line {
	return &filter.Line{Level: l.Level, From: l.from(), Text: l.Text, Time: l.Time, Attrs: l.Attrs}
}

// logPage shows the server's log and the shell's own events.
type logPage struct {
	list    *kit.List[*logLine] // those that the filter keeps, oldest first
	lines   []*logLine
	last    uint64   // the number of the line that was added last
	failed  *logLine // the newest error; nil: none came
	filter  filter.Filter
	typing  kit.FilterLine
	query   string
	after   uint64 // the server's sequence number read last
	gen     uint64
	asking  bool
	asked   time.Time // when the server was asked last; zero: not since it came, or there is more at once
	paused  bool
	read    bool   // the server's log was
	refused string // why it cannot be
}

func newLogPage() *logPage {
	p := &logPage{}
	p.list = kit.NewList(kit.ListOptions[*logLine]{Columns: columns(), Empty: "reading"})
	return p
}

// Bindings implements [page.Pane].
func (p *logPage) Bindings() []page.Binding {
	return append([]page.Binding{
		page.Bind(page.ActFilter, "show lines matching: text, level>=warn, attrs.ms>100, /re/, and or not ( )", "filter"),
		page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActFollow, "follow the newest line", "follow"),
		page.Bind(page.ActSort, "", "sort"),
		page.Bind(page.ActPause, "pause, or go on", "pause"),
		page.Bind(page.ActCopyValue, "copy the line", ""),
		page.Bind(page.ActLeft, "scroll left", ""),
		page.Bind(page.ActRight, "scroll right", ""),
		page.Bind(page.ActOut, "clear the filter", ""),
	}, page.Movement()...)
}

// Chrome implements [page.Pane].
func (p *logPage) Chrome(page.Env) page.Chrome {
	c := page.Chrome{Crumbs: []string{"Log"}, Count: p.list.Status()}
	if hidden := len(p.lines) - len(p.list.Rows()); hidden > 0 {
		c.Count += " · " + text.Count(int64(hidden)) + " hidden"
	}
	if p.refused != "" {
		c.Chips = append(c.Chips, p.refused)
	}
	if !p.filter.IsZero() {
		c.Chips = append(c.Chips, "filter "+p.filter.String())
	}
	if p.paused {
		c.Chips = append(c.Chips, "paused")
	}
	return c
}

// Update implements [page.Pane].
func (p *logPage) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.ShowMsg, page.FrameMsg:
		p.ask(t)
	case page.Reply:
		p.replied(t, msg)
	case page.SaidMsg:
		p.add([]*logLine{{LogLine: msg.Line, own: true}})
	case page.ReconnectMsg:
		// The server may be another process that counts from 1 again.
		p.after, p.asking, p.asked, p.refused, p.read = 0, false, time.Time{}, "", false
		p.gen++
	case page.NamespaceMsg:
		p.asking = false
		p.gen++
	case page.RestoreMsg:
		p.restore(t, msg)
	case page.PromptMsg:
		p.prompted(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	default:
		p.list.Update(t, msg)
	}
}

const (
	askEvery = time.Second // a log is read by eye: nothing is lost by it
	logPart  = 500         // lines read at once
)

func (p *logPage) ask(t *page.Turn) {
	if p.asking || p.paused || p.refused != "" || t.Now.Sub(p.asked) < askEvery {
		return
	}
	p.asking, p.asked = true, t.Now
	after := p.after
	t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) {
		lines, err := c.In("").Log(ctx, after, logPart)
		return lines, err
	})
}

func (p *logPage) replied(t *page.Turn, msg page.Reply) {
	if msg.Gen != p.gen {
		return
	}
	p.asking = false
	switch {
	case client.NotOffered(msg.Err):
		p.refused = "the log is not offered by this server"
	case client.Unauthorized(msg.Err):
		p.refused = "the server's log needs the admin token"
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		p.refused = "log: " + msg.Err.Error()
	default:
		p.read = true
	}
	lines, _ := msg.Value.([]wire.LogLine)
	added := make([]*logLine, 0, len(lines))
	for _, l := range lines {
		if l.Seq > p.after {
			p.after = l.Seq
			added = append(added, &logLine{LogLine: l})
		}
	}
	if len(lines) == logPart {
		p.asked = time.Time{} // there is more
	}
	if len(added) == 0 && p.refused == "" {
		t.Same()
	}
	p.add(added)
}

// add takes lines.
func (p *logPage) add(lines []*logLine) {
	if len(lines) == 0 {
		return
	}
	for _, l := range lines {
		p.last++
		l.no = p.last
		if l.Level == "ERROR" && (p.failed == nil || !l.Time.Before(p.failed.Time)) {
			p.failed = l
		}
	}
	p.lines = append(p.lines, lines...)
	// The server's lines come when the page is looked at, ours at once.
	slices.SortStableFunc(p.lines, func(a, b *logLine) int { return a.Time.Compare(b.Time) })
	if over := len(p.lines) - maxLogLines; over > 0 {
		p.lines = slices.Clone(p.lines[over:])
	}
	p.sift()
}

// follow goes to the newest line and stays with what comes.
func (p *logPage) follow() {
	p.paused = false
	p.list.Unsort()
	p.list.End()
}

// gravity orders levels; one that is not known comes first.
func gravity(level string) int {
	return slices.Index([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level)
}

// sift works out which lines the filter keeps. A cursor on the newest line stays on the
// newest, another one on its line.
func (p *logPage) sift() {
	n, _ := p.list.Len()
	atEnd := p.list.Cursor() >= n-1 && !p.list.Sorting.On
	shown := make([]*logLine, 0, len(p.lines))
	for _, l := range p.lines {
		if p.filter.KeepsLine(l.filtered()) {
			shown = append(shown, l)
		}
	}
	p.list.SetRows(shown)
	if atEnd {
		p.list.End()
	}
}

func (p *logPage) setFilter(f filter.Filter) {
	p.filter = f
	p.sift()
}

// prompted takes a filter as it is typed: what makes sense bites at once.
func (p *logPage) prompted(t *page.Turn, msg page.PromptMsg) {
	if msg.ID == kit.FinderPrompt {
		if msg.State == page.PromptDone {
			p.query = msg.Text
			p.search(t, -1)
		}
		return
	}
	if p.list.Prompted(t, msg) {
		return
	}
	f, ok := p.typing.Typed(t, msg, filter.ParseLines)
	if ok || msg.State == page.PromptChanged && p.typing.Fault == "" && (!f.IsZero() || strings.TrimSpace(msg.Text) == "") {
		p.setFilter(f)
		return
	}
	if msg.State == page.PromptCancelled {
		if f, err := filter.ParseLines(msg.Text, t.Now); err == nil {
			p.setFilter(f)
		}
	}
}

// search goes to the next line with the text, newest first, around the end.
func (p *logPage) search(t *page.Turn, step int) {
	needle := []byte(strings.ToLower(p.query))
	rows := p.list.Rows()
	if len(needle) == 0 || len(rows) == 0 {
		return
	}
	found := p.list.Seek(step, func(row int) bool {
		l := rows[row]
		return kit.ContainsFold([]byte(l.Level+" "+l.Text+" "+string(l.Attrs)), needle)
	})
	if !found {
		t.Toast(page.LevelWarn, "no match for %q in the lines loaded here", p.query)
	}
}

func (p *logPage) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActFilter:
		p.typing.Ask(t, p.filter, "text, level>=warn, attrs.ms>100, /re/")
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: kit.FinderPrompt, Label: "search", Hint: "search the lines loaded here"})
	case page.ActNextMatch, page.ActPrevMatch:
		step := 1
		if a == page.ActPrevMatch {
			step = -1
		}
		p.search(t, step)
	case page.ActFollow:
		p.follow()
	case page.ActPause:
		p.paused = !p.paused
	case page.ActOut:
		p.setFilter(filter.Filter{})
	case page.ActCopyValue:
		if l, ok := p.list.Chosen(); ok {
			t.Copy("the line", strings.TrimSpace(l.Time.Format("2006-01-02T15:04:05.000Z07:00")+" "+l.Level+" "+l.Text+" "+string(l.Attrs)))
		}
	default:
		p.list.Act(t, a)
	}
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Log, Action: "log", New: func(page.Setup) page.Pane { return newLogPage() }, Follows: true, Said: true}
}

// logState is what is kept of the page.
type logState struct {
	Filter string `json:"filter"`
}

// Save implements [page.Stateful].
func (p *logPage) Save() json.RawMessage {
	if p.filter.IsZero() {
		return nil
	}
	raw, _ := json.Marshal(logState{p.filter.String()}) // strings alone
	return raw
}

func (p *logPage) restore(t *page.Turn, msg page.RestoreMsg) {
	var s logState
	if !msg.Into(t, &s) {
		return
	}
	f, err := filter.ParseLines(s.Filter, t.Now)
	if err != nil {
		t.Toast(page.LevelWarn, "saved filter ignored: %v", err)
	}
	p.setFilter(f)
}
