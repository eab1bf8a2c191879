package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// scene is a screen that keys lead to, and what it says, however wide its
// columns are.
type scene struct {
	play func(*stage)
	says []string
	wide []string // from 120 columns on
}

func scenes() map[string]scene {
	return map[string]scene{
		"namespaces": {
			play: func(s *stage) { s.frames(2); s.press("esc"); s.frames(3) },
			says: []string{
				"namespace messages streams", "▌ default 120 9", "0/s open", "category streams messages", "all streams 9 120", "account 3 44",
				"payment 1 11", "1–1 of 1", `enter open esc out \ filter / search s sort t tail`,
			},
		},
		"categories": {
			play: func(s *stage) { s.frames(3) },
			says: []string{
				"namespaces › default", "all streams", "order", "日本", "1–7 of 7",
			},
			wide: []string{
				"account-1+retry 11", "evil-‹U+202E›gnp.exe 11 3s ago", "größe-ä€ 11 4s ago",
			},
		},
		"streams": {
			play: func(s *stage) { s.frames(2); s.press("j", "enter"); s.frames(3) },
			says: []string{
				"namespaces › default › account", "▌ account-1 22 7s ago", "account-1+retry 11 3s ago", "account-2 11 10s ago",
				"21 OrderPlaced 11:59:54.000", "1–3 of 3", `enter open esc out ] tabs \ prefix`,
			},
			wide: []string{
				`0 AccountOpened 11:57:59.000 {"amount":0.50`,
			},
		},
		"messages": {
			play: func(s *stage) { s.open(); s.press("j"); s.frames(2) },
			says: []string{
				"namespaces › default › account › account-1", "▌ 20 Deposited 11:59:49.000", "21 OrderPlaced 11:59:54.000",
				"12 AccountOpened 11:59:05.000", `"amount": 110.50`, "of 22", `\ filter o order gp go to`,
			},
			wide: []string{
				"stream account-1 position 20 global 111", "time 2026-03-14 11:59:49.000000000 Z 12s ago",
				"id 019cec37-8b08-7e00-8000-000000000000 102 B + 0 B", `"name": "Ann \u001b[31mé"`,
			},
		},
		"message": {
			play: func(s *stage) { s.open(); s.press("j", "enter"); s.frames(1) },
			says: []string{
				"account-1", `"big": 9007199254740993`,
			},
		},
		"all": {
			play: func(s *stage) { s.frames(2); s.press("m"); s.frames(3) },
			says: []string{
				"all streams messages", "global stream", "▌ 120 account", "119 evil-‹U", "118 größe-ä€ PaymentCaptured", "117 order-7 Deposited",
				`"amount": 119.50`, "of 120",
			},
			wide: []string{
				"type Withdrawn", "position 10 global 120", "110 日本-語 OrderPlaced",
			},
		},
		"tail": {
			play: func(s *stage) { s.press("3"); s.frames(2); s.write("order-7", 300); s.frames(2) },
			says: []string{
				"default › all categories", `▌ 12:00:00.400 order-7 321 Written {"n":300}`, "following matched 420", "behind 0.2 s", "messages 121–",
				"enter loads them", "space pause f follow",
			},
		},
		"log": {
			play: func(s *stage) { s.press(":load 10", "enter", "7"); s.frames(2) },
			says: []string{
				"time level from text", "▌ 12:00:00.000 INFO evtui load started", "1–1 of 1", `\ filter / search f follow s sort`,
			},
		},
		"help": {
			play: func(s *stage) { s.open(); s.press("?") },
			says: []string{
				"Keys", "▸ enter open the row under the cursor", `\ show messages matching: text, type~Dep*`,
				"w show the name under the cursor whole, or not", "enter run / search esc close",
			},
			wide: []string{
				"v compare: mark a message, then a second one compare", "/ search among all rows search",
			},
		},
		"figures": {
			play: func(s *stage) { s.show(page.Engine); s.frames(2); s.send(tea.KeyPressMsg{Code: tea.KeyF1}) },
			says: []string{
				"What the numbers mean › Engine", "Under the cursor", "score: above 1, the level needs compaction.",
				"debt: bytes that compactions still have to move", "/ search esc close",
			},
			wide: []string{
				"W-amp: bytes written to disk, in the log and in tables",
				"filters: table lookups that a Bloom filter saved. High is good.",
			},
		},
		"cursor": {
			play: func(s *stage) { s.frames(2); s.past(900); s.press(":at -2m", "enter", "1"); s.frames(1) },
			says: []string{
				"◂ at 11:58:00", "as of 11:58:00 last 5m", "then 11:58:00 0 subscriptions 0 connections", "appended 120/s", "read 7.0/s", "max 299/s",
				"write p99 –", "no flush, compaction, stall, open or close in 5m", "no traffic then", "+ zoom in _ zoom out h back in time",
			},
		},
		"palette": {
			play: func(s *stage) { s.press(":", "s") },
			says: []string{
				"stream show the messages of a stream", "streams page 2", "copy-stream copy the name", "servers page 8",
				" tab and pgdown for more", ":s",
			},
			wide: []string{
				"messages all messages, in their global order",
			},
		},
		"filter": {
			play: func(s *stage) { s.open(); s.press("\\", "type~Acc*", "enter"); s.frames(2) },
			says: []string{
				"filter type~Acc*", "▌ 12 AccountOpened 11:59:05.000", "11 AccountOpened 11:58:59.000", "0 AccountOpened 11:57:59.000",
				`"amount": 66.50`, "19 of 22 read are hidden",
			},
			wide: []string{
				"stream account-1 position 12 global 67",
			},
		},
		"filter of all": {
			play: func(s *stage) {
				s.frames(2)
				s.press("m")
				s.frames(2)
				s.press("\\", "type~With* and data.amount>50", "enter")
				s.frames(2)
			},
			says: []string{
				"filter type~With* and data", "▌ 120 account", "114 payment-9 Withdrawn", "84 order-7 Withdrawn", "108 of 120 read are hidden",
			},
		},
		"marks": {
			play: func(s *stage) { s.open(); s.press(" "); s.press(" ") },
			says: []string{
				"2 marked", "● 21 OrderPlaced 11:59:54.000", "● 20 Deposited 11:59:49.000", "▌ 19 Deposited 11:59:43.000", `"amount": 104.50`,
			},
		},
		"difference": {
			play: func(s *stage) { s.open(); s.press("v", "j", "v") },
			says: []string{
				"account-1 › difference", "type: OrderPlaced", "type: Deposited", "time: 2026-03-14T11:59:54Z", "time: 2026-03-14T11:59:49Z",
				`"amount": 110.50`, "⋯ 6 identical lines", "5 differences", "marked account-1 #21; v on another message shows the difference",
			},
		},
		"columns": {
			play: func(s *stage) { s.press("3"); s.frames(2); s.press("C") },
			says: []string{
				"all categories › columns", "column such as in", "▌ [ ] data.amount 119.50 120", `[ ] data.owner.name "Ann \u001b[31mé" 120`,
				"[ ] metadata.traceId", "1–7 of 7", "space choose enter done",
			},
		},
		"chosen column": {
			play: func(s *stage) {
				s.press("3", "C")
				s.press(" ")
				s.press("enter", "\\", "data.amount>40 or data.n", "enter")
				s.frames(2)
				s.write("order-7", 3000)
				s.frames(2)
			},
			says: []string{
				"filter data.amount>40 or data.n", "type amount data", `Written – {"n":3000}`,
				"following matched at least 620 · shown 620 · hidden 0 · folded 2,500 unread", "of 621",
			},
			wide: []string{
				"behind 0.2 s", "time stream pos type amount data", `▌ 12:00:00.400 order-7 3021 Written – {"n":3000}`,
			},
		},
		"fault": {
			play: func(s *stage) { s.press("3"); s.frames(2); s.press("\\", "type~ and x") },
			says: []string{
				`✗ filter, character 7: expected a value after ~, such as 100, Dep* or "two w`, "filter type~ and x",
			},
		},
		"filter of the log": {
			play: func(s *stage) {
				s.press(":load 10", "enter", "7", "\\", "level>=warn", "enter", ":nope", "enter")
				s.frames(2)
			},
			says: []string{
				"filter level>=warn", `▌ 12:00:00.000 WARN evtui no command "nope"; ? lists them`, "1–1 of 1 · 1 hidden",
				`! no command "nope"; ? lists them`,
			},
		},
	}
}

