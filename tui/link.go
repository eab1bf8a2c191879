package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// link is what the shell knows of the connection to the server.
type link struct {
	asking bool
	next   time.Time // when to ask again
	since  time.Time // when the server was lost
	tries  int
	second int64
}

// linkMsg is one look at the server: its figures, or at least a sign of life.
type linkMsg struct {
	server  uint64 // which of those that the UI was on
	info    wire.Info
	hasInfo bool
	sample  wire.Sample
	figures bool
	reason  string // why no figures
	err     error
}

// askLink looks at the server: info once, then a sample a second. A server
// without figures is asked for its health only.
func (a *app) askLink() tea.Cmd {
	a.link.asking = true
	ctx, c, server := a.ctx, a.root, a.server
	needInfo := !a.env.Live.HasInfo || !a.env.Live.Connected
	plain := a.env.Live.NoFigures != ""
	return func() tea.Msg {
		var msg linkMsg
		labelled(ctx, func(ctx context.Context) {
			if plain {
				_, msg.err = c.Health(ctx)
				return
			}
			msg = lookAt(ctx, c, needInfo)
		})
		msg.server = server
		return msg
	}
}

func lookAt(ctx context.Context, c *client.Client, needInfo bool) (msg linkMsg) {
	if needInfo {
		msg.info, msg.err = c.Info(ctx)
		msg.hasInfo = msg.err == nil
	}
	if msg.err == nil {
		msg.sample, msg.err = c.Sample(ctx)
		msg.figures = msg.err == nil
	}
	switch {
	case client.NotOffered(msg.err):
		msg.reason, msg.err = "figures are not offered by this server", nil
	case client.Unauthorized(msg.err):
		msg.reason, msg.err = "figures need the admin token", nil
	}
	return msg
}

// linked takes what a look at the server found.
func (a *app) linked(msg linkMsg) tea.Cmd {
	if msg.server != a.server {
		return nil
	}
	a.link.asking = false
	a.link.next = a.env.Now.Truncate(time.Second).Add(time.Second)
	a.screen.touchHeader()
	live := &a.env.Live
	if msg.err != nil {
		if client.Unreachable(msg.err) {
			return a.lost(msg.err)
		}
		live.NoFigures = "figures: " + msg.err.Error()
		return a.say(page.LevelWarn, live.NoFigures)
	}
	if msg.hasInfo {
		live.Info, live.HasInfo = msg.info, true
	}
	if msg.figures {
		live.Sample, live.HasSample = msg.sample, true
	}
	if msg.reason != "" {
		live.NoFigures = msg.reason
	}
	var watched tea.Cmd
	if msg.figures {
		watched = tea.Batch(a.remember(msg.sample), a.observe(msg.sample), a.refresh())
	}
	if !live.Connected {
		return tea.Batch(a.found(), watched)
	}
	return watched
}

// refresh has the page of figures take a new second when the header does: the
// one must not contradict the other until the next frame.
func (a *app) refresh() tea.Cmd {
	if s, _ := a.pages.find(a.page); !s.Live || !a.env.Live.Connected || a.env.Layout == page.LayoutTiny {
		return nil
	}
	return a.deliver(a.page, page.FrameMsg{N: a.frames})
}

// beat is the header's share of a frame.
func (a *app) beat() tea.Cmd {
	a.readLoad()
	if second := a.env.Now.Unix(); second != a.link.second {
		a.link.second = second
		a.costs.settle(a.env.Now)
		a.screen.touchHeader()
	}
	if a.link.asking || a.env.Now.Before(a.link.next) {
		return nil
	}
	return a.askLink()
}

// lost greys the screen and asks again, less often the longer it takes.
func (a *app) lost(err error) tea.Cmd {
	a.link.tries++
	a.link.next = a.env.Now.Add(min(time.Duration(a.link.tries)*500*time.Millisecond, 5*time.Second))
	if !a.env.Live.Connected {
		return nil
	}
	a.env.Live.Connected = false
	a.link.since = a.env.Now
	a.screen.touch()
	return a.say(page.LevelError, err.Error())
}

// found gives the screen back. What was on its way is void.
func (a *app) found() tea.Cmd {
	gone := a.env.Now.Sub(a.link.since).Round(time.Second)
	a.env.Live.Connected = true
	a.link.tries = 0
	a.past.forget()
	return tea.Batch(a.forget(page.ReconnectMsg{}), a.say(page.LevelInfo, "connected again after "+gone.String()))
}
