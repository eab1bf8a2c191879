package kit

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// Quoted writes text as a filter takes it to the letter.
func Quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

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

// MessageCurl asks for one message.
func MessageCurl(env page.Env, m *store.Message) string {
	return Curl(env, "stream.get", m.Stream, map[string]any{"position": m.Position, "batchSize": 1})
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
