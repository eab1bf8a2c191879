package engine

import (
	"context"
	"errors"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// engineCommand is something that the page can have the engine do.
type engineCommand string

// The commands, by their names in the palette.
const (
	commandFlush      engineCommand = "flush"
	commandCompact    engineCommand = "compact"
	commandCheckpoint engineCommand = "checkpoint"
	commandReopen     engineCommand = "reopen"
)

// engineActMsg asks the page for a command that takes a while. It comes from the
// palette.
type engineActMsg struct {
	command engineCommand
	name    string // of the namespace, or of the checkpoint to be made
}

// engineCommands are the palette entries; each asks for the
// name again before it begins.
func engineCommands() []page.Command {
	return []page.Command{
		{Name: "flush", Usage: "flush NAMESPACE", Help: "flush a namespace's memtables to tables; asks for its name", Subject: page.SubjectNamespace, Rank: page.RankEngine, Run: runEngineCommand(commandFlush)},
		{Name: "compact", Usage: "compact NAMESPACE", Help: "compact all of a namespace's tables into the bottom level; asks for its name", Subject: page.SubjectNamespace, Rank: page.RankEngine, Run: runEngineCommand(commandCompact)},
		{Name: "checkpoint", Usage: "checkpoint NAME", Help: "copy all namespaces to the server's disk under a new name; asks for the name again", Rank: page.RankEngine, Run: runEngineCommand(commandCheckpoint)},
		{Name: "reopen", Usage: "reopen NAMESPACE", Help: "close and reopen a namespace whose WAL failed; asks for its name", Subject: page.SubjectNamespace, Rank: page.RankEngine, Run: runEngineCommand(commandReopen)},
	}
}

// runEngineCommand takes a command to the page, which confirms it.
func runEngineCommand(command engineCommand) func(*page.Turn, string) any {
	return func(t *page.Turn, arg string) any {
		msg := engineActMsg{command, arg}
		if t.ReadOnly {
			t.Toast(page.LevelWarn, "read-only: %s is disabled", msg.verb())
			return nil
		}
		if err := msg.check(); err != nil {
			t.Toast(page.LevelWarn, ":%s %v", msg.verb(), err)
			return nil
		}
		return msg
	}
}

// verb names the action.
func (m engineActMsg) verb() string { return string(m.command) }

// check reports what is wrong with the name.
func (m engineActMsg) check() error {
	if m.command == commandCheckpoint {
		return store.CheckCheckpointName(m.name)
	}
	return store.CheckNamespaceID(m.name)
}

// do does it. The value is a store.Checkpoint for one of these.
func (m engineActMsg) do(ctx context.Context, c *client.Client) (any, error) {
	switch c = c.In(""); m.command {
	case commandCheckpoint:
		return c.Checkpoint(ctx, m.name)
	case commandCompact:
		return nil, c.Compact(ctx, m.name)
	case commandReopen:
		return nil, c.Reopen(ctx, m.name)
	}
	return nil, c.Flush(ctx, m.name)
}

// engineJob is an action under way.
type engineJob struct {
	engineActMsg
	gen    uint64
	began  time.Time
	cancel context.CancelFunc
}

// actPrompt names the prompt that confirms an action.
const actPrompt = "confirm"

// confirm asks for the name, unless nothing may be changed.
func (p *enginePage) confirm(t *page.Turn, msg engineActMsg) {
	switch {
	case t.ReadOnly:
		t.Toast(page.LevelWarn, "read-only: %s is disabled", msg.verb())
	case p.job != nil:
		t.Toast(page.LevelWarn, "%s of %s is running: esc cancels it", p.job.verb(), p.job.name)
	default:
		p.confirmation = &msg
		hint := "type its name again; esc cancels"
		t.Prompt(page.Prompt{ID: actPrompt, Label: msg.verb() + " " + msg.name + "?", Hint: hint})
	}
}

func (p *enginePage) prompted(t *page.Turn, msg page.PromptMsg) {
	switch msg.ID {
	case kit.FilterPrompt:
		p.setFilter(msg.Text)
		return
	case namesPrompt:
		p.setNames(msg.Text)
		return
	case kit.FinderPrompt:
		p.drawing().searched().Prompted(t, msg)
		p.follow()
		return
	case kit.SortPrompt:
		if l := p.focused(); l != nil {
			l.Prompted(t, msg)
		}
		return
	}
	confirmation := p.confirmation
	p.confirmation = nil
	switch {
	case confirmation == nil || msg.ID != actPrompt:
	case msg.State == page.PromptDone && msg.Text == confirmation.name:
		p.start(t, *confirmation)
	default:
		t.Toast(page.LevelInfo, "%s cancelled: the name does not match", confirmation.verb())
	}
}

// start begins an action; esc cancels it.
func (p *enginePage) start(t *page.Turn, msg engineActMsg) {
	call, cancel := kit.Stoppable(msg.do)
	p.gen++
	p.job = &engineJob{engineActMsg: msg, gen: p.gen, began: t.Now, cancel: cancel}
	t.Ask(p.gen, call)
}

func (p *enginePage) jobDone(t *page.Turn, msg page.Reply) {
	job := p.job
	p.job = nil
	p.feed.FiguresAt, p.feed.EventsAt = time.Time{}, time.Time{}
	took := t.Now.Sub(job.began)
	made, isCopy := msg.Value.(store.Checkpoint)
	switch {
	case msg.Err == nil && isCopy:
		t.Toast(page.LevelInfo, "checkpoint %s: %s", job.name, madeWords(&made, took))
	case msg.Err == nil:
		t.Toast(page.LevelInfo, "%s of %s took %s", job.verb(), job.name, kit.ShortDuration(took))
	case errors.Is(msg.Err, context.Canceled):
		left := "finished work is kept"
		if job.command == commandCheckpoint {
			left = "nothing was kept"
		}
		t.Toast(page.LevelWarn, "%s of %s cancelled; %s", job.verb(), job.name, left)
	case client.Unreachable(msg.Err):
		t.Toast(page.LevelWarn, "%s of %s: the server was lost meanwhile; it may have finished or not", job.verb(), job.name)
	case kit.NoEngine(msg.Err) != "":
		t.Toast(page.LevelWarn, "%s: %s", job.verb(), kit.NoEngine(msg.Err))
	default:
		t.Toast(page.LevelError, "%s %s: %v", job.verb(), job.name, msg.Err)
	}
}

// madeWords say what a checkpoint holds and where it lies.
func madeWords(made *store.Checkpoint, took time.Duration) string {
	return text.Count(int64(made.Namespaces)) + " " + text.Plural(int64(made.Namespaces), "namespace") + ", " +
		text.Count(made.Messages) + " " + text.Plural(made.Messages, "message") + " in " + made.Dir + ", took " + kit.ShortDuration(took)
}

func (p *enginePage) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActNextTab:
		p.turn(1)
	case page.ActPrevTab:
		p.turn(-1)
	case page.ActOpen:
		p.enter(t)
	case page.ActOut, page.ActCancelUI:
		p.leave(a == page.ActOut)
	case page.ActNextPane, page.ActPrevPane:
		p.open = !p.open
	case page.ActFilter:
		p.askFilter(t)
	case page.ActRefresh:
		p.feed.Again()
		p.closed.asked = time.Time{}
		if p.subs.asked = (time.Time{}); p.tab == tabStorage {
			p.storage.measure(t, &p.gen, p.key)
		}
		p.frame(t)
	case page.ActSort:
		p.askSort(t)
	case page.ActCopyValue:
		if p.key != "" {
			t.Copy("the namespace "+p.key, p.key)
		}
	case page.ActCopyView:
		t.Copy("this view as a command", p.command(t.Env))
	default:
		if l := p.focused(); l != nil {
			l.Act(t, a)
		} else {
			p.search.Act(t, a, p.list.Grid)
		}
		p.follow()
	}
}

