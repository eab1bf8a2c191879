package tui

import (
	"cmp"
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/terminal"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// app is the root model. It routes: each message goes to one pane or to one
// part of the shell, and no pane is known by more than its contract.
type app struct {
	cfg   Config
	reach reach // whom commands ask
	now   func() time.Time
	// resumable reports whether a shell would resume the program if it
	// suspended itself.
	resumable func() bool

	all     tabs  // of an event store
	pages   tabs  // of what is looked at
	offer   offer // what can be done
	panes   map[page.Name]page.Pane
	page    page.Name
	trail   trail
	editor  editor
	leads   leads // what a message leads to
	env     page.Env
	display display

	costs    costs
	clock    clock
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

// replyMsg brings an Ask's answer back to the pane that asked.
type replyMsg struct {
	page  page.Name
	epoch uint64
	reply page.Reply
}

func newApp(ctx context.Context, cfg Config) *app {
	a := &app{
		cfg: cfg, reach: reach{life: ctx, waits: true}, home: cfg.DataDir, now: time.Now, all: cfg.pages, resumable: terminal.Resumable,
		page: cfg.Page, display: display{dark: cfg.Theme == "dark" || cfg.Theme == "" && !cfg.Light}, clock: newClock(cfg.Frame), palette: newPalette(),
		editor: editor{exec: tea.ExecProcess, drafts: map[string]bool{}},
	}
	a.costs = costs{own: cfg.OwnCPU, share: -1}
	if a.all == nil {
		a.all = registry()
	}
	if a.page == "" {
		a.page = a.all[0].Name
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
	cmds := make([]tea.Cmd, 0, len(a.offer.keys.Dropped()))
	for _, line := range a.offer.keys.Dropped() {
		cmds = append(cmds, a.note(page.LevelInfo, line))
	}
	return tea.Batch(tea.Batch(cmds...), a.clock.tick(a.env.Now), a.link.look(a.reach, &a.env), a.opening, a.deliver(a.page, page.ShowMsg{}), tea.RequestBackgroundColor)
}

// Update implements tea.Model. It only routes.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.env.Now = a.now()
	switch msg := msg.(type) {
	case frameMsg:
		return a, a.frame(msg)
	case replyMsg:
		return a, a.replied(msg)
	case linkMsg:
		return a, a.linked(msg)
	case historyMsg:
		a.screen.touch()
		return a, a.past.Update(a.reach, a.env.Past, msg)
	case paletteMsg:
		a.palette.learn(msg, a.reach.epoch)
		a.screen.touch()
	case namespaceMsg:
		return a, a.entered(msg)
	case loadMsg:
		a.beat()
		if msg.err != nil {
			return a, a.say(page.LevelError, "load: "+msg.err.Error())
		}
	case contextMsg:
		return a, a.switched(msg)
	case editedMsg:
		return a, a.edited(msg)
	case followedMsg:
		return a, a.followed(msg)
	case recordMsg:
		a.screen.touchHeader()
		return a, a.tell(msg.toast(), nil)
	case triggeredMsg, baselineMsg:
		return a, a.tell(a.triggers.Update(a.reach, a.env.Live, msg))
	case tea.KeyPressMsg:
		a.clock.still = a.env.Now
		return a, a.key(msg)
	case tea.PasteMsg:
		if a.prompt != nil { // else pasted text does nothing: it never acts as keys
			return a, a.toPrompt(msg)
		}
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		return a, a.mouse(msg.(tea.MouseMsg))
	case tea.WindowSizeMsg, tea.BackgroundColorMsg, tea.ColorProfileMsg:
		a.display.Update(&a.cfg, &a.env, msg)
		a.screen.touch()
	case tea.ResumeMsg:
		a.link.resumed(a.env.Now)
		a.screen.touch()
	}
	return a, nil
}

// frame is the pulse: it asks for the figures once a second, lets the toast
// go, and tells the pane on the screen, if the server is there to be asked.
func (a *app) frame(msg frameMsg) tea.Cmd {
	if !a.clock.Update(msg, a.screen.moved, a.env.Now) {
		return nil
	}
	a.screen.moved = false
	if a.toast != nil && a.env.Now.After(a.toast.until) {
		a.toast = nil
		a.screen.touchFooter()
	}
	cmds := []tea.Cmd{a.clock.tick(a.env.Now), a.link.look(a.reach, &a.env)}
	if a.link.watch(&a.env, a.clock.planned) {
		a.screen.touch()
	}
	a.beat()
	if (a.env.Live.Connected || a.pages.apart(a.page)) && a.env.Layout != page.LayoutTiny {
		cmds = append(cmds, a.deliver(a.page, page.FrameMsg{N: a.clock.frames}))
	}
	return tea.Batch(cmds...)
}

// beat is the header's share of a frame.
func (a *app) beat() {
	seen := readLoad(a.cfg.Load, &a.env.Live)
	second := a.clock.second(a.env.Now)
	if second {
		a.costs.settle(a.env.Now, a.env.Live.Load.Running)
	}
	if seen || second {
		a.screen.touchHeader()
	}
}

// replied hands an answer to its pane, and watches for a server that is gone.
func (a *app) replied(msg replyMsg) tea.Cmd {
	if msg.epoch != a.reach.epoch {
		return nil
	}
	var cmd tea.Cmd
	if client.Unreachable(msg.reply.Err) && a.env.Live.Connected {
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

// grant does what a pane wished for in its turn.
func (a *app) grant(name page.Name, e *page.Wishes) tea.Cmd {
	var cmds []tea.Cmd
	for _, k := range e.Asks {
		cmds = append(cmds, a.reach.run(name, k))
	}
	for _, t := range e.Toasts {
		cmds = append(cmds, a.say(t.Level, t.Text))
	}
	if e.Copied != nil {
		cmds = append(cmds, tea.SetClipboard(e.Copied.Text), a.say(page.LevelInfo, "copied "+e.Copied.What))
	}
	if e.Prompt != nil && name == a.page {
		a.openPrompt(name, *e.Prompt)
	}
	if e.Edit != nil {
		cmds = append(cmds, a.tell(a.editor.open(name, *e.Edit, a.cfg.ReadOnly)))
	}
	if e.At != nil {
		cmds = append(cmds, a.setAt(*e.At))
	}
	for _, s := range e.Left {
		a.trail.remember(spot{page: name, namespace: a.env.Namespace, at: s})
	}
	if e.Return != nil {
		a.trail.backTo(e.Return)
		cmds = append(cmds, a.deliver(name, page.ReturnMsg{Spot: e.Return}))
	}
	if e.GoTo != nil {
		cmds = append(cmds, a.goTo(*e.GoTo))
	}
	return tea.Batch(cmds...)
}

// say shows a toast and writes it to the Log page.
func (a *app) say(level page.Level, line string) tea.Cmd {
	line = text.Sanitize(line)
	a.toast = &toast{level: level, text: line, until: a.env.Now.Add(stays(level))}
	a.screen.touchFooter()
	return a.note(level, line)
}

// tell says what a part of the shell has to say, if anything, and does what else
// came of it.
func (a *app) tell(t page.Toast, cmd tea.Cmd) tea.Cmd {
	if t.Text == "" {
		return cmd
	}
	return tea.Batch(a.say(t.Level, t.Text), cmd)
}

// note writes a line to the Log page alone.
func (a *app) note(level page.Level, line string) tea.Cmd {
	said := page.SaidMsg{Line: wire.LogLine{Time: a.env.Now, Level: level.String(), Text: line}}
	var cmds []tea.Cmd
	for _, s := range a.pages {
		if s.Said {
			cmds = append(cmds, a.deliver(s.Name, said))
		}
	}
	return tea.Batch(cmds...)
}

// show turns to a page; the place before is kept to come back to.
func (a *app) show(name page.Name) tea.Cmd {
	if name == a.page {
		return nil
	}
	a.trail.remember(a.here())
	return a.arrive(name, nil)
}

// goTo leaves for a location, in another namespace or on another server if it
// names one.
func (a *app) goTo(l page.Location) tea.Cmd {
	if l.Context != "" {
		return runContext(a, l.Context)
	}
	if l.Namespace != "" && l.Namespace != a.env.Namespace {
		return a.reach.enter(l, nil)
	}
	a.trail.remember(a.here())
	return a.arrive(arrivalAt(l))
}

// arrivalAt is the page of a location, and what it is told.
func arrivalAt(l page.Location) (name page.Name, msg any) {
	return cmp.Or(l.Page, page.Streams), page.LocationMsg{Location: l}
}

// arrive turns to a page and tells it where to be; nil: nothing.
func (a *app) arrive(name page.Name, msg any) tea.Cmd {
	var cmds []tea.Cmd
	if name != a.page {
		cmds = append(cmds, a.deliver(a.page, page.HideMsg{}))
		a.page, a.help, a.prompt = name, nil, nil
		a.screen.touch()
		cmds = append(cmds, a.deliver(name, page.ShowMsg{}))
	}
	if msg != nil {
		cmds = append(cmds, a.deliver(name, msg))
	}
	return tea.Batch(cmds...)
}
