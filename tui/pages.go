package tui

import (
	"slices"
	"strconv"

	"github.com/evtui/evtui/tui/absent"
	"github.com/evtui/evtui/tui/engine"
	"github.com/evtui/evtui/tui/groups"
	"github.com/evtui/evtui/tui/log"
	"github.com/evtui/evtui/tui/overview"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/profile"
	"github.com/evtui/evtui/tui/servers"
	"github.com/evtui/evtui/tui/streams"
	"github.com/evtui/evtui/tui/tail"
)

// registry lists the pages in the order of their tabs. A new page is a folder,
// and a line here.
func registry() tabs {
	return tabs{
		overview.Spec(), streams.Spec(), tail.Spec(), groups.Spec(), engine.Spec(), profile.Spec(), log.Spec(),
		servers.Spec(),
	}
}

// ofProgram are the pages for a Go program that is no event store: each keeps
// its place, and those that cannot be filled say so.
func (t tabs) ofProgram() tabs {
	out := slices.Clone(t)
	for i, s := range out {
		if s.Name != page.Profile && s.Name != page.Log && !s.Apart {
			out[i] = absent.Spec(s)
		}
	}
	return out
}

// tabs are the pages of a UI, in the order of their tabs.
type tabs []page.Spec

// find returns a page; known is false where there is none of that name.
func (t tabs) find(name page.Name) (s page.Spec, known bool) {
	i := slices.IndexFunc(t, func(s page.Spec) bool { return s.Name == name })
	if i < 0 {
		return page.Spec{}, false
	}
	return t[i], true
}

// apart reports whether a page goes on while the server is gone.
func (t tabs) apart(name page.Name) bool {
	s, _ := t.find(name)
	return s.Apart
}

// digit is the key that opens the page at a place; "" from the tenth on.
func (t tabs) digit(i int) string {
	if i > 8 {
		return ""
	}
	return strconv.Itoa(i + 1)
}

func (t tabs) bindings() []page.Binding {
	out := make([]page.Binding, len(t))
	for i, s := range t {
		out[i] = page.Binding{Action: s.Action, Help: string(s.Name)}
		if digit := t.digit(i); digit != "" {
			out[i].Keys = []string{digit}
		}
	}
	return out
}

func (t tabs) opens(action page.Action) (name page.Name, ok bool) {
	i := slices.IndexFunc(t, func(s page.Spec) bool { return s.Action == action })
	if i < 0 {
		return "", false
	}
	return t[i].Name, true
}

// shellBindings lists what can be done on every page.
func (t tabs) shellBindings() []page.Binding { return append(t.bindings(), page.ShellCatalogue()...) }

// catalogue lists all that can be done, with the keys that it has.
func (t tabs) catalogue() []page.Binding { return append(page.PaneCatalogue(), t.shellBindings()...) }
