package pagetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/page"
)

// Stage is one page on a real server over a model of a store: keys, prompts,
// commands of the palette and frames reach it as from the shell, calls run at
// once, in order, and the clock moves when told.
type Stage struct {
	testing.TB
	*Pane
	Store   store.Store
	Client  *client.Client
	Program *client.Client // as a program has it: the server observes it
	Hold    bool           // answers are kept back until Release

	spec   page.Spec
	keys   page.KeyReader
	held   []page.Reply
	toasts []string
	prompt *page.Prompt
	line   string
	frame  int
	hidden bool
	seeds  int64
}

// NewStage shows the page in a terminal of w×h cells, on a store that holds
// messages.
func NewStage(t testing.TB, w, h int, spec page.Spec, setup page.Setup, messages []store.ImportMessage) *Stage {
	t.Helper()
	s := &Stage{TB: t, Pane: New(spec.New(setup), page.LookFull), Store: storetest.NewModel(), spec: spec}
	s.Client, s.Program = serve(t, s.Store)
	if err := s.Store.(store.Importer).Import(t.Context(), store.DefaultNamespace, messages); err != nil {
		t.Fatal(err)
	}
	s.Env.Now, s.Env.Frame, s.Env.URL = Noon, 200*time.Millisecond, "http://127.0.0.1:8080"
	s.Resize(w, h)
	s.Send(page.ShowMsg{})
	return s
}

// Resize gives the terminal another size.
func (s *Stage) Resize(w, h int) {
	s.Env.Layout, s.Env.Width, s.Env.Height = page.LayoutFor(w, h), max(w-2, 1), max(h-5, 1)
}

// Hide takes the page off the screen: no frame reaches it until Show.
func (s *Stage) Hide() {
	s.Helper()
	if !s.hidden {
		s.hidden = true
		s.Send(page.HideMsg{})
	}
}

// Show brings the page back.
func (s *Stage) Show() {
	s.Helper()
	if s.hidden {
		s.hidden = false
		s.Send(page.ShowMsg{})
	}
}

// Send gives the page a message and does what it asks for.
func (s *Stage) Send(msg any) {
	s.Helper()
	asks := s.Pane.Send(msg)
	w := s.Last.Wishes()
	s.Raw() // as the shell draws after each message
	s.grant(w)
	s.run(asks)
	if w.Return != nil {
		s.Send(page.ReturnMsg{Spot: w.Return})
	}
	if l := w.GoTo; l != nil && l.Page == s.spec.Name {
		s.Send(page.LocationMsg{Location: *l})
	}
}

func (s *Stage) grant(w *page.Wishes) {
	for _, toast := range w.Toasts {
		s.toasts = append(s.toasts, text.Sanitize(toast.Text))
	}
	if w.Copied != nil {
		s.toasts = append(s.toasts, "copied "+w.Copied.What)
	}
	if w.Prompt != nil {
		s.prompt, s.line = w.Prompt, w.Prompt.Text
	}
}

func (s *Stage) run(asks []page.Ask) {
	s.Helper()
	for _, ask := range asks {
		value, err := ask.Call(s.Context(), s.Client)
		reply := page.Reply{Gen: ask.Gen, Value: value, Err: err}
		if s.Hold {
			s.held = append(s.held, reply)
			continue
		}
		s.Send(reply)
	}
}

// Release delivers what was held back.
func (s *Stage) Release() {
	s.Helper()
	held := s.held
	s.Hold, s.held = false, nil
	for _, reply := range held {
		s.Send(reply)
	}
}

// Frames lets n frames pass.
func (s *Stage) Frames(n int) {
	s.Helper()
	for range n {
		s.frame++
		s.Env.Now = s.Env.Now.Add(s.Env.Frame)
		s.Env.Live.Info, s.Env.Live.HasInfo = wire.Info{Version: "0.0.1", Backend: "model", Durability: "sync"}, true
		s.Env.Live.Sample, s.Env.Live.HasSample = wire.Sample{Time: s.Env.Now, Appends: 12431, Reads: 3020, CPU: 0.41, UICPU: 0.01}, true
		if !s.hidden {
			s.Send(page.FrameMsg{N: s.frame})
		}
	}
}

// Press types keys by their names; several characters that are no name are
// typed one by one. A line after ":" is a command of the page.
func (s *Stage) Press(keys ...string) {
	s.Helper()
	named := []string{"enter", "esc", "tab", "shift+tab", "up", "down", "left", "right", "backspace", "pgdown", "pgup", "space"}
	for _, k := range keys {
		if slices.Contains(named, k) || strings.HasPrefix(k, "ctrl+") && len(k) > len("ctrl+") {
			s.stroke(k)
			continue
		}
		for _, r := range k {
			s.stroke(string(r))
		}
	}
}

