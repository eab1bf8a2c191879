package tui

import (
	"slices"

	"github.com/evtui/evtui/tui/page"
)

// offer is what can be done where the UI is: by keys, which are the user's, and by
// commands of the palette. Who is at another machine has none of this one's files.
type offer struct {
	shell    []page.Binding // on every page, as the catalogue has it
	commands []command
	keys     page.Keymap
	remote   bool // the user sits at another machine
}

// newOffer offers what means something there: a Go program has no namespaces, no
// past and no load.
func newOffer(cfg *Config, pages tabs) offer {
	return offer{
		shell: append(pages.shellBindings(), pluginBindings(cfg.Plugins)...), keys: cfg.Keys, remote: cfg.remote,
		commands: slices.DeleteFunc(pages.commands(), func(c command) bool {
			return cfg.remote && c.Local || cfg.Program != nil && slices.Contains([]string{"ns", "at", "load", "record"}, c.Name)
		}),
	}
}

// everywhere is what can be done on every page.
func (o *offer) everywhere() []page.Binding { return o.of(o.shell) }

// on is what can be done on a page.
func (o *offer) on(pane page.Pane) []page.Binding { return o.of(pane.Bindings()) }

// of is what can be done of a list, with the user's keys.
func (o *offer) of(list []page.Binding) []page.Binding {
	list = o.keys.Apply(list)
	if !o.remote {
		return list
	}
	here := make([]page.Binding, 0, len(list))
	for _, b := range list {
		if !b.Local {
			here = append(here, b)
		}
	}
	return here
}

// bindings are what holds on a page: its own before the shell's. On a tiny screen
// there is no page.
func (o *offer) bindings(pane page.Pane, layout page.Layout) []page.Binding {
	if layout == page.LayoutTiny {
		return o.everywhere()
	}
	return append(o.on(pane), o.everywhere()...)
}

// choices are what a line of the palette can be on a page.
func (o *offer) choices(pane page.Pane) choices {
	return choices{commands: o.commands, actions: o.on(pane)}
}

// line is the action that a stroke has where a page has it, if it opens a line to type in.
func (o *offer) line(stroke string) page.Action {
	for _, b := range o.keys.Apply([]page.Binding{page.Bind(page.ActSearch, "", ""), page.Bind(page.ActFilter, "", "")}) {
		if slices.Contains(b.Keys, stroke) {
			return b.Action
		}
	}
	return ""
}
