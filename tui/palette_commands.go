package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// paletteEntry is one command of the palette, as data.
type paletteEntry struct {
	name    string
	usage   string
	help    string
	subject subject
	words   []string
	run     func(a *app, arg string) tea.Cmd
}

func paletteCommands() []paletteEntry {
	return []paletteEntry{
		{name: "ns", usage: "ns NAME", help: "change to a namespace; alone: list them", subject: subjectNamespace, run: runNamespace},
		{name: "ctx", usage: "ctx NAME", help: "change to another server of the configuration; alone: say which there are", subject: subjectContext, run: runContext},
		{name: "category", usage: "category NAME", help: "the streams of a category", subject: subjectCategory, run: runCategory},
		{name: "stream", usage: "stream NAME", help: "the messages of a stream", subject: subjectStream, run: runStream},
		{name: "tail", usage: "tail [CATEGORY…] [MEMBER/SIZE]", help: "live: categories, or the whole namespace; 1/3: a member's share", subject: subjectCategory, run: runTail},
		{name: "pos", usage: "pos N", help: "go to a global position", run: runPosition},
		{name: "at", usage: "at TIME | at now", help: "the time cursor, for every page: 14:02:07, -5m, 2026-01-15T10:30:00Z", run: runAt},
		{name: "load", usage: "load N | load stop", help: "run the built-in load with N workers", subject: subjectWord, words: []string{"10", "stop"}, run: runLoad},
		{name: "record", usage: "record FILE | record stop", help: "keep figures, events, log and profiles in a file, which evtui open shows", subject: subjectWord, words: []string{"run.evt", "stop"}, run: runRecord},
		{name: "flush", usage: "flush NAMESPACE", help: "write a namespace's memtables to tables; asks for its name", subject: subjectNamespace, run: runEngine(deedFlush)},
		{name: "compact", usage: "compact NAMESPACE", help: "merge all of a namespace's tables into the bottom level; asks for its name", subject: subjectNamespace, run: runEngine(deedCompact)},
		{name: "checkpoint", usage: "checkpoint NAME", help: "copy all namespaces to the server's own disk, under a new name; asks for it again", run: runEngine(deedCheckpoint)},
		{name: "reopen", usage: "reopen NAMESPACE", help: "close a namespace whose log failed and open it again; asks for its name", subject: subjectNamespace, run: runEngine(deedReopen)},
		{name: "overview", usage: "overview", help: "page 1", run: toPage(page.Overview)},
		{name: "streams", usage: "streams", help: "page 2", run: toPage(page.Streams)},
		{name: "groups", usage: "groups", help: "page 4", run: toPage(page.Groups)},
		{name: "engine", usage: "engine", help: "page 5", run: toPage(page.Engine)},
		{name: "profile", usage: "profile [KIND [TIME]]", help: "page 6; with cpu 10s: capture", subject: subjectWord, words: []string{"cpu 10s", "heap", "allocs", "goroutine", "mutex 5s", "block 5s"}, run: runProfile},
		{name: "log", usage: "log", help: "page 7", run: toPage(page.Log)},
		{name: "help", usage: "help", help: "keys of this page", run: func(a *app, _ string) tea.Cmd { a.openHelp(); return nil }},
		{name: "q", usage: "q", help: "quit", run: func(a *app, _ string) tea.Cmd { return a.askQuit() }},
	}
}

func paletteCommand(name string) (paletteEntry, bool) {
	switch name {
	case "quit", "q!":
		name = "q"
	case "namespace":
		name = "ns"
	case "context":
		name = "ctx"
	}
	for _, c := range paletteCommands() {
		if c.name == name {
			return c, true
		}
	}
	return paletteEntry{}, false
}

// runPalette runs a line: a command, or an action of the page by its name.
func (a *app) runPalette(line string) tea.Cmd {
	line = strings.TrimSpace(line)
	if line == "" {
		return nil
	}
	p := &a.palette
	if n := len(p.history); n == 0 || p.history[n-1] != line {
		p.history = append(p.history, line)
	}
	name, arg, _ := strings.Cut(line, " ")
	if c, ok := paletteCommand(name); ok {
		return c.run(a, strings.TrimSpace(arg))
	}
	for _, b := range a.bindings() {
		if string(b.Action) == name {
			return a.act(b.Action)
		}
	}
	return a.say(page.LevelWarn, "no command "+strconv.Quote(name)+"; ? lists them")
}

func toPage(p page.Name) func(*app, string) tea.Cmd {
	return func(a *app, _ string) tea.Cmd { return a.show(p) }
}

// runEngine takes an action on the engine to the page that confirms it.
func runEngine(deed engineDeed) func(*app, string) tea.Cmd {
	return func(a *app, arg string) tea.Cmd {
		msg := engineActMsg{deed, arg}
		if a.env.ReadOnly {
			return a.say(page.LevelWarn, "read-only: no "+msg.verb())
		}
		if err := msg.check(); err != nil {
			return a.say(page.LevelWarn, ":"+msg.verb()+" "+err.Error())
		}
		return tea.Batch(a.show(page.Engine), a.deliver(page.Engine, msg))
	}
}

func runNamespace(a *app, arg string) tea.Cmd {
	if arg == "" {
		return a.goTo(page.Location{Page: page.Streams, Namespaces: true})
	}
	if err := store.CheckNamespaceID(arg); err != nil {
		return a.say(page.LevelWarn, ":ns "+err.Error())
	}
	if arg == a.env.Namespace {
		return a.say(page.LevelInfo, "this is namespace "+arg)
	}
	return a.enter(page.Location{Page: a.page, Namespace: arg})
}

func runCategory(a *app, arg string) tea.Cmd {
	if err := store.CheckCategory(arg); err != nil {
		return a.say(page.LevelWarn, ":category "+err.Error())
	}
	return a.goTo(page.Location{Page: page.Streams, Category: arg})
}

func runStream(a *app, arg string) tea.Cmd {
	if err := store.CheckStreamName(arg); err != nil {
		return a.say(page.LevelWarn, ":stream "+err.Error())
	}
	return a.goTo(page.Location{Page: page.Streams, Stream: arg})
}

func runTail(a *app, arg string) tea.Cmd {
	what, err := kit.ParseTailed(arg)
	if err != nil {
		return a.say(page.LevelWarn, ":tail "+err.Error())
	}
	return a.goTo(what.Location())
}

func runPosition(a *app, arg string) tea.Cmd {
	n, err := kit.ParsePosition(arg)
	if err != nil {
		return a.say(page.LevelWarn, ":pos "+err.Error())
	}
	return a.goTo(page.Location{Page: page.Streams, GlobalPosition: max(n, 1)})
}

func runLoad(a *app, arg string) tea.Cmd {
	if arg == "stop" {
		return a.stopLoad()
	}
	workers, err := strconv.Atoi(arg)
	if err != nil || workers < 1 || workers > 10_000 {
		return a.say(page.LevelWarn, ":load needs a number of workers, 1 to 10,000, or stop")
	}
	return a.startLoad(workers)
}
