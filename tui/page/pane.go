package page

import (
	"context"
	"encoding/json"
	"time"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Name names a page, as its tab does. A page that others lead to has its name
// here: pages know each other by no more.
type Name string

// The pages that others lead to.
const (
	Overview Name = "Overview"
	Streams  Name = "Streams"
	Tail     Name = "Tail"
	Groups   Name = "Groups"
	Engine   Name = "Engine"
	Profile  Name = "Profile"
	Log      Name = "Log"
	Servers  Name = "Servers"
)

// Pane is one page: a noun, what can be done to it, and how it looks.
//
// A pane never sees another pane and never does I/O itself. It gets these
// messages, each exactly once:
//
//   - [ShowMsg] and [HideMsg] when its page comes on or leaves the screen;
//   - [FrameMsg] some times a second while it is on the screen: the moment to
//     ask for fresh data, one question at a time;
//   - [ActionMsg] for a key that its Bindings name;
//   - [Reply] for each [Turn.Ask], also while hidden;
//   - [PromptMsg] while a prompt that it opened is typed into;
//   - [LocationMsg] when the palette or another page sends the user here;
//   - [NamespaceMsg] and [ReconnectMsg], whether shown or not: drop what was read;
//   - [AtMsg], whether shown or not, when the time cursor moved;
//   - tea.MouseClickMsg and tea.MouseWheelMsg with X and Y counted from the
//     top left of its own area.
type Pane interface {
	// Update is the only place where the pane's state changes.
	Update(t *Turn, msg any)
	// View draws the pane: exactly h lines of at most w cells, from state
	// alone. It is called after each message but FrameMsg (see [Turn.Redraw]),
	// and may be called for any size from 1×1.
	View(env Env, w, h int) string
	// Chrome tells the shell what to write around the pane.
	Chrome(env Env) Chrome
	// Bindings lists what can be done just now, the most useful first: it
	// makes the footer, the help and the palette.
	Bindings() []Binding
}

// Env is what a pane may read: values, none of them to be changed.
type Env struct {
	Namespace string // what Calls act on; never empty
	URL       string // where programs reach the server; "" when no network does
	Theme     Theme
	Layout    Layout // by the width of the whole screen
	Width     int    // cells inside the box, as the next View will be given
	Height    int
	Now       time.Time     // of this message; the frame's time in View
	At        time.Time     // where the time cursor stands; zero: live. See [AtMsg]
	Past      *Past         // the engine's past hour, as far as it is known; to be read only
	Frame     time.Duration // between two frames
	Waits     bool          // a Call may wait until something comes
	ReadOnly  bool
	Remote    bool   // the user sits at another machine: nothing of this one is theirs
	Absolute  bool   // times in lists are given in full, not as how long ago
	Zoomed    bool   // the pane with the keys fills the page; Layout is then LayoutOne at most
	NoLoad    bool   // ":load" cannot fill this store
	DataDir   string // of the store that the UI itself serves, or was started on; "": none
	Live      Live
	Links     causes.Links // which metadata links messages
}

// Fill says how something comes into an empty store; at a moment of the past, that
// it was empty then, and the way back to now.
func (e *Env) Fill() string {
	switch {
	case !e.At.IsZero():
		return "nothing here is before " + e.AsOfMessages() + "; 0 returns to now"
	case !e.NoLoad:
		return "type :load 10 to fill it"
	case e.URL != "":
		return "programs write to " + e.URL
	}
	return "programs fill it"
}

// Pending stands where nothing was read yet, of which nobody can say whether
// there is anything: that it is being read, in the word given ("reading"), or why
// it is not.
func (e *Env) Pending(doing string) string {
	if e.Live.Lost != "" {
		return "not known yet: " + e.Live.Lost
	}
	return doing + e.Theme.Sym.Ellipsis
}

// Live is what the shell knows of the engine.
type Live struct {
	Connected bool
	Lost      string // why not, in the words that the whole screen says it in; "" while Connected
	Info      wire.Info
	HasInfo   bool // false: not asked yet, or the server does not offer it
	Sample    wire.Sample
	HasSample bool
	NoFigures string // why there are no figures; "" when there are or none came yet
	Load      LoadReport
	Program   *Program // what is looked at is a Go program; nil: it is an event store
}

// WriteUnit names the rate of writing. Where others write behind the server's back, it
// is of what appeared.
func (l *Live) WriteUnit() string {
	if l.Info.Witness {
		return "new/s"
	}
	return "w/s"
}

// Program is what is known of a Go program that serves its profiles alone.
type Program struct {
	Goroutines int64 // -1: not known
	Heap       int64 // bytes of objects; -1: not known
}

// Chrome is what the shell writes around a pane.
type Chrome struct {
	Crumbs []string // where we are, outermost first; not sanitized yet
	Tabs   []string // what can be looked at here, in the order of [ and ]; fewer than two: nothing to choose
	Tab    int      // which of them is
	Chips  []string // filters and modes that hold, such as "prefix acc" or "paused"
	Count  string   // bottom right: "1–40 of 12,403"
	Rules  []int    // x of vertical rules that run the pane's whole height, to join with the box
	Bars   []int    // y of horizontal rules that run the pane's whole width
	AsOf   bool     // what is shown is of Env.At, when that is set
	From   bool     // what is shown is messages, looked up from Env.At on
}

// Chip adds a chip if what it says holds.
func (c *Chrome) Chip(holds bool, words string) {
	if holds {
		c.Chips = append(c.Chips, words)
	}
}

// ShowMsg says that the pane is on the screen now.
type ShowMsg struct{}

// HideMsg says that the pane has left the screen.
type HideMsg struct{}

// FrameMsg is a tick of the one clock. N counts the frames since the start.
type FrameMsg struct{ N int }

// NamespaceMsg says that Env.Namespace changed: what was read is void.
type NamespaceMsg struct{}

// ReconnectMsg says that the server is back after it was gone.
type ReconnectMsg struct{}

// ActionMsg is a key or a palette entry, resolved by the pane's Bindings.
type ActionMsg struct{ Action Action }

// Location is a place to go to. Zero fields are not asked for.
type Location struct {
	Context        string         // another server, by its name; nothing else of the location counts then
	Page           Name           // "": Streams
	Namespace      string         // "": the one we are in
	Namespaces     bool           // the list of namespaces (Streams)
	Category       string         // a category, "" for none named
	All            bool           // the whole namespace (Tail)
	Also           []string       // more categories beside Category (Tail)
	Group          store.Group    // only what this member of a consumer group owns (Tail)
	Message        *store.Message // all of the process that it belongs to; shared, not to be changed
	Lanes          bool           // the process of Message as lanes
	Stream         string
	Type           string // of events, in the tab types: its fields
	Tab            string // of what the rest names, by its title (Streams); "": the first
	Filter         string // of messages: those that it keeps (Streams, Tail); "": all, in Tail those that its own keeps
	Position       int64  // in Stream, when HasPosition
	HasPosition    bool
	GlobalPosition int64     // 0: none
	At             time.Time // zero: none
}

// LocationMsg sends the pane somewhere.
type LocationMsg struct{ Location }

// Prompt asks for one line in the footer.
type Prompt struct {
	ID    string // comes back in PromptMsg
	Label string // before the line, such as "filter"
	Hint  string // after it while it is empty
	Text  string // to begin with
	Live  bool   // send each change, not only the end
	One   bool   // the first character is the whole answer
	// Manual is what ? shows while the line is empty, and F1 always: Markdown,
	// named by its first head; "" for nothing.
	Manual string
}

// PromptState says where a prompt stands.
type PromptState int

// The states of a prompt.
const (
	PromptChanged   PromptState = iota // only with Prompt.Live
	PromptDone                         // enter
	PromptCancelled                    // esc; Text is what it began with
)

// PromptMsg reports a prompt's line.
type PromptMsg struct {
	ID    string
	Text  string
	State PromptState
}

// Reply answers one Turn.Ask. A pane drops it when Gen is not the one it
// waits for.
type Reply struct {
	Gen   uint64
	Value any
	Err   error // server gone is already shown by the shell; anything else is the pane's to tell
}

// Call is the I/O of one Ask. It runs on a goroutine of its own, so it takes
// values only. c acts on the namespace of the turn that asked. ctx ends with
// the program, and as soon as the shell finds the server lost: whatever waits for
// it then ends with an error for which client.Unreachable holds, and so does what
// is asked before it is back. A page needs no deadlines of its own.
type Call func(ctx context.Context, c *client.Client) (any, error)

// LoadReport is what the header shows of a load. Rates are per second.
type LoadReport struct {
	Running    bool
	Workers    int
	Elapsed    time.Duration
	Messages   int64
	WriteRate  float64
	ReadRate   float64
	Errors     int64
	FirstError string
}

// FiguresOf is what the engine did when the capture began, as JSON; nil where
// nothing is known.
func FiguresOf(live Live) (load, figures json.RawMessage) {
	if l := live.Load; l.Running {
		load, _ = json.Marshal(map[string]any{
			"workers": l.Workers, "seconds": l.Elapsed.Seconds(), "messages": l.Messages,
			"writesPerSecond": l.WriteRate, "readsPerSecond": l.ReadRate, "errors": l.Errors,
		})
	}
	if live.HasSample {
		figures, _ = json.Marshal(live.Sample)
	}
	return load, figures
}