// TestScenes holds what the screens say at every size against the list, and
// against themselves without colours.
func TestScenes(t *testing.T) {
	for name, c := range scenes() {
		for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}, {160, 50}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size.w, size.h), func(t *testing.T) {
				screen := pagetest.Colourless(t, func(look page.Look) string {
					s := newStage(t, size.w, size.h, pagetest.Shop())
					if look == page.LookMono {
						s.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
					}
					c.play(s)
					return s.raw()
				})
				pagetest.Says(t, screen, c.says...)
				if size.w >= 120 {
					pagetest.Says(t, screen, c.wide...)
				}
			})
		}
	}
}

// TestTooSmallAScreen shows what is going on, and how large the page must be.
func TestTooSmallAScreen(t *testing.T) {
	for name, says := range map[string][]string{
		"categories":    {"127.0.0.1:8080 ns default 12,431 w/s 3,020 r/s p99 1.8 ms durable cpu 41% (ui 1%)", "Streams needs 60×15 cells", "q quit : palette"},
		"cursor":        {"evtui ◂ at 11:58:00", "ns default 2m 00s ago 120 w/s 7.0 r/s cpu 50%", "Overview needs 60×15 cells"},
		"palette":       {"Streams needs 60×15 cells", ":s"},
		"fault":         {"Tail needs 60×15 cells", "q quit : palette"},
		"chosen column": {"12,431 w/s", "? keys refresh every 100ms"},
	} {
		s := newStage(t, 40, 12, pagetest.Shop())
		scenes()[name].play(s)
		pagetest.Says(t, s.text(), says...)
	}
}

