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

func (p *streams) confirmDelete(t *page.Turn, namespace string) {
	p.doomed = namespace
	t.Prompt(page.Prompt{ID: deletePrompt, Label: "delete " + namespace + " with all that it holds?", Hint: "type its name again; esc cancels"})
}

func (p *streams) deleteConfirmed(t *page.Turn, msg page.PromptMsg) {
	namespace := p.doomed
	p.doomed = ""
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

// stream is the one that we are in or on; "" for none.
func (p drawing) stream() string {
	if m := p.message(); m != nil {
		return m.Stream
	}
	if b := p.way.brief(); b != nil {
		return b.Stream
	}
	if s, ok := p.way.top().current().(*store.Stream); ok {
		return s.Name
	}
	return p.way.top().of.stream
}

// messageEdit names a message's data in the editor.
const messageEdit = "message"

// edit opens what is under the cursor in the user's editor: of a message its
// data, of other rows what is known of them.
func (p *streams) edit(t *page.Turn) {
	m := p.drawing().message()
	if m == nil {
		if row := p.way.top().current(); row != nil {
			raw, _ := json.MarshalIndent(row, "", "  ") // names and numbers alone
			t.Edit(page.Edit{Name: rowTitle(row) + ".json", Text: append(raw, '\n')})
		}
		return
	}
	body := indented(m.Data)
	if p.edits != nil && p.edits.ID == m.ID && p.faulty != nil {
		body = p.faulty // where the last attempt was left
	}
	p.edits, p.faulty = m, nil
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
func (p *streams) edited(t *page.Turn, msg page.EditedMsg) {
	m := p.edits
	switch {
	case !msg.Changed:
	case msg.ID != messageEdit || m == nil:
		t.Toast(page.LevelInfo, "what was edited is not written anywhere")
	case !json.Valid(msg.Text):
		p.faulty = msg.Text
		t.Toast(page.LevelWarn, "the edited text is no JSON, %v; e opens it again", kit.JSONFault(msg.Text))
	default:
		changed := m.Clone()
		changed.Data = msg.Text
		p.draft.Begin(t, changed.Stream, &changed)
	}
}