// askSort asks for the column by which the list with the keys is sorted.
func (p *enginePage) askSort(t *page.Turn) {
	switch l := p.focused(); {
	case l != nil && !l.Fixed:
		l.Act(t, page.ActSort)
	case p.drawing().alone():
		t.Toast(page.LevelInfo, "%s has an order of its own", p.drawing().title(p.tab))
	default:
		t.Toast(page.LevelInfo, "%s has an order of its own; tab goes to the list, which s sorts", p.drawing().title(p.tab))
	}
}

// searched is the list that a search goes through: the one with the keys, else
// that of the open namespaces.
func (p drawing) searched() *kit.Table {
	if l := p.focused(); l != nil {
		return l
	}
	return &p.list.Table
}

// command is the open tab as a command that prints the same.
func (p *enginePage) command(env page.Env) string {
	switch {
	case p.tab == tabEvents && p.filter != "":
		return kit.Command(env, "events", "--filter", p.filter)
	case p.tab == tabEvents:
		return kit.Command(env, "events")
	case p.tab == tabStorage:
		env.Namespace = p.key
		return kit.Command(env, "stats", "--storage")
	}
	return kit.Command(env, "stats")
}

// enter opens the tab, and there the thing under the cursor: an event's
// namespace, a subscription's stream or category, a measurement.
func (p *enginePage) enter(t *page.Turn) {
	switch {
	case !p.open:
		p.open = len(p.list.Rows()) > 0
	case p.tab == tabEvents:
		if e, ok := p.events.Chosen(); ok {
			p.choose(e.Namespace)
			p.show()
		}
	case p.tab == tabSubscriptions:
		p.goSubscribed(t)
	case p.tab == tabStorage:
		p.storage.measure(t, &p.gen, p.key)
	case p.tab == tabClosed:
		if n, ok := p.gone.Chosen(); ok {
			t.Go(page.Location{Page: page.Streams, Namespace: n.ID})
		}
	}
}

