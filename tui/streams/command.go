package streams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// streamsCommands are the palette's ways into the lists.
func streamsCommands() []page.Command {
	return []page.Command{
		{Name: "category", Usage: "category NAME", Help: "show the streams of a category", Subject: page.SubjectCategory, Rank: page.RankStreams, Run: runCategory},
		{Name: "flow", Usage: "flow CATEGORY", Help: "show how events follow each other in a category", Subject: page.SubjectCategory, Rank: page.RankStreams, Run: runFlow},
		{Name: "stream", Usage: "stream NAME", Help: "show the messages of a stream", Subject: page.SubjectStream, Rank: page.RankStreams, Run: runStream},
		{Name: "types", Usage: "types [CATEGORY [TYPE]]", Help: "show the types of a category's events, or of all, or the fields of one", Subject: page.SubjectCategory, Rank: page.RankStreams, Run: runTypes},
		{Name: "pos", Usage: "pos N", Help: "go to a global position", Rank: page.RankPosition, Run: runPosition},
		{Name: "append", Usage: "append [STREAM]", Help: "append an event: stream, type, JSON, expected version", Subject: page.SubjectStream, Rank: page.RankStreams, Run: runAppend},
		{Name: "reducer", Usage: "reducer [FILE]", Help: "make states with jq: . is the state so far, $event the message; without FILE as configured, - merges the data", Local: true, Rank: page.RankStreams, Run: runReducer},
		{Name: "create", Usage: "create NAME", Help: "create a namespace", Rank: page.RankEngine, Run: runCreate},
		{Name: "delete", Usage: "delete NAMESPACE", Help: "delete a namespace with all that it holds; asks for its name", Subject: page.SubjectNamespace, Rank: page.RankEngine, Run: runDelete},
		{Name: "causes", Usage: "causes ID|STREAM#POSITION", Help: "show what led to a message, and all that it caused", Rank: page.RankPosition, Run: runCauses},
		{Name: "id", Usage: "id UUID", Help: "go to the message with an id", Rank: page.RankPosition, Run: runID},
	}
}

// lookups is the generation of the questions that commands ask: whether there is
// what they name. No list has it.
const lookups = 0

// lookedReply answers whether there is what a command names.
type lookedReply struct {
	to      page.Location
	missing string // why there is nothing to go to; "": there is
}

// lookUp asks the server before anything on the screen is given up.
func lookUp(t *page.Turn, command string, look func(ctx context.Context, c *client.Client) (lookedReply, error)) {
	t.Ask(lookups, func(ctx context.Context, c *client.Client) (any, error) {
		r, err := look(ctx, c)
		if err != nil {
			return r, fmt.Errorf(":%s: %w", command, err)
		}
		if r.missing != "" {
			r.missing = ":" + command + ": " + r.missing
		}
		return r, nil
	})
}

// looked goes where a command leads, or says why it leads nowhere.
func looked(t *page.Turn, msg page.Reply) {
	r, _ := msg.Value.(lookedReply)
	switch v := msg.Value.(type) {
	case createdReply:
		created(t, v, msg.Err)
		return
	case deletedReply:
		deleted(t, v, msg.Err)
		return
	}
	switch {
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		t.Toast(page.LevelError, "%v", msg.Err)
	case r.missing != "":
		t.Toast(page.LevelWarn, "%s", r.missing)
	default:
		t.Go(r.to)
	}
}

func runCategory(t *page.Turn, arg string) any {
	return runInCategory(t, "category", page.Location{Category: arg})
}

func runFlow(t *page.Turn, arg string) any {
	return runInCategory(t, "flow", page.Location{Category: arg, Tab: "flow"})
}

// runInCategory goes to the first of some places whose category is there.
func runInCategory(t *page.Turn, command string, places ...page.Location) any {
	last := places[len(places)-1].Category
	places = slices.DeleteFunc(places, func(l page.Location) bool { return store.CheckCategory(l.Category) != nil })
	if len(places) == 0 {
		t.Toast(page.LevelWarn, ":%s %v", command, store.CheckCategory(last))
		return nil
	}
	namespace := t.Namespace
	lookUp(t, command, func(ctx context.Context, c *client.Client) (lookedReply, error) {
		for _, to := range places {
			list, err := c.ReadCategory(ctx, client.CategoryQuery{Category: to.Category, Limit: 1})
			if err != nil || len(list) > 0 {
				to.Page = page.Streams
				return lookedReply{to: to}, err
			}
		}
		return lookedReply{missing: fmt.Sprintf("namespace %s has no category %q", namespace, last)}, nil
	})
	return nil
}

