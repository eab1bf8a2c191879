package page

import (
	"fmt"
	"time"
)

// Turn is one call of a pane's Update: what it may read, and what it asks the
// shell to do once Update returns. It must not be kept.
type Turn struct {
	Env
	effects Wishes
}

// Wishes are a turn's wishes, in the order in which the shell grants them.
type Wishes struct {
	Asks   []Ask
	Toasts []Toast
	Copied *clip
	Prompt *Prompt
	GoTo   *Location
	Left   []any
	Return any
	Edit   *Edit
	At     *time.Time
	Redraw bool
	Same   bool
}

// Ask is a call that a turn asked for, with the generation of its answer.
type Ask struct {
	Gen       uint64
	Call      Call
	Elsewhere bool
}

// Toast is a line to be shown for some seconds.
type Toast struct {
	Level Level
	Text  string
}

type clip struct{ What, Text string }

// Wishes are what the turn asked for so far; the shell grants them.
func (t *Turn) Wishes() *Wishes { return &t.effects }

// Ask runs call off the event loop; what it returns comes back as a [Reply]
// that carries gen.
func (t *Turn) Ask(gen uint64, call Call) {
	t.effects.Asks = append(t.effects.Asks, Ask{Gen: gen, Call: call})
}

// AskElsewhere is Ask for a call that asks no question of the server: it goes on
// when the server is lost.
func (t *Turn) AskElsewhere(gen uint64, call Call) {
	t.effects.Asks = append(t.effects.Asks, Ask{Gen: gen, Call: call, Elsewhere: true})
}

// Toast shows a line for some seconds and keeps it on the Log page. An error
// says what failed and what to do.
func (t *Turn) Toast(level Level, format string, args ...any) {
	t.effects.Toasts = append(t.effects.Toasts, Toast{Level: level, Text: fmt.Sprintf(format, args...)})
}

// Copy puts text into the clipboard; what names it in the toast ("id").
func (t *Turn) Copy(what, text string) {
	t.effects.Copied = &clip{What: what, Text: text}
}

// Prompt opens a line in the footer; the keys go there until it closes.
func (t *Turn) Prompt(p Prompt) { t.effects.Prompt = &p }

// Go leaves for another place. The pane there gets a [LocationMsg].
func (t *Turn) Go(l Location) { t.effects.GoTo = &l }

// Redraw asks for a View after a FrameMsg that changed what is seen; after
// any other message a View comes by itself.
func (t *Turn) Redraw() { t.effects.Redraw = true }

// Same says that the message changed nothing that is seen, so that nothing is
// drawn again: an idle screen costs nothing.
func (t *Turn) Same() { t.effects.Same = true }
