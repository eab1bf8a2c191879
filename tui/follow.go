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

// leads are what the message under the cursor leads to outside the program: a URL,
// and plugins, which are commands of the user's own.
type leads struct {
	url        follow.Template // zero: none is configured
	browse     func(address string) error
	plugins    []follow.Plugin
	writeToken func(name string) error // as of Connection
}

func (l *leads) plugin(action page.Action) (follow.Plugin, bool) {
	for _, p := range l.plugins {
		if page.Action(pluginAction+p.Name) == action {
			return p, true
		}
	}
	return follow.Plugin{}, false
}

// messageOf is what the cursor of a page is on, nil for none.
func messageOf(pane page.Pane) *store.Message {
	if m, ok := pane.(page.Messaged); ok {
		return m.Message()
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

// open opens the URL of a message, which may be nil.
func (l *leads) open(m *store.Message, namespace string) (page.Toast, tea.Cmd) {
	switch {
	case l.url.IsZero():
		return page.Toast{Text: `O opens a URL made of the message: set open_url in the configuration, such as "https://traces.example.com/{metadata.traceId}"`}, nil
	case m == nil:
		return page.Toast{Text: "no message here: O opens a URL made of the one under the cursor"}, nil
	}
	address, err := l.url.URL(m, namespace)
	if err != nil {
		return page.Toast{Level: page.LevelWarn, Text: "open: " + err.Error()}, nil
	}
	browse := l.browse
	return page.Toast{}, func() tea.Msg {
		msg := followedMsg{url: address, err: follow.ErrNoBrowser}
		if browse != nil {
			msg.err = browse(address)
		}
		return msg
	}
}

// run runs a plugin with a message, which may be nil.
func (l *leads) run(ctx context.Context, p follow.Plugin, m *store.Message, env *page.Env) (page.Toast, tea.Cmd) {
	if env.ReadOnly && p.Writes {
		return page.Toast{Level: page.LevelWarn, Text: "read-only: plugin " + p.Name + " may write; writes = false in the configuration says that it does not"}, nil
	}
	about, writeToken := follow.About{Message: m, Namespace: env.Namespace, URL: env.URL}, l.writeToken
	return page.Toast{Text: "running " + p.Name}, func() tea.Msg {
		msg := followedMsg{plugin: p.Name}
		msg.output, msg.err = withToken(ctx, p, about, writeToken)
		return msg
	}
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

// said is what there is to say of it: the first line as a toast, all of several for
// the Log page.
func (m followedMsg) said() (all []string, t page.Toast) {
	switch {
	case m.url != "" && errors.Is(m.err, follow.ErrNoBrowser):
		return nil, page.Toast{Text: "no browser here; copied " + m.url}
	case m.url != "" && m.err != nil:
		return nil, page.Toast{Level: page.LevelError, Text: m.err.Error()}
	case m.url != "":
		return nil, page.Toast{Text: "opened " + m.url}
	}
	lines := strings.FieldsFunc(m.output, func(r rune) bool { return r == '\n' || r == '\r' })
	first := "done"
	if len(lines) > 0 {
		first = lines[0]
	}
	if m.err != nil {
		t.Level = page.LevelError
		if first = m.err.Error(); len(lines) > 0 {
			first += ": " + lines[len(lines)-1]
		}
	}
	if len(lines) > 1 {
		first += fmt.Sprintf(" (%d lines in Log)", len(lines))
		for _, line := range lines[:min(len(lines), pluginLines)] {
			all = append(all, m.plugin+": "+line)
		}
	}
	t.Text = m.plugin + ": " + first
	return all, t
}

// followed says what became of a URL or of a plugin; a URL that nothing can show
// is copied.
func (a *app) followed(msg followedMsg) tea.Cmd {
	lines, t := msg.said()
	var cmds []tea.Cmd
	if msg.url != "" && errors.Is(msg.err, follow.ErrNoBrowser) {
		cmds = append(cmds, tea.SetClipboard(msg.url))
	}
	for _, line := range lines {
		cmds = append(cmds, a.note(page.LevelInfo, line))
	}
	return tea.Batch(append(cmds, a.say(t.Level, t.Text))...)
}
