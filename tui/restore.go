package tui

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// StateKeeper keeps how the UI was left, for each server by its key. Its
// methods are called off the event loop.
type StateKeeper interface {
	// Load returns what was saved last, nil when nothing was.
	Load(key string) (json.RawMessage, error)
	Save(key string, state json.RawMessage) error
}

// stateVersion is of the form in which the state is kept. State of another
// version is not read.
const stateVersion = 1

// keptState is how the UI was left on one server.
type keptState struct {
	Version   int                        `json:"version"`
	Page      string                     `json:"page"`
	Namespace string                     `json:"namespace"`
	Pages     map[string]json.RawMessage `json:"pages,omitempty"`   // by name
	Palette   []string                   `json:"palette,omitempty"` // the newest commands, oldest first
}

// keptCommands is how many commands of the palette are remembered.
const keptCommands = 50

// leftState is what there is to go back to, read before it is needed.
type leftState struct {
	state keptState
	found bool
	fresh bool   // the namespace is not there any more, or another was asked for
	note  string // what went wrong, for the log
}

// restoreTime bounds the question whether the kept namespace is still there.
const restoreTime = 3 * time.Second

// readState reads how the UI was left on a server. wanted is the namespace that
// the user asked for, "" for none.
func readState(ctx context.Context, keeper StateKeeper, key string, c *client.Client, wanted string) (left leftState) {
	if keeper == nil {
		return left
	}
	raw, err := keeper.Load(key)
	if err == nil && raw != nil {
		err = json.Unmarshal(raw, &left.state)
	}
	switch {
	case err != nil:
		left.note = "the saved UI state cannot be read and is ignored: " + err.Error()
		return left
	case raw == nil || left.state.Version != stateVersion:
		return left
	}
	left.found = true
	to := left.state.Namespace
	left.fresh = to == "" || wanted != "" && wanted != to
	if left.fresh || to == c.Namespace() {
		return left
	}
	ctx, cancel := context.WithTimeout(ctx, restoreTime)
	defer cancel()
	if _, err := c.In(to).NamespaceInfo(ctx, to); err != nil {
		left.fresh = true
		left.note = fmt.Sprintf("cannot restore namespace %s: %v", to, err)
	}
	return left
}

func keepState(keeper StateKeeper, key string, state keptState) error {
	if keeper == nil {
		return nil
	}
	raw, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("save the UI state: %w", err)
	}
	return keeper.Save(key, raw)
}

func (c *Config) stateKey() string { return cmp.Or(c.StateKey, c.Client.URL()) }

func (a *app) leave() keptState {
	s := keptState{Version: stateVersion, Page: string(a.page), Namespace: a.env.Namespace, Pages: map[string]json.RawMessage{}}
	for name, pane := range a.panes {
		if stateful, ok := pane.(page.Stateful); ok {
			if raw := stateful.Save(); raw != nil {
				s.Pages[string(name)] = raw
			}
		}
	}
	s.Palette = a.palette.history[max(0, len(a.palette.history)-keptCommands):]
	return s
}

// restore goes back to how the UI was left. It comes before any pane is shown.
func (a *app) restore(left leftState) tea.Cmd {
	var cmds []tea.Cmd
	if left.note != "" {
		cmds = append(cmds, a.say(page.LevelWarn, left.note))
	}
	if !left.found {
		return tea.Batch(cmds...)
	}
	if len(a.palette.history) == 0 {
		a.palette.history = left.state.Palette
	}
	if s, known := a.pages.find(page.Name(left.state.Page)); known && a.cfg.Page == "" {
		a.page = s.Name
	}
	if left.fresh {
		return tea.Batch(cmds...)
	}
	if to := left.state.Namespace; to != a.env.Namespace {
		a.reach.client, a.env.Namespace = a.reach.root.In(to), to
	}
	for _, s := range a.pages {
		name := s.Name
		raw, kept := left.state.Pages[string(name)]
		if _, ok := a.panes[name].(page.Stateful); ok && kept {
			cmds = append(cmds, a.deliver(name, page.RestoreMsg{State: raw}))
		}
	}
	return tea.Batch(cmds...)
}
