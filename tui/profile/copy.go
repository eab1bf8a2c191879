package profile

import (
	"strings"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// copyCommand copies what shows the same in a shell: of a kept profile this view
// as a command, of another one how to take its like.
func (p *profilePage) copyCommand(t *page.Turn) {
	held, base := p.subject.held(), p.views.shown.compared()
	switch {
	case p.views.tab == profileKept:
		t.Toast(page.LevelInfo, "open one first (enter)")
	case held != nil && held.about.ID != "" && (base == nil || base.about.ID != ""):
		t.Copy("this view as a command", p.command(held, base))
	case base != nil:
		t.Toast(page.LevelInfo, "save both sides of the difference first (x)")
	case t.URL != "":
		t.Copy("a go tool pprof command that captures such a profile", p.subject.typ.fetchCommand(t.URL, p.captures.seconds))
	default:
		t.Toast(page.LevelInfo, "save the profile first (x): this server has no network to fetch it over")
	}
}

// command is the open view as the command line has it.
func (p *profilePage) command(held, base *loadedProfile) string {
	words := []string{"evtui profile"}
	file := kit.ShellQuote(profiler.SessionPath(p.views.kept.dir, held.about.ID))
	function := kit.ShellQuote(p.views.function.pattern())
	switch p.views.tab {
	case profileFlame:
		words = append(words, "flame", file)
	case profileCallers:
		words = append(words, "callers", file, function)
	case profileSource:
		words = append(words, "lines", file, function)
	default:
		words = append(words, "top", file)
		if p.views.top.byCum {
			words = append(words, "--cum")
		}
	}
	if base != nil {
		words = append(words, "--diff-base", kit.ShellQuote(profiler.SessionPath(p.views.kept.dir, base.about.ID)))
	}
	return strings.Join(append(words, p.subject.flags()...), " ")
}

// flags are those of what is looked at, and cut by.
func (s *subject) flags() []string {
	o := parseProfileFilter(s.filter)
	var words []string
	if value := s.typ.askedValue(); value != "" {
		words = append(words, "--value", kit.ShellQuote(value))
	}
	if o.OmitUI {
		words = append(words, "--omit-ui")
	}
	for _, cut := range o.Labels {
		label := cut.Key + "=" + strings.Join(cut.Values, "")
		if cut.Not {
			label = "!" + label
		}
		words = append(words, "--label", kit.ShellQuote(label))
	}
	for _, f := range [][2]string{{"--focus", o.Focus}, {"--ignore", o.Ignore}} {
		if f[1] != "" {
			words = append(words, f[0], kit.ShellQuote(f[1]))
		}
	}
	return words
}