// leave cancels what runs, else takes the filter off, else goes back to the
// list.
func (p *enginePage) leave(out bool) {
	switch {
	case p.job != nil:
		p.job.cancel()
	case p.storage.cancel != nil:
		p.storage.cancel()
	case !out:
	case p.open && p.tab == tabEvents && p.filter != "":
		p.setFilter("")
	case p.names != "" && p.drawing().listsNames():
		p.setNames("")
	default:
		p.open = false
	}
}

// Bindings implements [page.Pane].
func (p *enginePage) Bindings() []page.Binding {
	open := page.Bind(page.ActOpen, "open the tab of the namespace", "open")
	switch {
	case p.open && p.tab == tabStorage:
		open = page.Bind(page.ActOpen, "measure storage by kind of key, from the tables' indexes", "measure")
	case p.open && p.tab == tabSubscriptions:
		open = page.Bind(page.ActOpen, "go to the subscribed stream or category", "go there")
	case p.open && p.tab == tabClosed:
		open = page.Bind(page.ActOpen, "go to the namespace and open it", "go there")
	case p.open && p.tab == tabEvents:
		open = page.Bind(page.ActOpen, "select the event's namespace", "choose")
	case p.open:
		open = page.Bind(page.ActOpen, "", "")
	}
	filterWords := "filter the events"
	if p.drawing().listsNames() {
		filterWords = "filter the namespaces by name; in a tab, the events"
	}
	return append([]page.Binding{
		page.Bind(page.ActNextTab, "next tab: levels or the engine's tables, events, subscriptions, closed, storage", "tabs"),
		page.Bind(page.ActPrevTab, "previous tab", ""),
		open,
		page.Bind(page.ActFilter, filterWords, "filter"),
		page.Bind(page.ActSort, "", "sort"),
		page.Bind(page.ActOut, "cancel, clear the filter, or go back to the list", "back"),
		page.Bind(page.ActNextPane, "between list and tab", "list/tab"),
		page.Bind(page.ActPrevPane, "between list and tab", ""),
		page.Bind(page.ActRefresh, "refresh now", "refresh"),
		page.Bind(page.ActLeft, "scroll left", ""),
		page.Bind(page.ActRight, "scroll right", ""),
		page.Bind(page.ActCopyValue, "copy the namespace's name", ""),
		page.Bind(page.ActCopyView, "", ""),
	}, p.list.Bindings()...)
}
