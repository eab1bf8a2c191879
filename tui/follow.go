package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/follow"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// pluginAction is how the names of plugins' actions begin.
const pluginAction = "plugin-"

// pluginBindings are what plugins can be asked to do. Their keys are rebindings:
// see [NewKeymap].
func pluginBindings(plugins []follow.Plugin) []page.Binding {
	var list []page.Binding
	for _, p := range plugins {
		help := cmp.Or(p.Help, "run "+strings.Join(p.Command, " "))
		list = append(list, page.Binding{Action: page.Action(pluginAction + p.Name), Help: help, Local: true})
	}
	return list
}

func (a *app) plugin(action page.Action) (follow.Plugin, bool) {
	for _, p := range a.cfg.Plugins {
		if page.Action(pluginAction+p.Name) == action {
			return p, true
		}
	}
	return follow.Plugin{}, false
}

// message is what the cursor of the page is on, nil for none.
func (a *app) message() *store.Message {
	if pane, ok := a.panes[a.page].(page.Messaged); ok {
		return pane.Message()
	}
	return nil
}

// followedMsg says what became of a URL or of a plugin.
type followedMsg struct {
	plugin string // "": a URL
	url    string // "": a plugin
	output string
	err    error
}

func (a *app) openURL() tea.Cmd {
	m := a.message()
	switch {
	case a.cfg.OpenURL.IsZero():
		return a.say(page.LevelInfo, `O opens a URL made of the message: set open_url in the configuration, such as "https://traces.example.com/{metadata.traceId}"`)
	case m == nil:
		return a.say(page.LevelInfo, "no message here: O opens a URL made of the one under the cursor")
	}
	address, err := a.cfg.OpenURL.URL(m, a.env.Namespace)
	if err != nil {
		return a.say(page.LevelWarn, "open: "+err.Error())
	}
	browse := a.cfg.Browse
	return func() tea.Msg {
		msg := followedMsg{url: address, err: follow.ErrNoBrowser}
		if browse != nil {
			msg.err = browse(address)
		}
		return msg
	}
}

// runPlugin runs a plugin with the message under the cursor, if there is one.
func (a *app) runPlugin(p follow.Plugin) tea.Cmd {
	if a.env.ReadOnly && p.Writes {
		return a.say(page.LevelWarn, "read-only: plugin "+p.Name+" may write; writes = false in the configuration says that it does not")
	}
	about := follow.About{Message: a.message(), Namespace: a.env.Namespace, URL: a.env.URL}
	ctx, writeToken := a.reach.life, a.cfg.WriteToken
	return tea.Batch(a.say(page.LevelInfo, "running "+p.Name), func() tea.Msg {
		msg := followedMsg{plugin: p.Name}
		msg.output, msg.err = withToken(ctx, p, about, writeToken)
		return msg
	})
}

// withToken runs a plugin with the token in a file of its own, which is gone
// afterwards.
func withToken(ctx context.Context, p follow.Plugin, about follow.About, write func(string) error) (output string, err error) {
	if write != nil {
		dir, made := os.MkdirTemp("", "evtui-plugin-")
		if made != nil {
			return "", made
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		name := filepath.Join(dir, "token")
		if err = write(name); err != nil {
			return "", err
		}
		if _, none := os.Stat(name); none == nil { // else there is no token
			about.TokenFile = name
		}
	}
	return p.Run(ctx, about)
}

// pluginLines is how many lines of a plugin's output stand on the Log page.
const pluginLines = 200

// followed says what became of it: the first line as a toast, all on the Log
// page.
func (a *app) followed(msg followedMsg) tea.Cmd {
	switch {
	case msg.url != "" && errors.Is(msg.err, follow.ErrNoBrowser):
		return tea.Batch(tea.SetClipboard(msg.url), a.say(page.LevelInfo, "no browser here; copied "+msg.url))
	case msg.url != "" && msg.err != nil:
		return a.say(page.LevelError, msg.err.Error())
	case msg.url != "":
		return a.say(page.LevelInfo, "opened "+msg.url)
	}
	lines := strings.FieldsFunc(msg.output, func(r rune) bool { return r == '\n' || r == '\r' })
	first, level := "done", page.LevelInfo
	if len(lines) > 0 {
		first = lines[0]
	}
	if msg.err != nil {
		level = page.LevelError
		if first = msg.err.Error(); len(lines) > 0 {
			first += ": " + lines[len(lines)-1]
		}
	}
	var cmds []tea.Cmd
	if len(lines) > 1 {
		first += fmt.Sprintf(" (%d lines in Log)", len(lines))
		for _, line := range lines[:min(len(lines), pluginLines)] {
			cmds = append(cmds, a.note(page.LevelInfo, msg.plugin+": "+line))
		}
	}
	return tea.Batch(append(cmds, a.say(level, msg.plugin+": "+first))...)
}
