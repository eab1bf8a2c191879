package tui

import (
	"context"
	"runtime/pprof"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// labelled runs f with the profile label that lets profiles leave the UI out.
func labelled(ctx context.Context, f func(ctx context.Context)) {
	pprof.Do(ctx, pprof.Labels("actor", "ui"), f)
}

// run makes the command of one Ask. It takes values only: the model may be
// somewhere else when it runs.
func (a *app) run(name page.Name, k page.Ask) tea.Cmd {
	ctx, c, epoch := a.ctx, a.client, a.epoch
	return func() tea.Msg {
		msg := replyMsg{page: name, epoch: epoch, reply: page.Reply{Gen: k.Gen}}
		labelled(ctx, func(ctx context.Context) {
			msg.reply.Value, msg.reply.Err = k.Call(ctx, c)
		})
		return msg
	}
}

// namespaceMsg answers whether a namespace can be entered.
type namespaceMsg struct {
	server   uint64 // which of those that the UI was on
	location page.Location
	info     store.Namespace
	err      error
}

// enter looks whether the namespace is there before anything is given up.
func (a *app) enter(l page.Location) tea.Cmd {
	ctx, c, server := a.ctx, a.root.In(l.Namespace), a.server
	return func() tea.Msg {
		msg := namespaceMsg{server: server, location: l}
		labelled(ctx, func(ctx context.Context) {
			msg.info, msg.err = c.NamespaceInfo(ctx, l.Namespace)
		})
		return msg
	}
}

// entered changes the namespace: every pane forgets what it read.
func (a *app) entered(msg namespaceMsg) tea.Cmd {
	l := msg.location
	switch {
	case msg.server != a.server:
		return nil
	case client.Unauthorized(msg.err):
		return a.say(page.LevelError, "namespace "+l.Namespace+": this token sees its own namespace only; start with the admin token")
	case msg.err != nil:
		return a.say(page.LevelError, "namespace "+l.Namespace+": "+msg.err.Error())
	}
	a.client, a.env.Namespace = a.root.In(l.Namespace), l.Namespace
	cmds := []tea.Cmd{a.forget(page.NamespaceMsg{})}
	l.Namespace = ""
	return tea.Batch(append(cmds, a.goTo(l))...)
}

// forget begins a new epoch and tells every pane why.
func (a *app) forget(why any) tea.Cmd {
	a.epoch++
	a.palette.forget()
	var cmds []tea.Cmd
	for _, s := range a.pages {
		cmds = append(cmds, a.deliver(s.Name, why))
	}
	a.screen.touch()
	return tea.Batch(cmds...)
}

// loadMsg says that a change of the load is done.
type loadMsg struct{ err error }

// startLoad begins the built-in load.
func (a *app) startLoad(workers int) tea.Cmd {
	if a.cfg.Load == nil {
		return a.say(page.LevelWarn, "no load here: it needs evtui's own server, see evtui load --help")
	}
	if a.env.ReadOnly {
		return a.say(page.LevelWarn, "read-only: no load")
	}
	l := a.cfg.Load
	return tea.Batch(a.say(page.LevelInfo, "load begins"), func() tea.Msg { return loadMsg{l.Start(workers)} })
}

// stopLoad ends it; the command waits for the workers.
func (a *app) stopLoad() tea.Cmd {
	if a.cfg.Load == nil || !a.cfg.Load.Report().Running {
		return a.say(page.LevelInfo, "no load runs")
	}
	l := a.cfg.Load
	return tea.Batch(a.say(page.LevelInfo, "load ends"), func() tea.Msg { l.Stop(); return loadMsg{} })
}

func (a *app) loadDone(msg loadMsg) tea.Cmd {
	a.readLoad()
	if msg.err != nil {
		return a.say(page.LevelError, "load: "+msg.err.Error())
	}
	return nil
}

// readLoad takes the load's report into what panes and header see.
func (a *app) readLoad() {
	if a.cfg.Load == nil {
		return
	}
	before := a.env.Live.Load.Running
	a.env.Live.Load = a.cfg.Load.Report()
	if before || a.env.Live.Load.Running {
		a.screen.touchHeader()
	}
}
