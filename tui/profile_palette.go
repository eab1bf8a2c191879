package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
)

// captureMsg asks the Profile page for a capture.
type captureMsg struct {
	kind    profiler.Kind // "": the page is only to be shown
	seconds int           // 0: as long as the page is set to
}

// parseCapture reads "cpu 10s": a kind, and for one that takes time how long.
func parseCapture(arg string) (captureMsg, error) {
	name, span, timed := strings.Cut(arg, " ")
	kind, err := profiler.ParseKind(name)
	if err != nil {
		return captureMsg{}, err
	}
	msg := captureMsg{kind: kind}
	if !timed {
		return msg, nil
	}
	d, err := time.ParseDuration(strings.TrimSpace(span))
	switch {
	case !kind.Timed():
		return msg, fmt.Errorf("a %s profile is of now and takes no time", kind)
	case err != nil || d < time.Second || d > time.Minute || d%time.Second != 0:
		return msg, fmt.Errorf("needs whole seconds from 1s to 1m, such as 10s, got %q", span)
	}
	msg.seconds = int(d / time.Second)
	return msg, nil
}

// profileCommands are the page's commands of the palette.
func profileCommands() []page.Command {
	return []page.Command{{
		Name: "profile", Usage: "profile [KIND [TIME]]", Help: "page 6; with cpu 10s: capture", Subject: page.SubjectWord,
		Words: []string{"cpu 10s", "heap", "allocs", "goroutine", "mutex 5s", "block 5s"}, Rank: page.RankPage, Run: runProfile,
	}}
}

// runProfile has the page capture, or only shown.
func runProfile(t *page.Turn, arg string) any {
	if arg == "" {
		return captureMsg{}
	}
	msg, err := parseCapture(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":profile %v", err)
		return nil
	}
	return msg
}

// asked captures what the palette asked for.
func (p *profilePage) asked(t *page.Turn, msg captureMsg) {
	if msg.kind == "" {
		return
	}
	if p.job == nil {
		for i, typ := range profileTypes() {
			if typ.kind == msg.kind && p.kind().kind != msg.kind {
				p.typ = i
			}
		}
		if msg.seconds > 0 {
			p.seconds = msg.seconds
		}
		p.look(t)
	}
	p.capture(t)
}
