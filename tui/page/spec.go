package page

import (
	"context"

	"github.com/evtui/evtui/internal/fleet"
	"github.com/evtui/evtui/internal/story/state"
)

// Spec is a page as the shell knows it: what its folder hands over. The shell
// lists the pages once, in the order of their tabs; the first nine are opened
// by their digits.
type Spec struct {
	Name     Name
	Action   Action           // what opens it, as the help and the configuration call it
	New      func(Setup) Pane // makes the page; again for each server that the UI goes to
	Commands []Command        // of the palette
	Live     bool             // its figures change each second, in step with the header's
	Follows  bool             // what is new comes by itself: it is told as it comes where nothing is drawn
	Said     bool             // it gets a [SaidMsg] for each toast
	Apart    bool             // it shows more than the one server, and goes on while that is gone
}

// Setup is what a page may need to be made.
type Setup struct {
	ProfileDir string   // where captures are kept; "": nowhere
	Servers    []Server // that the user can go to, and the one that the UI is on
	Look       Looker   // looks at one of Servers; nil only in tests of pages that do not
	Reducers   Reducers // make the states of streams; zero: their data is merged, and nothing else
}

// Reducers are what may make states of messages, beside merging them. They do I/O:
// pages call them in what they [Turn.Ask] for.
type Reducers struct {
	// Runs says that programs in jq may be run: in processes of their own, which
	// are started.
	Runs bool
	// For returns the configuration's reducer for a category; one that merges
	// where there is none. nil: there are none.
	For func(category string) (state.Definition, error)
	// File returns the reducer in a file of the user's. nil: no file may be read.
	File func(name string) (state.Definition, error)
}

// Server is a server that the user knows by a name.
type Server struct {
	Name string
	URL  string
	Here bool // the UI is on it
}

// Looker looks at a server by its name. It does I/O: pages call it in what they
// [Turn.Ask] for, with a deadline of their own. It is safe for concurrent use.
type Looker func(ctx context.Context, name string, q fleet.Question) (fleet.Sight, error)

// Subject is what a command's argument names, for its completion.
type Subject int

// The subjects.
const (
	SubjectNone Subject = iota
	SubjectNamespace
	SubjectCategory
	SubjectStream
	SubjectContext
	SubjectWord // one of the command's own words
)

// Command is a command of the palette, as data.
type Command struct {
	Name    string
	Usage   string // "flush NAMESPACE"
	Help    string // imperative, one line
	Subject Subject
	Words   []string // for SubjectWord
	Local   bool     // it needs the user's own machine, as a [Binding] may
	// Rank is where it stands among the palette's candidates, the least first.
	// Commands of one rank stand in the order of their pages.
	Rank int
	// Run does it, in a turn of the page that brings the command. If it returns
	// a message, the shell turns to that page and hands it the message.
	Run func(t *Turn, arg string) any
}

// The ranks of the palette's commands.
const (
	RankNamespace = iota
	RankStreams
	RankTail
	RankPosition
	RankTime
	RankLoad
	RankEngine
	RankPage
	RankShell
)
