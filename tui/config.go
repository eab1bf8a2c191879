package tui

import (
	"context"
	"time"

	"github.com/evtui/evtui/internal/follow"
	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/tui/page"
)

// Config is what Run needs. Only Client is required.
type Config struct {
	Connection // to begin with

	Namespace string // to begin with; "": the one that the client acts on
	Version   string // of evtui

	Contexts []Context // that ":ctx" can go to; nil: it says that there are none
	// Connect opens the context of that name. It is called from commands. The
	// clients stay the caller's, which closes them after Run.
	Connect func(ctx context.Context, name string) (Connection, error)
	// Look looks at the context of that name without going there. It is called
	// from commands, several at a time. nil: only the server that the UI is on is
	// looked at.
	Look page.Looker

	State StateKeeper // where it is kept how the UI was left; nil: nowhere

	// OpenURL makes the URL that O opens, with Browse; the zero template says that
	// none is configured.
	OpenURL follow.Template
	Browse  func(address string) error // called from commands; nil: nothing can show a URL
	Plugins []follow.Plugin            // commands of the user's own
	Links   causes.Links               // which metadata links messages; zero: what is built in

	// Reducers make the states of streams. Zero, and with RunRemote: their data is
	// merged.
	Reducers page.Reducers

	NoMouse bool
	Keys    page.Keymap      // rebound keys; zero: the catalogue's
	Theme   string           // "dark", "light", or "" to ask the terminal
	Light   bool             // the terminal is said to have a light background; what it answers itself counts more
	ASCII   bool             // plain symbols and borders
	Escape  bool             // outside UTF-8: plain symbols, and nothing beyond ASCII reaches the terminal
	Blocks  bool             // charts of block elements, for fonts without braille
	Plain   bool             // for screen readers: lines told one after the other, nothing drawn
	Frame   time.Duration    // between two frames; 0: 200 ms, over SSH 250 ms
	Page    page.Name        // to begin with; "": where the UI was left, else Overview
	Now     func() time.Time // the clock; nil: the real one

	// OwnCPU returns the processor time that this process has used, where it does
	// nothing but show. nil: it serves as well, and what of it is the UI's nobody
	// knows.
	OwnCPU func() time.Duration

	pages  tabs // nil: all
	remote bool // the user sits at another machine, as with RunRemote
}

// Load is the built-in load test, as the palette's :load uses it. Its methods
// are called from commands, never from the event loop, except Report.
type Load interface {
	// Start begins with that many workers and returns at once. It fails when
	// a load runs already.
	Start(workers int) error
	// Stop ends the load and waits for its workers; without one it does nothing.
	Stop()
	// Report tells where the load stands. It returns at once.
	Report() page.LoadReport
}
