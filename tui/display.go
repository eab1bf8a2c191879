package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page"
)

// display is what the UI is shown on: its size, its colours, and what the page has
// of it.
type display struct {
	width, height int
	zoom          bool // the pane with the keys has the page alone
	look          page.Look
	dark          bool
	// clashes: the theme that the user chose is not for the terminal's own
	// background, as far as it told; the screen then brings its own.
	clashes bool
}

// Update takes what the terminal tells of itself.
func (d *display) Update(cfg *Config, env *page.Env, msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		d.width, d.height = msg.Width, msg.Height
		d.measure(env)
	case tea.BackgroundColorMsg:
		if cfg.Theme == "" {
			d.dark = msg.IsDark()
		}
		d.clashes = d.dark != msg.IsDark()
		d.style(cfg, env)
	case tea.ColorProfileMsg:
		d.look = page.LookOf(msg.Profile)
		d.style(cfg, env)
	}
}

// style makes the theme anew. Panes find it in their next Env.
func (d *display) style(cfg *Config, env *page.Env) {
	env.Theme = page.NewTheme(d.dark, d.look, cfg.ASCII)
	if cfg.Blocks {
		env.Theme = env.Theme.WithBlocks()
	}
	if cfg.Escape {
		env.Theme = env.Theme.Escaped()
	}
}

// measure works out what a pane is given of the screen.
func (d *display) measure(env *page.Env) {
	env.Layout = page.LayoutFor(d.width, d.height)
	if env.Zoomed = d.zoom; d.zoom {
		env.Layout = min(env.Layout, page.LayoutOne)
	}
	env.Width = max(1, d.width-2)
	env.Height = max(1, d.height-chromeHeight)
}