func (s *Stage) stroke(k string) {
	s.Helper()
	s.toasts = nil
	if s.prompt != nil {
		s.edit(k)
		return
	}
	if k == ":" {
		s.prompt, s.line = &page.Prompt{Label: ":"}, ""
		return
	}
	if action, bound := s.keys.Read(k, s.Pane.Pane.Bindings()); bound && action != "" {
		s.Send(page.ActionMsg{Action: action})
	}
}

// edit takes a stroke into the line of the prompt.
func (s *Stage) edit(k string) {
	s.Helper()
	p, before := s.prompt, s.line
	switch k {
	case "esc":
		s.prompt = nil
		s.Send(page.PromptMsg{ID: p.ID, Text: p.Text, State: page.PromptCancelled})
		return
	case "enter":
		s.prompt = nil
		if p.Label == ":" {
			s.command(s.line)
			return
		}
		s.Send(page.PromptMsg{ID: p.ID, Text: s.line, State: page.PromptDone})
		return
	case "ctrl+u":
		s.line = ""
	case "backspace":
		s.line = s.line[:max(0, len(s.line)-1)]
	default:
		s.line += k
	}
	if p.One && s.line != "" {
		s.prompt = nil
		s.Send(page.PromptMsg{ID: p.ID, Text: s.line, State: page.PromptDone})
		return
	}
	if p.Live && s.line != before {
		s.Send(page.PromptMsg{ID: p.ID, Text: s.line, State: page.PromptChanged})
	}
}

// command runs a line of the palette.
func (s *Stage) command(line string) {
	s.Helper()
	name, arg, _ := strings.Cut(line, " ")
	i := slices.IndexFunc(s.spec.Commands, func(c page.Command) bool { return c.Name == name })
	if i < 0 {
		s.Fatalf("the page brings no command %q", name)
	}
	t := &page.Turn{Env: s.Env}
	msg := s.spec.Commands[i].Run(t, strings.TrimSpace(arg))
	s.grant(t.Wishes())
	s.run(t.Wishes().Asks)
	if l := t.Wishes().GoTo; l != nil {
		s.Send(page.LocationMsg{Location: *l})
	}
	if msg != nil {
		s.Send(msg)
	}
}

// Raw draws the page, and checks that it has exactly its cells.
func (s *Stage) Raw() string {
	s.Helper()
	w, h := s.Env.Width, s.Env.Height
	view := s.Pane.Pane.View(s.Env, w, h)
	if err := exact(view, w, h); err != nil {
		s.Fatal(err)
	}
	return view
}

// Text returns what is on the screen of the page, and around it: crumbs, chips,
// count, toasts and the prompt.
func (s *Stage) Text() string {
	s.Helper()
	view := ansi.Strip(s.Raw())
	c := s.Pane.Pane.Chrome(s.Env)
	lines := []string{"─ " + strings.Join(c.Crumbs, " › ") + " ─ " + strings.Join(c.Chips, " ─ "), view, c.Count}
	if s.prompt != nil {
		lines = append(lines, s.prompt.Label+" "+s.line+" "+s.prompt.Hint)
	}
	return strings.Join(append(lines, s.toasts...), "\n")
}

// See fails unless the screen shows all of what.
func (s *Stage) See(what ...string) {
	s.Helper()
	screen := s.Text()
	for _, w := range what {
		if !strings.Contains(screen, w) {
			s.Fatalf("the screen does not show %q:\n%s", w, screen)
		}
	}
}

// Miss fails if the screen shows any of what.
func (s *Stage) Miss(what ...string) {
	s.Helper()
	screen := s.Text()
	for _, w := range what {
		if strings.Contains(screen, w) {
			s.Fatalf("the screen shows %q:\n%s", w, screen)
		}
	}
}

// Row is the row of the page in which the text stands.
func (s *Stage) Row(what string) int {
	s.Helper()
	for i, line := range strings.Split(ansi.Strip(s.Raw()), "\n") {
		if strings.Contains(line, what) {
			return i
		}
	}
	s.Fatalf("%q is not on the screen:\n%s", what, s.Text())
	return -1
}

// Write stores n messages in a stream, at the stage's own time.
func (s *Stage) Write(stream string, n int) {
	s.Helper()
	if err := Write(s.Context(), s.Store, s.Env.Now, stream, n, &s.seeds); err != nil {
		s.Fatal(err)
	}
}
