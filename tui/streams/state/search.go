package state

import (
	"context"
	"fmt"
	"strings"

	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// The prompts.
const (
	promptPosition = "position"
	promptTime     = "time"
	promptUntil    = "until"
	promptStays    = "stays"
	promptSearch   = "search"
)

// gone is where a time is in the stream.
type gone struct {
	position int64
	when     string
}

// searched is how far a search came.
type searched struct{ over bool }

func (p *tab) prompted(t *page.Turn, msg page.PromptMsg) {
	line := strings.TrimSpace(msg.Text)
	if msg.ID == promptSearch && msg.State != page.PromptCancelled {
		if n := p.result.view.Search(msg.Text); n == 0 && msg.State == page.PromptDone && msg.Text != "" {
			t.Toast(page.LevelWarn, "no match for %q in the state", msg.Text)
		}
		return
	}
	if msg.State != page.PromptDone || line == "" && msg.ID != promptStays {
		return
	}
	switch msg.ID {
	case promptPosition:
		position, err := kit.ParsePosition(line)
		if err != nil {
			t.Toast(page.LevelWarn, "%v", err)
			return
		}
		if position > p.version {
			t.Toast(page.LevelWarn, "the stream ends at position %s", text.Count(p.version))
		}
		p.goTo(t, position)
	case promptTime:
		p.goTime(t, line)
	case promptUntil:
		p.condition = line
		p.compile(t)
	case promptStays:
		if line == "y" || line == "n" {
			p.seek(t, line == "y")
		}
	}
}

// compile has the condition compiled, before anything else is asked about it.
func (p *tab) compile(t *page.Turn) {
	p.compiling = p.next()
	program, condition := p.work.definition.Program, p.condition
	t.AskElsewhere(p.compiling, func(ctx context.Context, _ *client.Client) (any, error) {
		return nil, state.NewProcess(program, condition, state.DefaultLimits()).Check(ctx)
	})
}

// compiled asks how to look for the condition, if that can be run.
func (p *tab) compiled(t *page.Turn, msg page.Reply) {
	p.compiling = 0
	if msg.Err != nil {
		t.Toast(page.LevelError, "%v", msg.Err)
		return
	}
	steps := state.Bisections(p.version)
	t.Prompt(page.Prompt{
		ID: promptStays, One: true, Label: "does it stay true once it holds?",
		Hint: fmt.Sprintf("y bisects, in %d steps; n looks at all %s versions; esc does nothing", steps, text.Count(p.version+1)),
	})
}

// goTime goes to the last message that is not after a time.
func (p *tab) goTime(t *page.Turn, line string) {
	at, err := moment.ParseTime(line, t.Now)
	if err != nil {
		t.Toast(page.LevelWarn, "%v", err)
		return
	}
	if p.work.runs() {
		p.work.end(t, p.next())
	}
	last := p.version
	p.work.ready(p.of.Stream)
	p.work.run(t, p.next(), func(ctx context.Context, h *state.History) (any, error) {
		position, err := h.LastAt(ctx, last, at)
		return gone{position, line}, err
	})
}

func (p *tab) jumped(t *page.Turn, g gone) {
	if g.position < 0 {
		t.Toast(page.LevelWarn, "the stream begins after %s", g.when)
		return
	}
	p.goTo(t, g.position)
}

// seek begins to look for the first version at which the condition holds.
func (p *tab) seek(t *page.Turn, stays bool) {
	w := &p.work
	if !p.known || p.version < 0 || !w.defined {
		return
	}
	if w.runs() {
		w.end(t, p.next())
	}
	w.ready(p.of.Stream)
	w.begun = t.Now
	w.asked, w.stays = p.condition, stays
	w.condition = state.NewProcess(w.definition.Program, p.condition, state.DefaultLimits())
	w.search = state.NewSearch(w.history, w.condition, p.version, stays)
	w.goOnSearching(t, p.next())
}

func (w *work) goOnSearching(t *page.Turn, gen uint64) {
	search := w.search
	w.run(t, gen, func(ctx context.Context, _ *state.History) (any, error) {
		over, err := search.Go(ctx, piece())
		return searched{over}, err
	})
}

func (p *tab) searched(t *page.Turn, v searched) {
	w := &p.work
	if w.search == nil {
		return
	}
	if !v.over {
		w.goOnSearching(t, p.next())
		return
	}
	s, asked, stays := w.search, w.asked, w.stays
	w.endSearch(t, p.next())
	cost := fmt.Sprintf("%s asked, %s read", counted(s.Steps, "version"), counted(s.Read, "message"))
	switch {
	case s.Found != nil:
		t.Toast(page.LevelInfo, "%s holds first at #%s: %s", asked, text.Count(s.Found.Position), cost)
		w.allowed = s.Found.Position
		p.goTo(t, s.Found.Position)
	case s.Fault != nil:
		t.Toast(page.LevelWarn, "%s does not hold before the reducer ends: %v (%s)", asked, s.Fault, cost)
	case stays:
		t.Toast(page.LevelWarn, "%s does not hold at #%s, the last one: if it need not stay true, B and n look at all versions", asked, text.Count(p.version))
	default:
		t.Toast(page.LevelWarn, "%s never holds in %s: %s", asked, counted(p.version+1, "version"), cost)
	}
}

// endSearch lets the search's process go.
func (w *work) endSearch(t *page.Turn, gen uint64) {
	only := work{condition: w.condition}
	only.end(t, gen)
	w.search, w.condition = nil, nil
}

func counted(n int64, noun string) string { return text.Count(n) + " " + text.Plural(n, noun) }
