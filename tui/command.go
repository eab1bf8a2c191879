package tui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// command is a command of the palette: one of a page, or one that the shell
// runs itself.
type command struct {
	page.Command
	of  page.Name                        // the page that brings it
	run func(a *app, arg string) tea.Cmd // the shell's own
}

func shellCommands() []command {
	return []command{
		{run: runNamespace, Command: page.Command{Name: "ns", Usage: "ns NAME", Help: "switch to a namespace; without NAME: list them", Subject: page.SubjectNamespace, Rank: page.RankNamespace}},
		{run: runContext, Command: page.Command{Name: "ctx", Usage: "ctx NAME", Help: "switch to another context of the configuration; without NAME: list them", Subject: page.SubjectContext, Rank: page.RankNamespace, Local: true}},
		{run: runAt, Command: page.Command{Name: "at", Usage: "at TIME | at now", Help: "move the time cursor of every page: 14:02:07, -5m, 2026-01-15T10:30:00Z", Rank: page.RankTime}},
		{run: runLoad, Command: page.Command{Name: "load", Usage: "load N | load stop", Help: "run the built-in load with N workers", Subject: page.SubjectWord, Words: []string{"10", "stop"}, Rank: page.RankLoad, Local: true}},
		{run: runRecord, Command: page.Command{Name: "record", Usage: "record FILE | record stop", Help: "record metrics, events, log and profiles to a file for evtui open", Subject: page.SubjectWord, Words: []string{"run.evt", "stop"}, Rank: page.RankLoad, Local: true}},
		{run: runHelp, Command: page.Command{Name: "help", Usage: "help", Help: "show the keys of this page", Rank: page.RankShell}},
		{run: runQuit, Command: page.Command{Name: "q", Usage: "q", Help: "quit", Rank: page.RankShell}},
	}
}

// commands lists the palette's commands: the shell's, those that the pages
// bring, and one for each page that has none of its own name.
func (t tabs) commands() []command {
	all := shellCommands()
	for i, s := range t {
		own := strings.ToLower(string(s.Name))
		for _, c := range s.Commands {
			all = append(all, command{Command: c, of: s.Name})
		}
		if !slices.ContainsFunc(s.Commands, func(c page.Command) bool { return c.Name == own }) {
			show := func(a *app, _ string) tea.Cmd { return a.show(s.Name) }
			all = append(all, command{run: show, Command: page.Command{Name: own, Usage: own, Help: "page " + strconv.Itoa(i+1), Rank: page.RankPage}})
		}
	}
	slices.SortStableFunc(all, func(x, y command) int { return cmp.Compare(x.Rank, y.Rank) })
	return all
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
	if c, ok := a.offer.choices(a.panes[a.page]).find(name); ok {
		return c.do(a, strings.TrimSpace(arg))
	}
	for _, b := range a.offer.bindings(a.panes[a.page], a.env.Layout) {
		if string(b.Action) == name {
			return a.act(b.Action)
		}
	}
	return a.say(page.LevelWarn, "no command "+strconv.Quote(name)+"; ? lists them")
}

func (c command) do(a *app, arg string) tea.Cmd {
	if c.run != nil {
		return c.run(a, arg)
	}
	t := &page.Turn{Env: a.env}
	msg := c.Run(t, arg)
	done := a.grant(c.of, t.Wishes())
	if msg == nil {
		return done
	}
	return tea.Batch(done, a.show(c.of), a.deliver(c.of, msg))
}

func runHelp(a *app, _ string) tea.Cmd { a.toggleHelp(false); return nil }

func runQuit(a *app, _ string) tea.Cmd {
	a.screen.touchFooter()
	return a.quit.ask(endsWith(&a.env.Live, a.cfg.DataDir, a.home))
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
	return a.reach.enter(page.Location{Page: a.page, Namespace: arg}, nil)
}
