package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// app is the root model. It routes: each message goes to one pane or to one
// part of the shell, and no pane is known by more than its contract.
type app struct {
	cfg    Config
	ctx    context.Context // ends with the program; what commands run under
	root   *client.Client
	client *client.Client // acts on env.Namespace
	epoch  uint64         // rises with the namespace and each reconnect; older replies are void
	server uint64         // rises with each change of the server; what the one before answers is void
	now    func() time.Time
	after  func(time.Duration, func(time.Time) tea.Msg) tea.Cmd // tea.Tick
	waits  bool                                                 // as of Env

	pages tabs
	panes map[page.Name]page.Pane
	page  page.Name
	last  page.Name
	env   page.Env
	look  page.Look
	dark  bool
	// clashes: the theme that the user chose is not for the terminal's own
	// background, as far as it told; the screen then brings its own.
	clashes bool
	width   int
	height  int

	costs    costs
	sought   time.Time // the time cursor that Streams was sent to
	frames   int
	still    time.Time // since when nothing has moved and no key was pressed
	pace     int       // index into paces
	link     link
	past     pastQuestion
	toast    *toast
	triggers triggers
	keys     page.KeyReader
	pointer  pointer
	prompt   *promptLine
	palette  palette
	help     *help
	quit     quit
	home     string  // data directory of the server inside, wherever the UI looks now; "": none
	opening  tea.Cmd // what going back to how the UI was left asked for; nil: nothing

	screen screen
}

// frameMsg is the one clock's tick. A tick of an older pace is dropped.
type frameMsg struct{ pace int }

// replyMsg brings an Ask's answer back to the pane that asked.
type replyMsg struct {
	page  page.Name
	epoch uint64
	reply page.Reply
}

// paces are the refresh rates that < and > walk through.
func paces() []time.Duration {
	return []time.Duration{
		2 * time.Second, time.Second, 500 * time.Millisecond, 250 * time.Millisecond,
		200 * time.Millisecond, 100 * time.Millisecond,
	}
}

func newApp(ctx context.Context, cfg Config) *app {
	a := &app{
		cfg: cfg, ctx: ctx, home: cfg.DataDir, now: time.Now, after: tea.Tick, waits: true, pages: cfg.pages,
		page: cfg.Page, dark: cfg.Theme != "light", pace: 4, palette: newPalette(),
	}
	if a.pages == nil {
		a.pages = registry()
	}
	if a.page == "" {
		a.page = a.pages[0].Name
	}
	for i, p := range paces() {
		if cfg.Frame > 0 && p >= cfg.Frame {
			a.pace = i
		}
	}
	a.begin()
	return a
}

// publicURL is where programs reach the server; "" when no network does.
func publicURL(cfg Config) string {
	switch {
	case cfg.Address == "":
		return cfg.Client.URL()
	case strings.Contains(cfg.Address, "://"):
		return cfg.Address
	case strings.Contains(cfg.Address, ":"):
		return "http://" + cfg.Address
	}
	return ""
}

// Init implements tea.Model.
func (a *app) Init() tea.Cmd {
	return tea.Batch(a.tick(), a.askLink(), a.opening, a.deliver(a.page, page.ShowMsg{}), tea.RequestBackgroundColor)
}

// Update implements tea.Model. It only routes.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.env.Now = a.now()
	defer func(start time.Time) { a.costs.spend(start, a.now()) }(a.env.Now)
	switch msg := msg.(type) {
	case frameMsg:
		return a, a.frame(msg)
	case replyMsg:
		return a, a.replied(msg)
	case linkMsg:
		return a, a.linked(msg)
	case historyMsg:
		return a, a.remembered(msg)
	case paletteMsg:
		a.palette.learn(msg, a.epoch)
		a.screen.touch()
	case namespaceMsg:
		return a, a.entered(msg)
	case loadMsg:
		return a, a.loadDone(msg)
	case contextMsg:
		return a, a.switched(msg)
	case recordMsg:
		return a, a.recorded(msg)
	case triggeredMsg:
		return a, a.triggered(msg)
	case baselineMsg:
		return a, a.based(msg)
	case tea.KeyPressMsg:
		a.still = a.env.Now
		return a, a.key(msg)
	case tea.PasteMsg:
		if a.prompt == nil {
			return a, nil // pasted text never acts as keys
		}
		return a, a.toPrompt(msg)
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		return a, a.mouse(msg.(tea.MouseMsg))
	case tea.WindowSizeMsg, tea.BackgroundColorMsg, tea.ColorProfileMsg, tea.ResumeMsg:
		a.terminal(msg)
	}
	return a, nil
}

// terminal takes what the terminal tells of itself.
func (a *app) terminal(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		if a.cfg.Theme == "" {
			a.dark = msg.IsDark()
		}
		a.clashes = a.dark != msg.IsDark()
		a.restyle()
	case tea.ColorProfileMsg:
		a.look = page.LookOf(msg.Profile)
		a.restyle()
	}
	a.measure()
	a.screen.touch()
}

// restyle makes the theme anew. Panes find it in their next Env.
func (a *app) restyle() {
	a.env.Theme = page.NewTheme(a.dark, a.look, a.cfg.ASCII)
	a.screen.touch()
}

// measure works out what a pane is given of the screen.
func (a *app) measure() {
	a.env.Layout = page.LayoutFor(a.width, a.height)
	a.env.Width = max(1, a.width-2)
	a.env.Height = max(1, a.height-chromeHeight)
	a.env.Frame = paces()[a.pace]
}

// How the clock slows down when nothing has moved for some time.
const (
	restAfter = 5 * time.Second
	restFrame = 500 * time.Millisecond
)

func (a *app) tick() tea.Cmd {
	pace := a.pace
	frame := paces()[pace]
	if a.env.Now.Sub(a.still) > restAfter {
		frame = max(frame, restFrame)
	}
	return a.after(frame, func(time.Time) tea.Msg { return frameMsg{pace} })
}

// frame is the pulse: it asks for the figures once a second, lets the toast
// go, and tells the pane on the screen, if the server is there to be asked.
func (a *app) frame(msg frameMsg) tea.Cmd {
	if msg.pace != a.pace {
		return nil
	}
	a.frames++
	if a.screen.moved {
		a.still, a.screen.moved = a.env.Now, false
	}
	if a.toast != nil && a.env.Now.After(a.toast.until) {
		a.toast = nil
		a.screen.touchFooter()
	}
	cmds := []tea.Cmd{a.tick(), a.beat()}
	if a.env.Live.Connected && a.env.Layout != page.LayoutTiny {
		cmds = append(cmds, a.deliver(a.page, page.FrameMsg{N: a.frames}))
	}
	return tea.Batch(cmds...)
}

// replied hands an answer to its pane, and watches for a server that is gone.
func (a *app) replied(msg replyMsg) tea.Cmd {
	if msg.epoch != a.epoch {
		return nil
	}
	var cmd tea.Cmd
	if client.Unreachable(msg.reply.Err) {
		cmd = a.lost(msg.reply.Err)
	}
	return tea.Batch(cmd, a.deliver(msg.page, msg.reply))
}

// deliver gives a pane one message and grants its wishes.
func (a *app) deliver(name page.Name, msg any) tea.Cmd {
	t := &page.Turn{Env: a.env}
	a.panes[name].Update(t, msg)
	_, isFrame := msg.(page.FrameMsg)
	if name == a.page && (t.Wishes().Redraw || !isFrame && !t.Wishes().Same) {
		a.screen.touchBody()
	}
	return a.grant(name, t.Wishes())
}