func runTypes(t *page.Turn, arg string) any {
	if arg == "" {
		t.Go(page.Location{Page: page.Streams, Tab: "types"})
		return nil
	}
	places := []page.Location{{Category: arg, Tab: "types"}} // names may have blanks
	if category, kind, more := strings.Cut(arg, " "); more {
		places = append(places, page.Location{Category: category, Type: strings.TrimSpace(kind), Tab: "types"})
	}
	return runInCategory(t, "types", places...)
}

func runStream(t *page.Turn, arg string) any {
	if err := store.CheckStreamName(arg); err != nil {
		t.Toast(page.LevelWarn, ":stream %v", err)
		return nil
	}
	namespace := t.Namespace
	lookUp(t, "stream", func(ctx context.Context, c *client.Client) (lookedReply, error) {
		r := lookedReply{to: page.Location{Page: page.Streams, Stream: arg}}
		version, err := c.Version(ctx, arg)
		if err == nil && version < 0 {
			r.missing = fmt.Sprintf("namespace %s has no stream %q", namespace, arg)
		}
		return r, err
	})
	return nil
}

func runPosition(t *page.Turn, arg string) any {
	n, err := kit.ParsePosition(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":pos %v", err)
		return nil
	}
	namespace := t.Namespace
	lookUp(t, "pos", func(ctx context.Context, c *client.Client) (lookedReply, error) {
		missing, err := beyondHead(ctx, c, namespace, n)
		return lookedReply{to: page.Location{Page: page.Streams, GlobalPosition: max(n, 1)}, missing: missing}, err
	})
	return nil
}

// beyondHead says that a global position is beyond the last message; "" when it
// is not, or when the server does not tell.
func beyondHead(ctx context.Context, c *client.Client, namespace string, n int64) (string, error) {
	head, err := kit.HeadOf(ctx, c)
	if err != nil || n <= head {
		return "", err
	}
	if head == 0 {
		return "namespace " + namespace + " has no messages", nil
	}
	return fmt.Sprintf("namespace %s ends at global position %s", namespace, text.Count(head)), nil
}

// runCauses goes to the causes and the effects of a message.
func runCauses(t *page.Turn, arg string) any {
	ref, err := causes.Parse(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":causes %v, got %q", err, arg)
		return nil
	}
	return goToMessage(t, "causes", ref, ref.String(), ": give STREAM#POSITION", kit.CausesTab)
}

func runID(t *page.Turn, arg string) any {
	id, err := store.ParseID(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":id needs a message's id, such as 019cec37-5a6b-7c8d-9e0f-102030405060, got %q", arg)
		return nil
	}
	return goToMessage(t, "id", causes.ID(id.String()), id.String(), "", "")
}

// goToMessage goes to a message, or to a tab of its stream; instead says what would work
// where the server cannot look it up.
func goToMessage(t *page.Turn, command string, ref causes.Ref, name, instead, tab string) any {
	namespace := t.Namespace
	lookUp(t, command, func(ctx context.Context, c *client.Client) (lookedReply, error) {
		m, err := search.Find(ctx, c, ref)
		switch {
		case errors.Is(err, store.ErrMessageNotFound):
			return lookedReply{missing: fmt.Sprintf("namespace %s has no message %s", namespace, name)}, nil
		case client.NotOffered(err):
			return lookedReply{missing: "this server cannot look up ids" + instead}, nil
		}
		return lookedReply{to: page.Location{Page: page.Streams, Stream: m.Stream, Position: m.Position, HasPosition: true, Tab: tab}}, err
	})
	return nil
}

// reducerMsg asks for the state of the stream on the screen, made by a reducer.
type reducerMsg struct{ file string }

func runReducer(_ *page.Turn, arg string) any { return reducerMsg{arg} }