// TestGoldenScreens keeps those whole whose layout is the point: one with the
// header, the others without.
func TestGoldenScreens(t *testing.T) {
	for _, c := range []struct {
		scene  string
		w, h   int
		header bool
	}{
		{"categories", 120, 40, true}, {"categories", 80, 24, false}, {"categories", 40, 12, true}, // the last is all header
		{"streams", 160, 50, false}, {"message", 120, 40, false}, {"tail", 120, 40, false}, {"cursor", 80, 24, false},
		{"help", 80, 24, false}, {"palette", 80, 24, false}, {"difference", 80, 24, false}, {"difference", 120, 40, false},
	} {
		t.Run(fmt.Sprintf("%s-%dx%d", c.scene, c.w, c.h), func(t *testing.T) {
			s := newStage(t, c.w, c.h, pagetest.Shop())
			scenes()[c.scene].play(s)
			screen := s.text()
			if !c.header {
				screen = headless(screen)
			}
			golden.RequireEqual(t, trimmed(screen))
		})
	}
}

// headless takes the two lines of the header off a screen.
func headless(screen string) string { return strings.SplitN(screen, "\n", 3)[2] }

// TestGoldenLooks keeps the escape sequences of one rich screen in each look.
func TestGoldenLooks(t *testing.T) {
	looks := map[string]colorprofile.Profile{
		"colour": colorprofile.TrueColor, "basic": colorprofile.ANSI, "mono": colorprofile.ASCII,
	}
	for name, profile := range looks {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 80, 24, pagetest.Shop())
			s.send(tea.ColorProfileMsg{Profile: profile})
			scenes()["message"].play(s)
			golden.RequireEqual(t, headless(s.raw()))
		})
	}
}

// TestMonoHasNoColour checks that nothing hangs on a colour with NO_COLOR.
func TestMonoHasNoColour(t *testing.T) {
	for _, page := range pages() {
		s := newStage(t, 120, 40, pagetest.Shop())
		s.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
		s.press(digitOf(page))
		s.frames(3)
		if painted := pagetest.Painted(s.raw()); painted != "" {
			t.Fatalf("page %s paints with %q in NO_COLOR", page, painted)
		}
	}
}

// TestASCII checks that the plain symbols are plain.
func TestASCII(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop()[:6])
	s.app.cfg.ASCII = true
	s.restyle()
	s.open()
	for _, line := range strings.Split(s.text(), "\n") {
		for _, r := range line {
			if r >= 0x2190 && r <= 0x2bff { // arrows, boxes, blocks, braille
				t.Fatalf("%q in %q", r, line)
			}
		}
	}
}

// trimmed takes the spaces off the ends of lines: editors do.
func trimmed(screen string) string {
	lines := strings.Split(ansi.Strip(screen), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}
