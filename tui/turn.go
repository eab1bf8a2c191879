package tui

import (
	"fmt"
	"time"
)

// Turn is one call of a pane's Update: what it may read, and what it asks the
// shell to do once Update returns. It must not be kept.
type Turn struct {
	Env
	effects wishes
}

// wishes are a turn's wishes, in the order in which the shell grants them.
type wishes struct {
	asks   []ask
	toasts []toast
	copied *clip
	prompt *Prompt
	goTo   *Location
	at     *time.Time
	redraw bool
	same   bool
}

type ask struct {
	gen  uint64
	call Call
}

type clip struct{ what, text string }

// wishes are what the turn asked for so far; the shell grants them.
func (t *Turn) wishes() *wishes { return &t.effects }

// Ask runs call off the event loop; what it returns comes back as a [Reply]
// that carries gen.
func (t *Turn) Ask(gen uint64, call Call) {
	t.effects.asks = append(t.effects.asks, ask{gen: gen, call: call})
}

// Toast shows a line for some seconds and keeps it on the Log page. An error
// says what failed and what to do.
func (t *Turn) Toast(level Level, format string, args ...any) {
	t.effects.toasts = append(t.effects.toasts, toast{level: level, text: fmt.Sprintf(format, args...)})
}

// Copy puts text into the clipboard; what names it in the toast ("id").
func (t *Turn) Copy(what, text string) {
	t.effects.copied = &clip{what: what, text: text}
}

// Prompt opens a line in the footer; the keys go there until it closes.
func (t *Turn) Prompt(p Prompt) { t.effects.prompt = &p }

// Go leaves for another place. The pane there gets a [LocationMsg].
func (t *Turn) Go(l Location) { t.effects.goTo = &l }

// Redraw asks for a View after a FrameMsg that changed what is seen; after
// any other message a View comes by itself.
func (t *Turn) Redraw() { t.effects.redraw = true }

// Same says that the message changed nothing that is seen, so that nothing is
// drawn again: an idle screen costs nothing.
func (t *Turn) Same() { t.effects.same = true }
