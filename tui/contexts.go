package tui

import (
	"cmp"
	"context"
	"errors"
	"image/color"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// Context is a server that the user knows by a name.
type Context struct {
	Name    string
	URL     string // where it is; "": the client knows
	Colour  string // of the name in the header: a word such as "red", #rrggbb, or "" for none
	Unnamed bool   // what evtui was started on; Name only leads back to it
}

// Connection is what the UI needs of one server. Only Client is required.
type Connection struct {
	Context    Context         // what Client is connected to
	Client     *client.Client  // marks its requests with client.WithActor("ui"); the caller closes it
	Admin      bool            // whether the token may look at other namespaces
	ReadOnly   bool            // shows the badge; whatever changes data is refused
	Address    string          // where programs reach the server: a URL, HOST:PORT, or words; "": the client's URL
	DataDir    string          // of an embedded server, for the header; "": none
	ProfileDir string          // where the Profile page keeps captures; "": nowhere
	Triggers   []profiler.Rule // what takes a profile by itself, into ProfileDir; nil: nothing
	Load       Load            // the built-in load test; nil: ":load" says that there is none
	Recorder   Recorder        // nil: ":record" says that there is none
	StateKey   string          // names the server to Config.State; "": the client's URL

	// Program is what is looked at when that is a Go program and no event store:
	// then Client reaches its profiles alone, and only Profile and Log are there
	// to be filled. nil: an event store.
	Program *source.Program
	// WriteToken writes the token of the server into a file for plugins; nil: they
	// get none. It is called from commands.
	WriteToken func(name string) error
}

// contextMsg answers whether a context can be gone to.
type contextMsg struct {
	name string
	to   Connection
	left leftState
	err  error
}

// runContext goes to another server; without a name it says which there are.
func runContext(a *app, name string) tea.Cmd {
	names := a.cfg.contextNames()
	switch {
	case len(names) == 0 || a.cfg.Connect == nil:
		return a.say(page.LevelInfo, "no contexts: add [contexts.NAME] to the configuration file")
	case name == "":
		return a.say(page.LevelInfo, "contexts: "+strings.Join(names, ", ")+"; this is "+a.cfg.Context.Name)
	case !slices.Contains(names, name):
		return a.say(page.LevelWarn, "no context "+strconv.Quote(name)+"; the contexts are "+strings.Join(names, ", "))
	case name == a.cfg.Context.Name:
		return a.say(page.LevelInfo, "this is "+name)
	case a.env.Live.Load.Running:
		return a.say(page.LevelWarn, "a load is running here; stop it with :load stop, then :ctx "+name)
	case recordingOf(a.cfg.Recorder).Running:
		return a.say(page.LevelWarn, "this server is being recorded; stop it with :record stop, then :ctx "+name)
	}
	return tea.Batch(a.say(page.LevelInfo, "connecting to "+name), dial(a.reach.life, a.cfg, a.leave(), name))
}

func (c *Config) contextNames() []string {
	names := make([]string, len(c.Contexts))
	for i, x := range c.Contexts {
		names[i] = x.Name
	}
	return names
}

// dial connects before anything is given up, and keeps how this server's pages
// are left.
func dial(ctx context.Context, cfg Config, state keptState, name string) tea.Cmd {
	connect, keeper, key := cfg.Connect, cfg.State, cfg.stateKey()
	return background(ctx, func(ctx context.Context) tea.Msg {
		to, err := connect(ctx, name)
		if err != nil {
			return contextMsg{name: name, err: err}
		}
		kept := keepState(keeper, key, state)
		left := readState(ctx, keeper, to.StateKey, to.Client, "")
		if kept != nil && left.note == "" {
			left.note = kept.Error()
		}
		return contextMsg{name: name, to: to, left: left}
	})
}

// switched is on the other server: everything begins anew there.
func (a *app) switched(msg contextMsg) tea.Cmd {
	if msg.err != nil {
		return a.say(page.LevelError, ":ctx "+msg.name+": "+msg.err.Error())
	}
	cmds := []tea.Cmd{a.forget(page.NamespaceMsg{})} // ends what the old pages have under way
	a.cfg.Connection, a.cfg.Namespace = msg.to, ""
	a.reach.server++
	a.begin()
	a.reach.epoch++ // what the old pages asked last is void
	// It is as it was left, but on the page that the user is on: who changes the
	// server compares. From a page that is of no one server, on the page that was
	// left there.
	name := a.page
	cmds = append(cmds, a.restore(msg.left))
	if !a.pages.apart(name) {
		a.page = name
	} else if a.pages.apart(a.page) {
		a.page = a.all[0].Name
	}
	cmds = append(cmds, a.link.look(a.reach, &a.env), a.deliver(a.page, page.ShowMsg{}))
	return tea.Batch(append(cmds, a.say(page.LevelInfo, "this is "+msg.name))...)
}

// servers are those that the user can go to, with the one that the UI is on.
func (c *Config) servers() []page.Server {
	var list []page.Server
	here := false
	for _, x := range c.Contexts {
		s := page.Server{Name: x.Name, URL: x.URL, Here: x.Name == c.Context.Name}
		if s.Here {
			here, s.URL = true, publicURL(*c)
		}
		list = append(list, s)
	}
	if !here {
		list = append([]page.Server{{Name: c.hereName(), URL: publicURL(*c), Here: true}}, list...)
	}
	return list
}

// hereName is what the server that the UI is on is called among servers.
func (c *Config) hereName() string { return cmp.Or(c.Context.Name, "here") }

// looker looks at the server that the UI is on through its own client, and at
// others as the configuration says.
func (c *Config) looker() page.Looker {
	here, root, program, elsewhere := c.hereName(), c.Client, c.Program, c.Look
	return func(ctx context.Context, name string, q fleet.Question) (fleet.Sight, error) {
		switch {
		case name != here && elsewhere == nil:
			return fleet.Sight{}, errors.New("no way to look at " + name)
		case name != here:
			return elsewhere(ctx, name, q)
		case program != nil:
			_, err := program.Look(ctx)
			return fleet.Sight{Program: true}, err
		}
		return fleet.Look(ctx, root, q)
	}
}

// contextPen is what a context's name is written with: its colour as the
// background, under black or white, whichever can be read on it.
func contextPen(t *page.Theme, colour string) text.Pen {
	words := map[string]string{
		"red": "#d7373f", "orange": "#e8830c", "yellow": "#e5c100", "green": "#2d9d5a",
		"cyan": "#1aa6b7", "blue": "#2f6fde", "purple": "#9256d9",
	}
	if hex, ok := words[colour]; ok {
		colour = hex
	}
	if t.Look == page.LookMono || colour == "" {
		return t.Title
	}
	back := lipgloss.Color(colour)
	r, g, b, _ := back.RGBA()
	var ink color.Color = lipgloss.Color("#ffffff")
	if 299*r+587*g+114*b > 1000*0x8800 { // how bright the eye sees it
		ink = lipgloss.Color("#10151c")
	}
	return text.NewPen(lipgloss.NewStyle().Foreground(ink).Background(back).Bold(true))
}

// begin has all that is of one server begin anew, on the server that the
// configuration names.
func (a *app) begin() {
	cfg := a.cfg
	a.reach.root, a.reach.client, a.reach.program = cfg.Client, cfg.Client, cfg.Program
	a.reach.wire()
	a.leads = leads{url: cfg.OpenURL, browse: cfg.Browse, plugins: cfg.Plugins, writeToken: cfg.WriteToken}
	a.pages = a.all
	if cfg.Program != nil {
		a.pages, a.page = a.all.ofProgram(), page.Profile
	}
	a.offer, a.panes = newOffer(&cfg, a.pages), map[page.Name]page.Pane{}
	for _, s := range a.pages {
		a.panes[s.Name] = s.New(page.Setup{ProfileDir: cfg.ProfileDir, Servers: cfg.servers(), Look: cfg.looker(), Reducers: cfg.Reducers})
	}
	a.triggers, a.link = newTriggers(cfg), link{every: lookEvery}
	if cfg.Program != nil {
		a.link.every = programEvery
	}
	a.past, a.trail = pastQuestion{}, nil
	a.env = page.Env{
		Namespace: cfg.Client.Namespace(), URL: publicURL(cfg), ReadOnly: cfg.ReadOnly, Remote: cfg.remote,
		Absolute: a.env.Absolute, NoLoad: cfg.Load == nil || cfg.ReadOnly, DataDir: cfg.DataDir, Waits: a.reach.waits, Frame: a.clock.frame(),
		Now: a.env.Now, Live: page.Live{Connected: true}, Past: &page.Past{}, Links: cfg.Links,
	}
	if cfg.Links.IsZero() {
		a.env.Links = causes.BuiltIn()
	}
	if cfg.Program != nil {
		a.env.Live.Program = &page.Program{Goroutines: -1, Heap: -1}
	}
	if cfg.Namespace != "" && cfg.Namespace != a.env.Namespace {
		a.reach.client, a.env.Namespace = cfg.Client.In(cfg.Namespace), cfg.Namespace
	}
	a.display.measure(&a.env)
	a.display.style(&a.cfg, &a.env)
	a.screen.touch()
}
