package tui

import (
	"context"
	"runtime/pprof"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// labelled runs f with the profile label that lets profiles leave the UI out.
func labelled(ctx context.Context, f func(ctx context.Context)) {
	pprof.Do(ctx, pprof.Labels("actor", "ui"), f)
}

// background makes a command of a call that is labelled so.
func background(ctx context.Context, call func(ctx context.Context) tea.Msg) tea.Cmd {
	return func() (msg tea.Msg) {
		labelled(ctx, func(ctx context.Context) { msg = call(ctx) })
		return msg
	}
}

// reach is what the commands of the shell and of its parts ask the server with.
// They get a copy, since the model may be somewhere else when they run.
type reach struct {
	ctx     context.Context         // ends with the program, and when the server is lost
	cut     context.CancelCauseFunc // ends ctx; the shell's alone
	life    context.Context         // ends with the program alone
	waits   bool                    // as of page.Env
	root    *client.Client
	client  *client.Client  // acts on the namespace that the UI is in
	program *source.Program // nil: an event store
	server  uint64          // rises with each change of the server; what the one before answers is void
	epoch   uint64          // rises with the namespace and each reconnect; older replies are void
}

// wire makes the context of all that is asked while the server is there. It ends
// when the server is lost: from then on, whatever asks is told so at once.
func (r *reach) wire() {
	if r.cut != nil {
		r.cut(context.Canceled)
	}
	r.ctx, r.cut = context.WithCancelCause(r.life)
}

// run makes the command of one Ask of a page.
func (r reach) run(name page.Name, k page.Ask) tea.Cmd {
	within := r.ctx
	if k.Elsewhere {
		within = r.life
	}
	return background(within, func(ctx context.Context) tea.Msg {
		if ctx.Err() != nil && r.waits {
			r.pause() // a page that asks again at once must not do nothing else
		}
		value, err := k.Call(ctx, r.client)
		return replyMsg{page: name, epoch: r.epoch, reply: page.Reply{Gen: k.Gen, Value: value, Err: err}}
	})
}

// lostPause is how long who asks a server that is lost waits to be told so.
const lostPause = 500 * time.Millisecond

// pause waits so long, or until the program ends.
func (r reach) pause() {
	until, cancel := context.WithTimeout(r.life, lostPause)
	defer cancel()
	<-until.Done()
}

// namespaceMsg answers whether a namespace can be entered.
type namespaceMsg struct {
	server   uint64 // which of those that the UI was on
	location page.Location
	back     *spot // the place that it goes back to there; nil: it goes to location
	err      error
}

// enter looks whether a namespace is there before anything is given up.
func (r reach) enter(l page.Location, back *spot) tea.Cmd {
	c := r.root.In(l.Namespace)
	return background(r.ctx, func(ctx context.Context) tea.Msg {
		_, err := c.NamespaceInfo(ctx, l.Namespace)
		return namespaceMsg{server: r.server, location: l, back: back, err: err}
	})
}

// entered changes the namespace: every pane forgets what it read.
func (a *app) entered(msg namespaceMsg) tea.Cmd {
	l := msg.location
	switch {
	case msg.server != a.reach.server:
		return nil
	case client.Unauthorized(msg.err):
		return a.say(page.LevelError, "namespace "+l.Namespace+": this token sees its own namespace only; start with the admin token")
	case msg.err != nil:
		return a.say(page.LevelError, "namespace "+l.Namespace+": "+msg.err.Error())
	}
	if msg.back == nil {
		a.trail.remember(a.here())
	}
	a.reach.client, a.env.Namespace = a.reach.root.In(l.Namespace), l.Namespace
	cmds := []tea.Cmd{a.forget(page.NamespaceMsg{})}
	if msg.back != nil {
		return tea.Batch(append(cmds, a.arrive(msg.back.arrival()))...)
	}
	l.Namespace = ""
	return tea.Batch(append(cmds, a.arrive(arrivalAt(l)))...)
}

// forget begins a new epoch and tells every pane why.
func (a *app) forget(why any) tea.Cmd {
	a.reach.epoch++
	a.palette.forget()
	var cmds []tea.Cmd
	for _, s := range a.pages {
		cmds = append(cmds, a.deliver(s.Name, why))
	}
	a.screen.touch()
	return tea.Batch(cmds...)
}
