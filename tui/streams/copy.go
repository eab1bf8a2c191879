package streams

import (
	"maps"
	"strconv"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func copyName(t *page.Turn, row any) {
	if isEverything(row) || row == nil {
		return
	}
	t.Copy(rowKey(row), rowKey(row))
}

// command is the headless twin of a list.
func (s source) command(env page.Env, paths []filter.Column) string {
	switch s.kind {
	case listNamespaces:
		return kit.Command(env, "ns", "list")
	case listCategories:
		return kit.Command(env, "categories")
	case listStreams:
		args := with(with([]string{"streams"}, "--prefix", s.prefix), "--category", s.category)
		return kit.Command(env, args...)
	}
	return kit.Command(env, s.messagesArgs(paths)...)
}

// with adds a flag that has a value.
func with(args []string, flag, value string) []string {
	if value == "" {
		return args
	}
	return append(args, flag, value)
}

func (s source) messagesArgs(paths []filter.Column) []string {
	args := []string{"messages"}
	keep := s.filter.String()
	switch {
	case s.process != "":
		args = append(args, "--all")
		of := "stream=" + filter.Quote(s.process) + " or metadata." + causes.Correlation + "=" + filter.Quote(s.process)
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
	args = with(args, "--filter", keep)
	if len(paths) > 0 {
		args = append(args, "--columns", kit.ColumnNames(append(kit.PlaceColumns(), paths...)))
	}
	return args
}

// curl asks for what the list shows, as far as the protocol can: a filter is
// the client's.
func (s source) curl(env page.Env) string {
	switch {
	case s.kind == listNamespaces:
		return kit.Curl(env, "ns.list")
	case s.kind == listCategories:
		return kit.Curl(env, "ns.categories")
	case s.kind == listStreams:
		return kit.Curl(env, "ns.streams", set(map[string]any{"limit": streamRows, "prefix": s.prefix, "category": s.category}))
	}
	options := set(map[string]any{"batchSize": pageRows, "position": s.from, "backward": !s.oldest})
	if s.stream != "" {
		return kit.Curl(env, "stream.get", s.stream, options)
	}
	if s.process != "" {
		options["correlation"] = store.Category(s.process)
	}
	return kit.Curl(env, "category.get", s.category, options)
}

func set(options map[string]any) map[string]any {
	maps.DeleteFunc(options, func(_ string, v any) bool { return v == "" || v == int64(0) || v == false })
	return options
}
