package kit

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// Command writes a command line of our own, with where it finds the server. By the
// data directory it finds the token as well; else that stays out of it, and the
// command reads EVTUI_TOKEN.
func Command(env page.Env, args ...string) string {
	words := []string{"evtui"}
	for _, a := range args {
		words = append(words, shellWord(a))
	}
	switch {
	case env.DataDir != "":
		words = append(words, "--data", shellWord(env.DataDir))
	case env.URL != "":
		words = append(words, "--url", shellWord(env.URL))
	}
	if env.Namespace != store.DefaultNamespace {
		words = append(words, "--ns", shellWord(env.Namespace))
	}
	return strings.Join(words, " ")
}

// shellWord quotes what a shell would take apart.
func shellWord(s string) string {
	for _, r := range s {
		plain := r == '-' || r == '_' || r == '.' || r == '/' || r == ':' || r == ',' || r == '+' || r == '=' ||
			r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80
		if !plain {
			return ShellQuote(s)
		}
	}
	if s == "" {
		return "''"
	}
	return s
}

// CausesTab is what the tab of the Streams page is called that shows causes and effects.
const CausesTab = "causes"

// OnMessage does what leads from a message elsewhere, or copies something of it, and
// reports whether the action was one of those. Where the message has no more than its
// place and its id, what needs all of it is not done: whole says that it has the rest.
func OnMessage(t *page.Turn, a page.Action, m *store.Message, whole bool) bool {
	to := page.Location{Page: page.Streams, Stream: m.Stream, Position: m.Position, HasPosition: true}
	switch {
	case a == page.ActGoStream:
		t.Go(to)
	case a == page.ActGoCauses:
		to.Tab = CausesTab
		t.Go(to)
	case a == page.ActGoCategory:
		t.Go(page.Location{Page: page.Streams, Category: store.Category(m.Stream), GlobalPosition: m.GlobalPosition})
	case a == page.ActCopyID:
		t.Copy("the id "+m.ID.String(), m.ID.String())
	case a == page.ActCopyStream:
		t.Copy("the stream "+m.Stream, m.Stream)
	case !whole:
		return false
	case a == page.ActGoProcess, a == page.ActLanes:
		t.Go(page.Location{Page: page.Streams, Message: m, Lanes: a == page.ActLanes})
	case a == page.ActCopyValue:
		t.Copy("the data", string(m.Data))
	case a == page.ActCopyCurl:
		t.Copy("a curl call for the message", Curl(t.Env, "stream.get", m.Stream, map[string]any{"position": m.Position, "batchSize": 1}))
	default:
		return false
	}
	return true
}

// Curl writes a call as a shell command. The token stays out of it: it is read
// from the environment.
func Curl(env page.Env, call ...any) string {
	body, err := json.Marshal(call)
	if err != nil {
		return ""
	}
	url := env.URL
	if url == "" {
		url = "http://127.0.0.1:8080"
	}
	parts := []string{"curl", "-s", ShellQuote(url + "/rpc"), "-H", `"Authorization: Bearer $EVTUI_TOKEN"`}
	if env.Namespace != store.DefaultNamespace {
		parts = append(parts, "-H", ShellQuote("X-Evtui-Namespace: "+env.Namespace))
	}
	return strings.Join(append(parts, "-d", ShellQuote(string(body))), " ")
}

// Stoppable returns the call with what ends it before it is done.
func Stoppable(call page.Call) (page.Call, context.CancelFunc) {
	stopped, stop := context.WithCancel(context.Background())
	return func(ctx context.Context, c *client.Client) (any, error) {
		defer stop()
		ctx, end := context.WithCancel(ctx)
		defer end()
		defer context.AfterFunc(stopped, end)()
		return call(ctx, c)
	}, stop
}

// ShellQuote makes one word of s for a POSIX shell.
func ShellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
