package tui

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// copy puts what the cursor is on into the clipboard, in the form asked for.
func (p *streams) copy(t *page.Turn, a page.Action) {
	if a == page.ActCopyView {
		t.Copy("this view as a command", p.command(t.Env))
		return
	}
	m := p.message()
	row := p.top().current()
	switch {
	case a == page.ActCopyCurl && m != nil:
		t.Copy("a curl call for the message", messageCurl(t.Env, m))
	case a == page.ActCopyCurl:
		t.Copy("a curl call for the list", p.top().of.curl(t.Env))
	case m == nil:
		copyName(t, row)
	case a == page.ActCopyID:
		t.Copy("the id "+m.ID.String(), m.ID.String())
	case a == page.ActCopyStream:
		t.Copy("the stream "+m.Stream, m.Stream)
	case a == page.ActCopyValue:
		t.Copy("the data", string(m.Data))
	}
}

func copyName(t *page.Turn, row any) {
	if _, all := row.(*everything); all || row == nil {
		return
	}
	t.Copy(rowKey(row), rowKey(row))
}

// command is the list, or the message, as a command that shows the same.
func (p *streams) command(env page.Env) string {
	top := p.top()
	switch {
	case p.open != nil:
		m := p.open.m
		return evtui(env, "messages", m.Stream, "--from", strconv.FormatInt(m.Position, 10), "--limit", "1", "-o", "json")
	case p.lanes != nil:
		s := source{kind: listMessages, process: p.lanes.process, oldest: true}
		return s.command(env, p.paths)
	}
	return top.of.command(env, top.paths)
}

// command is the headless twin of a list.
func (s source) command(env page.Env, paths []filter.Column) string {
	switch s.kind {
	case listNamespaces:
		return evtui(env, "ns", "list")
	case listCategories:
		return evtui(env, "categories")
	case listStreams:
		args := []string{"streams"}
		if s.prefix != "" {
			args = append(args, "--prefix", s.prefix)
		}
		if s.category != "" {
			args = append(args, "--category", s.category)
		}
		return evtui(env, args...)
	}
	return evtui(env, s.messagesArgs(paths)...)
}

func (s source) messagesArgs(paths []filter.Column) []string {
	args := []string{"messages"}
	keep := s.filter.String()
	switch {
	case s.process != "":
		args = append(args, "--all")
		of := "stream=" + quoted(s.process) + " or metadata." + metaCorrelation + "=" + quoted(s.process)
		if keep == "" {
			keep = of
		} else {
			keep = "(" + of + ") and (" + keep + ")"
		}
	case s.stream != "":
		args = append(args, s.stream)
	case s.category != "":
		args = append(args, "--category", s.category)
	default:
		args = append(args, "--all")
	}
	if s.from > 0 {
		args = append(args, "--from", strconv.FormatInt(s.from, 10))
	}
	if !s.oldest {
		args = append(args, "--backward")
	}
	if keep != "" {
		args = append(args, "--filter", keep)
	}
	if len(paths) > 0 {
		args = append(args, "--columns", columnNames(append(placeColumns(), paths...)))
	}
	return args
}

// quoted writes text as a filter takes it to the letter.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// command is the tail as a command that goes on from the newest messages.
func (p *tail) command(env page.Env) string {
	if p.open != nil {
		m := p.open.m
		return evtui(env, "messages", m.Stream, "--from", strconv.FormatInt(m.Position, 10), "--limit", "1", "-o", "json")
	}
	args := append([]string{"tail"}, p.what.categories...)
	if !p.what.group.IsZero() {
		args = append(args, "--member", p.what.member())
	}
	if !p.filter.IsZero() {
		args = append(args, "--filter", p.filter.String())
	}
	if len(p.paths) > 0 {
		args = append(args, "--columns", columnNames(append(placeColumns(), p.paths...)))
	}
	return evtui(env, args...)
}

// evtui writes a command line of our own, with where it finds the server. By the
// data directory it finds the token as well; else that stays out of it, and the
// command reads EVTUI_TOKEN.
func evtui(env page.Env, args ...string) string {
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
			return shellQuote(s)
		}
	}
	if s == "" {
		return "''"
	}
	return s
}

// messageCurl asks for one message.
func messageCurl(env page.Env, m *store.Message) string {
	return curl(env, "stream.get", m.Stream, map[string]any{"position": m.Position, "batchSize": 1})
}

// curl asks for what the list shows, as far as the protocol can: a filter is
// the client's.
func (s source) curl(env page.Env) string {
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
	}
	options := map[string]any{"batchSize": pageRows}
	if s.from > 0 {
		options["position"] = s.from
	}
	if !s.oldest {
		options["backward"] = true
	}
	if s.stream != "" {
		return curl(env, "stream.get", s.stream, options)
	}
	if s.process != "" {
		options["correlation"] = store.Category(s.process)
	}
	return curl(env, "category.get", s.category, options)
}

// curl writes a call as a shell command. The token stays out of it: it is read
// from the environment.
func curl(env page.Env, call ...any) string {
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
