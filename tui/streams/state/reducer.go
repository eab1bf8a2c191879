package state

import (
	"context"
	"errors"

	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// errNoReducers is what is said where none runs.
var errNoReducers = errors.New("programs in jq are not run here, over SSH: the data of the messages is merged")

// define asks for the configuration's reducer, where there may be one.
func (p *tab) define(t *page.Turn) {
	if !p.setup.Reducers.Runs || p.setup.Reducers.For == nil {
		p.work.defined = true
		p.askState(t)
		return
	}
	configured, category := p.setup.Reducers.For, store.Category(p.of.Stream)
	p.work.gen, p.work.defining = p.next(), true
	t.AskElsewhere(p.work.gen, func(context.Context, *client.Client) (any, error) {
		d, err := configured(category)
		return definitionReply{definition: d}, err
	})
}

func (p *tab) use(t *page.Turn, msg UseMsg) {
	r := p.setup.Reducers
	switch {
	case msg.File == "-":
		p.reduceBy(t, state.Definition{})
	case msg.File == "":
		p.reduceBy(t, state.Definition{})
		p.work.defined = false
		p.pull(t)
	case !r.Runs || r.File == nil:
		t.Toast(page.LevelWarn, ":reducer: %v", errNoReducers)
	default:
		read, name := r.File, msg.File
		p.work.end(t, p.next())
		p.work.gen, p.work.defining = p.next(), true
		t.AskElsewhere(p.work.gen, func(context.Context, *client.Client) (any, error) {
			d, err := read(name)
			return definitionReply{definition: d, asked: true}, err
		})
	}
}

// reduceBy begins again with a reducer.
func (p *tab) reduceBy(t *page.Turn, d state.Definition) {
	p.work.end(t, p.next())
	p.work = work{definition: d, defined: true}
	p.result.at, p.fault = -1, ""
	p.result.show(compared(nothing(), 0)) // what another reducer made says nothing of this one
	p.pull(t)
}

func (p *tab) replied(t *page.Turn, msg page.Reply) {
	switch msg.Gen {
	case 0:
	case p.rows.asking:
		p.rows.took(msg, p.version)
	case p.asking:
		p.tookVersion(t, msg)
	case p.compiling:
		p.compiled(t, msg)
	case p.work.gen:
		p.work.gen, p.work.cancel = 0, nil
		p.worked(t, msg)
	default:
		return // of what ended since
	}
	p.pull(t)
}

// worked takes what a piece of work came to.
func (p *tab) worked(t *page.Turn, msg page.Reply) {
	w := &p.work
	if msg.Err != nil {
		p.failed(t, msg)
		return
	}
	switch v := msg.Value.(type) {
	case definitionReply:
		p.reduceBy(t, v.definition)
		w.fresh = v.asked
	case momentReply:
		w.read = v.read
		if w.fresh && v.moment.Fault == nil {
			t.Toast(page.LevelInfo, "states are made by %s", w.definition.Title())
		}
		w.fresh = false
		p.result.show(v) // on a long way too: it says after which message
		if p.result.at = -1; v.moment.Done {
			p.result.at = w.target
		}
	case gone:
		p.jumped(t, v)
	case searched:
		p.searched(t, v)
	}
}

func (p *tab) failed(t *page.Turn, msg page.Reply) {
	w := &p.work
	if client.Unreachable(msg.Err) || errors.Is(msg.Err, context.Canceled) || errors.Is(msg.Err, state.ErrClosed) {
		return
	}
	switch {
	case w.search != nil:
		w.endSearch(t, p.next())
		t.Toast(page.LevelError, "%v", msg.Err)
	case w.defining:
		w.defining, w.defined = false, true
		t.Toast(page.LevelError, "%v; %s", msg.Err, w.definition.Title())
	default:
		p.fault = msg.Err.Error()
	}
}
