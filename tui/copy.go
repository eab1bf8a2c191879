package tui

import (
	"encoding/json"
	"strings"

	"github.com/evtui/evtui/store"
)

// copy puts what the cursor is on into the clipboard, in the form asked for.
func (p *streams) copy(t *Turn, a Action) {
	row := p.top().current()
	m, isMessage := row.(*store.Message)
	switch a {
	case ActCopyID:
		if isMessage {
			t.Copy("the id "+m.ID.String(), m.ID.String())
			return
		}
		p.copyName(t, row)
	case ActCopyStream:
		if isMessage {
			t.Copy("the stream "+m.Stream, m.Stream)
			return
		}
		p.copyName(t, row)
	case ActCopyValue:
		if isMessage {
			t.Copy("the data", string(m.Data))
			return
		}
		p.copyName(t, row)
	case ActCopyCurl:
		if isMessage {
			t.Copy("a curl call for the message", curl(t.Env, "stream.get", m.Stream,
				map[string]any{"position": m.Position, "batchSize": 1}))
			return
		}
		t.Copy("a curl call for the list", p.top().of.curl(t.Env))
	case ActCopyView:
		t.Copy("this view as a command", p.top().of.curl(t.Env))
	}
}

func (p *streams) copyName(t *Turn, row any) {
	if _, all := row.(*everything); all || row == nil {
		return
	}
	t.Copy(rowKey(row), rowKey(row))
}

// curl asks for what the list shows.
func (s source) curl(env Env) string {
	switch {
	case s.kind == listNamespaces:
		return curl(env, "ns.list")
	case s.kind == listCategories:
		return curl(env, "ns.categories")
	case s.kind == listStreams:
		options := map[string]any{"limit": streamRows}
		if s.prefix != "" {
			options["prefix"] = s.prefix
		}
		if s.category != "" {
			options["category"] = s.category
		}
		return curl(env, "ns.streams", options)
	case s.stream != "":
		return curl(env, "stream.get", s.stream, map[string]any{"position": s.from, "batchSize": pageRows})
	}
	return curl(env, "category.get", s.category, map[string]any{"position": max(s.from, 1), "batchSize": pageRows})
}

// curl writes a call as a shell command. The token stays out of it: it is read
// from the environment.
func curl(env Env, call ...any) string {
	body, err := json.Marshal(call)
	if err != nil {
		return ""
	}
	url := env.URL
	if url == "" {
		url = "http://127.0.0.1:8080"
	}
	parts := []string{"curl", "-s", shellQuote(url + "/rpc"), "-H", `"Authorization: Bearer $EVTUI_TOKEN"`}
	if env.Namespace != store.DefaultNamespace {
		parts = append(parts, "-H", shellQuote("X-Evtui-Namespace: "+env.Namespace))
	}
	return strings.Join(append(parts, "-d", shellQuote(string(body))), " ")
}

// shellQuote makes one word of s for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
