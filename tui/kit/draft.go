package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// draftStep is the part of an event that is typed.
type draftStep int

const (
	draftStream draftStep = iota
	draftType
	draftData
	draftMetadata
	draftVersion
	draftConfirm
	draftSteps
)

// draftPrompt begins the names of a draft's prompts.
const draftPrompt = "draft-"

// typedBytes is how much JSON is offered to be changed in the prompt. More is
// appended as it is, and changed in the editor.
const typedBytes = 64 << 10

// Draft is an event while it is written: its parts are typed one after the
// other, checked as they are typed, and appended once "y" confirms it. The zero
// Draft is closed.
type Draft struct {
	on      bool
	step    draftStep
	parts   [draftConfirm]string
	fault   string // what is wrong with the line so far
	version int64  // of the stream, when known
	known   bool
	gen     uint64 // of the questions; 0: none
	sending bool
	left    bool // while it was sent: what comes of it is told, and nothing more

	// What was sent last, and with which id: sent again unchanged, it is the same
	// message, and stored once though the first answer was lost.
	sent [draftVersion]string
	id   store.ID
}

// draftVersionMsg answers where the stream ends.
type draftVersionMsg struct {
	stream  string
	version int64
}

// Begin opens a draft for the stream, with the type, data and metadata of a
// message where one is given, which is shared and not changed.
func (d *Draft) Begin(t *page.Turn, stream string, m *store.Message) {
	if t.ReadOnly {
		t.Toast(page.LevelWarn, "read-only: append is disabled")
		return
	}
	*d = Draft{on: true}
	d.parts[draftStream] = stream
	if m != nil {
		d.parts[draftStream], d.parts[draftType] = m.Stream, m.Type
		d.parts[draftData], d.parts[draftMetadata] = compacted(m.Data), compacted(m.Metadata)
	}
	if d.parts[draftData] == "" {
		d.parts[draftData] = "{}"
	}
	d.ask(t)
}

// compacted is a document on one line, as far as it is one.
func compacted(raw []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// On reports whether a draft is open.
func (d *Draft) On() bool { return d.on && !d.left }

// Resume asks again for what is to be typed next: another prompt took the place of the
// draft's own. A draft that is closed, or sent, asks for nothing.
func (d *Draft) Resume(t *page.Turn) {
	if d.on && !d.sending {
		d.ask(t)
	}
}

// Leave closes a draft, since the page goes. Of one that is being sent it is told what
// became of it.
func (d *Draft) Leave() {
	if d.sending {
		d.left = true
		return
	}
	*d = Draft{}
}

// ask opens the prompt of the present step.
func (d *Draft) ask(t *page.Turn) {
	hints := [...]string{
		"account-123", "Deposited", `{"amount":10}`, "a JSON object; empty: none",
		"position that the stream must end at, -1: it must not exist; empty: any",
	}
	prompt := page.Prompt{ID: draftPrompt + draftLabels()[d.step], Label: draftLabels()[d.step], Live: true}
	if d.step == draftConfirm {
		prompt.Label = d.question()
		prompt.Hint, prompt.Live, prompt.One = "y appends it, any other key goes back", false, true
	} else {
		prompt.Text, prompt.Hint = d.parts[d.step], hints[d.step]
	}
	d.fault = ""
	t.Prompt(prompt)
}

func draftLabels() [draftSteps]string {
	return [...]string{"stream", "type", "data", "metadata", "expected version", "append"}
}

// question says what is about to be done.
func (d *Draft) question() string {
	where := "whatever its version"
	if v := d.parts[draftVersion]; v == "-1" {
		where = "as its first event"
	} else if v != "" {
		where = "after position " + v
	}
	return "append " + text.Name(d.parts[draftType]) + " to " + text.Name(d.parts[draftStream]) + " " + where + "?"
}

// Prompted takes what was typed, and reports whether the prompt was the draft's.
// gen is what the reply to a question will carry.
func (d *Draft) Prompted(t *page.Turn, msg page.PromptMsg, gen uint64) bool {
	if !d.on || !strings.HasPrefix(msg.ID, draftPrompt) {
		return false
	}
	switch {
	case d.step == draftConfirm:
		d.confirmed(t, msg, gen)
	case msg.State == page.PromptCancelled && d.step == draftStream:
		*d = Draft{}
		t.Toast(page.LevelInfo, "append cancelled, nothing was written")
	case msg.State == page.PromptCancelled:
		d.step = d.before()
		d.ask(t)
	default:
		d.typed(t, msg, gen)
	}
	return true
}

// before is the step before, past those that are too long to be typed.
func (d *Draft) before() draftStep {
	step := d.step - 1
	for step > draftStream && len(d.parts[step]) > typedBytes {
		step--
	}
	return step
}

func (d *Draft) typed(t *page.Turn, msg page.PromptMsg, gen uint64) {
	line := strings.TrimSpace(msg.Text)
	err := d.check(line)
	if err == nil {
		d.fault, d.parts[d.step] = "", line
	} else {
		d.fault = err.Error()
	}
	switch {
	case msg.State != page.PromptDone:
	case err != nil:
		t.Toast(page.LevelWarn, "%v", err)
		fault := d.fault
		t.Prompt(page.Prompt{ID: msg.ID, Label: draftLabels()[d.step], Text: msg.Text, Live: true})
		d.fault = fault
	default:
		if d.step == draftStream {
			d.askVersion(t, gen)
		}
		d.step++
		for d.step < draftConfirm && len(d.parts[d.step]) > typedBytes {
			d.step++
		}
		d.ask(t)
	}
}

// check says what is wrong with the line of the present step.
func (d *Draft) check(line string) error {
	switch d.step {
	case draftStream:
		return store.CheckStreamName(line)
	case draftType:
		if line == "" {
			return errors.New("an event needs a type, such as Deposited")
		}
	case draftMetadata:
		if line == "" {
			return nil
		}
		return checkObject("metadata", line)
	case draftData:
		return checkObject("data", line)
	case draftVersion:
		if n, err := strconv.ParseInt(line, 10, 64); line != "" && (err != nil || n < client.NoStream) {
			return fmt.Errorf("expected version: needs a position, -1 or nothing, got %q", line)
		}
	}
	return nil
}

// checkObject says where text goes wrong as a JSON object.
func checkObject(what, line string) error {
	var object map[string]json.RawMessage
	err := json.Unmarshal([]byte(line), &object)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s: no JSON at character %d: %w", what, syntax.Offset, err)
	case err != nil || object == nil:
		return fmt.Errorf("%s: must be a JSON object, such as {\"amount\":10}", what)
	}
	return nil
}

