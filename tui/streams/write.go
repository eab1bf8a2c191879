package streams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// writing is what the user is about to write: an event to be appended, a message's
// data in the editor, a namespace to be deleted.
type writing struct {
	draft  kit.Draft
	edits  *store.Message // whose data is, or was last, in the editor
	faulty []byte         // what that became and is no JSON; nil: none
	doomed string         // the namespace whose deletion waits for its name; "": none
}

// beginMsg opens an event to be appended; it comes from the palette.
type beginMsg struct{ stream string }

// deleteMsg asks for a namespace to be deleted; it comes from the palette.
type deleteMsg struct{ namespace string }

// deletePrompt names the prompt that confirms a deletion.
const deletePrompt = "delete"

func runAppend(t *page.Turn, arg string) any {
	if t.ReadOnly {
		t.Toast(page.LevelWarn, "read-only: append is disabled")
		return nil
	}
	return beginMsg{arg}
}

func runCreate(t *page.Turn, arg string) any {
	if t.ReadOnly {
		t.Toast(page.LevelWarn, "read-only: create is disabled")
		return nil
	}
	if err := store.CheckNamespaceID(arg); err != nil {
		t.Toast(page.LevelWarn, ":create %v", err)
		return nil
	}
	t.Ask(lookups, func(ctx context.Context, c *client.Client) (any, error) {
		made, err := c.In("").CreateNamespace(ctx, arg, client.NamespaceOptions{})
		return createdReply{arg, made.Token}, err
	})
	return nil
}

// createdReply answers what became of a new namespace. Its token is told once.
type createdReply struct{ namespace, token string }

func created(t *page.Turn, r createdReply, err error) {
	switch {
	case errors.Is(err, store.ErrNamespaceExists):
		t.Toast(page.LevelWarn, ":create: there is a namespace %s already", r.namespace)
	case refused(t, "create", err):
	default:
		t.Go(page.Location{Page: page.Streams, Namespace: r.namespace})
		if r.token == "" {
			t.Toast(page.LevelInfo, "created namespace %s", r.namespace)
			return
		}
		t.Copy("the token of the new namespace "+r.namespace+"; it is given only once", r.token)
	}
}

// refused says why a command did nothing, and reports whether that is so.
func refused(t *page.Turn, command string, err error) bool {
	switch {
	case client.Unreachable(err): // the shell says it
	case client.Unauthorized(err):
		t.Toast(page.LevelError, ":%s: needs the admin token", command)
	case err != nil:
		t.Toast(page.LevelError, ":%s: %v", command, err)
	}
	return err != nil
}

func runDelete(t *page.Turn, arg string) any {
	switch err := store.CheckNamespaceID(arg); {
	case t.ReadOnly:
		t.Toast(page.LevelWarn, "read-only: delete is disabled")
	case err != nil:
		t.Toast(page.LevelWarn, ":delete %v", err)
	case arg == t.Namespace:
		t.Toast(page.LevelWarn, ":delete: you are in this namespace; :ns NAME goes to another one first")
	default:
		return deleteMsg{arg}
	}
	return nil
}

// confirmDelete asks for the name of a namespace that is to be deleted.
func (w *writing) confirmDelete(t *page.Turn, namespace string) {
	w.doomed = namespace
	t.Prompt(page.Prompt{ID: deletePrompt, Label: "delete " + namespace + " with all that it holds?", Hint: "type its name again; esc cancels"})
}

func (w *writing) deleteConfirmed(t *page.Turn, msg page.PromptMsg) {
	namespace := w.doomed
	w.doomed = ""
	if msg.State != page.PromptDone || namespace == "" || msg.Text != namespace {
		t.Toast(page.LevelInfo, "delete cancelled: the name does not match")
		return
	}
	t.Ask(lookups, func(ctx context.Context, c *client.Client) (any, error) {
		n, err := c.In("").DeleteNamespace(ctx, namespace)
		return deletedReply{namespace, n}, err
	})
}

// deletedReply answers what became of a namespace that was to be deleted.
type deletedReply struct {
	namespace string
	messages  int64
}

func deleted(t *page.Turn, r deletedReply, err error) {
	if refused(t, "delete", err) {
		return
	}
	t.Toast(page.LevelInfo, "deleted namespace %s with %s %s", r.namespace, text.Count(r.messages), text.Plural(r.messages, "message"))
	t.Go(page.Location{Page: page.Streams, Namespaces: true})
}

// prompted takes what was typed into a prompt, and reports whether that was for what
// is written. A question that it asks carries gen.
func (w *writing) prompted(t *page.Turn, msg page.PromptMsg, gen uint64) bool {
	if msg.ID == deletePrompt {
		w.deleteConfirmed(t, msg)
		return true
	}
	return w.draft.Prompted(t, msg, gen)
}

// resume goes on with the event once a prompt is closed that took the place of its own.
func (w *writing) resume(t *page.Turn, msg any) {
	closed, ok := msg.(page.PromptMsg)
	if ok && closed.State != page.PromptChanged && t.Wishes().Prompt == nil {
		w.draft.Resume(t)
	}
}

// cancel ends what waits for something to be typed.
func (w *writing) cancel() {
	w.draft.Leave()
	w.doomed = ""
}

// messageEdit names a message's data in the editor.
const messageEdit = "message"

// edit opens a message's data in the user's editor, and with none what is known of
// a row.
func (w *writing) edit(t *page.Turn, m *store.Message, row any) {
	if m == nil {
		if row != nil {
			raw, _ := json.MarshalIndent(row, "", "  ") // names and numbers alone
			t.Edit(page.Edit{Name: rowTitle(row) + ".json", Text: append(raw, '\n')})
		}
		return
	}
	body := indented(m.Data)
	if w.edits != nil && w.edits.ID == m.ID && w.faulty != nil {
		body = w.faulty // where the last attempt was left
	}
	w.edits, w.faulty = m, nil
	t.Edit(page.Edit{ID: messageEdit, Name: m.Stream + "-" + fmt.Sprint(m.Position) + ".json", Text: body})
}

// indented is a document as people edit it, as far as it is one.
func indented(raw []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return raw
	}
	return append(b.Bytes(), '\n')
}

// edited offers what was edited to be appended: what is stored never changes.
func (w *writing) edited(t *page.Turn, msg page.EditedMsg) {
	m := w.edits
	switch {
	case !msg.Changed:
	case msg.ID != messageEdit || m == nil:
		t.Toast(page.LevelInfo, "what was edited is not written anywhere")
	case !json.Valid(msg.Text):
		w.faulty = msg.Text
		t.Toast(page.LevelWarn, "the edited text is no JSON, %v; e opens it again", kit.JSONFault(msg.Text))
	default:
		changed := m.Clone()
		changed.Data = msg.Text
		w.draft.Begin(t, changed.Stream, &changed)
	}
}