// JSONFault says where a text goes wrong as JSON; nil where it is JSON.
func JSONFault(raw []byte) error {
	var v any
	err := json.Unmarshal(raw, &v)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("at character %d: %w", syntax.Offset, err)
	}
	return err
}

// askVersion asks where the stream ends, to offer it as the expected version.
func (d *Draft) askVersion(t *page.Turn, gen uint64) {
	stream := d.parts[draftStream]
	d.gen = gen
	t.Ask(gen, func(ctx context.Context, c *client.Client) (any, error) {
		version, err := c.Version(ctx, stream)
		return draftVersionMsg{stream, version}, err
	})
}

// confirmed appends the event, if the answer is yes.
func (d *Draft) confirmed(t *page.Turn, msg page.PromptMsg, gen uint64) {
	if msg.State != page.PromptDone || msg.Text != "y" {
		d.step = draftVersion
		d.ask(t)
		return
	}
	w := d.write()
	d.gen, d.sending = gen, true
	t.Ask(gen, func(ctx context.Context, c *client.Client) (any, error) { return c.Append(ctx, w) })
}

// write is the append that was typed.
func (d *Draft) write() client.Write {
	if typed := [draftVersion]string(d.parts[:]); d.sent != typed {
		d.sent, d.id = typed, client.NewID()
	}
	w := client.Write{Stream: d.parts[draftStream]}
	if v := d.parts[draftVersion]; v != "" {
		n, _ := strconv.ParseInt(v, 10, 64) // check had a look
		w.Expect = client.AtVersion(n)
	}
	e := client.Event{ID: d.id, Type: d.parts[draftType], Data: []byte(d.parts[draftData])}
	if meta := d.parts[draftMetadata]; meta != "" && meta != "null" {
		e.Metadata = []byte(meta)
	}
	w.Events = []client.Event{e}
	return w
}

// Replied takes an answer, and reports whether it was the draft's. An event
// that was appended is gone to.
func (d *Draft) Replied(t *page.Turn, msg page.Reply) bool {
	if !d.on || d.gen == 0 || msg.Gen != d.gen {
		return false
	}
	d.gen = 0
	switch v := msg.Value.(type) {
	case draftVersionMsg:
		if msg.Err == nil && v.stream == d.parts[draftStream] {
			d.version, d.known = v.version, true
			if d.parts[draftVersion] == "" && d.step < draftVersion {
				d.parts[draftVersion] = strconv.FormatInt(v.version, 10)
			}
		}
	case store.Appended:
		d.appended(t, v, msg.Err)
	}
	return true
}

func (d *Draft) appended(t *page.Turn, at store.Appended, err error) {
	d.sending = false
	if err != nil {
		t.Toast(page.LevelError, "append to %s: %v", d.parts[draftStream], err)
		if d.left {
			*d = Draft{}
			return
		}
		d.parts[draftVersion] = ""
		d.step = draftVersion
		d.ask(t)
		return
	}
	stream, kind, left := d.parts[draftStream], d.parts[draftType], d.left
	*d = Draft{}
	t.Toast(page.LevelInfo, "appended %s to %s at position %s, global %s", kind, stream, text.Count(at.FirstPosition), text.Count(at.FirstGlobalPosition))
	if !left {
		t.Go(page.Location{Page: page.Streams, Stream: stream, Position: at.FirstPosition, HasPosition: true})
	}
}

// Over draws the draft over the last of a page's lines of w cells.
func (d *Draft) Over(t page.Theme, lines []string, w int) []string {
	if !d.On() {
		return lines
	}
	own := make([]string, 0, len(d.parts)+1)
	for i, part := range d.parts {
		sign := "  "
		if draftStep(i) == d.step {
			sign = t.Sym.Pointer + " "
		}
		switch {
		case len(part) > typedBytes:
			part = text.Bytes(float64(len(part))) + ", as it is: e on a message changes it in the editor"
		case part == "" && draftStep(i) == draftVersion && d.known:
			part = "any; the stream ends at " + strconv.FormatInt(d.version, 10)
		}
		own = append(own, t.Passive.Paint(text.Fit(" "+sign+text.Fit(draftLabels()[i], 18)+text.Name(part[:min(len(part), DataBytes)]), w)))
	}
	if d.fault != "" {
		own = append(own, t.Warn.Paint(text.Fit(" "+t.Sym.Cross+" "+text.Sanitize(d.fault), w)))
	}
	head := text.Fit(" a new event: enter goes on, esc goes back", w)
	if d.sending {
		head = text.Fit(" appending"+t.Sym.Ellipsis, w)
	}
	own = append([]string{t.Title.Paint(head)}, own...)
	own = own[max(0, len(own)-len(lines)):]
	copy(lines[len(lines)-len(own):], own)
	return lines
}
