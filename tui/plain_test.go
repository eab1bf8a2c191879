package tui

import (
	"bytes"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page/pagetest"
)

// teller is a stage whose UI is told instead of drawn.
type teller struct {
	*stage
	speaker *speaker
	out     bytes.Buffer
}

func newTeller(t *testing.T) *teller {
	t.Helper()
	s := &teller{stage: newStage(t, 160, 50, pagetest.Shop())}
	s.speaker = newSpeaker(s.app, &s.out)
	s.deliver(s.speaker.Init()())
	return s
}

// do sends messages by way of the speaker and returns what it said.
func (s *teller) do(msgs ...tea.Msg) string {
	s.Helper()
	s.out.Reset()
	for _, msg := range msgs {
		s.deliver(msg)
	}
	return s.out.String()
}

// deliver gives the speaker a message and runs what it asks for.
func (s *teller) deliver(msg tea.Msg) {
	switch m := msg.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, cmd := range m {
			if cmd != nil {
				s.deliver(cmd())
			}
		}
		return
	}
	if _, cmd := s.speaker.Update(msg); cmd != nil {
		s.deliver(cmd())
	}
}

// keys are strokes, and a second for what they ask for.
func (s *teller) keys(strokes ...string) string {
	s.Helper()
	var msgs []tea.Msg
	for _, k := range strokes {
		switch k {
		case "enter":
			msgs = append(msgs, tea.KeyPressMsg{Code: tea.KeyEnter})
		case "esc":
			msgs = append(msgs, tea.KeyPressMsg{Code: tea.KeyEscape})
		case "ctrl+l":
			msgs = append(msgs, tea.KeyPressMsg{Code: 'l', Mod: tea.ModCtrl})
		default:
			for _, r := range k {
				msgs = append(msgs, tea.KeyPressMsg{Code: r, Text: string(r)})
			}
		}
	}
	said := s.do(msgs...)
	for range 3 {
		s.now = s.now.Add(s.app.env.Frame)
		said += s.do(frameMsg{s.app.clock.pace})
	}
	return said
}

func TestPlainTellsPagesAndWhatKeysChange(t *testing.T) {
	s := newTeller(t)
	must := func(said string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("%q is not told:\n%s", w, said)
			}
		}
		for _, r := range said {
			if r >= 0x2500 && r <= 0x28ff || r == 0x1b {
				t.Fatalf("%q is drawn:\n%s", r, said)
			}
		}
	}
	must(s.keys("ctrl+l"), "Page Streams: ", "default", "category, streams, messages")
	said := s.keys("j")
	must(said, "account, ")
	if lines := strings.Count(said, "\r\n"); lines > 3 {
		t.Errorf("a move tells %d lines:\n%s", lines, said)
	}
	must(s.keys("enter"), "Page Streams: namespaces, default, account", "account-1, ")
	must(s.keys("?"), "Keys", "open the row under the cursor")
	must(s.keys("esc"), "Page Streams")
	must(s.keys("\\", "account-2", "enter"), "account-2\r\n", "account-2, ")
	must(s.keys(":xyzzy", "enter"), "command: xyzzy", "warn: no command")
	must(s.keys("1"), "Page Overview", "appended", "messages")
	s.keys() // the keys before are no reason any more
	if said := s.keys(); said != "" {
		t.Errorf("figures that go on by themselves are told:\n%s", said)
	}
	must(s.keys("4"), "Page Groups", "account", "skew")
	must(s.keys("+"), "5 members")
}

// TestPlainFollowsTheTail writes while the tail is open: it is told by itself,
// and a flood is counted.
func TestPlainFollowsTheTail(t *testing.T) {
	s := newTeller(t)
	s.keys("3")
	for range 20 {
		s.keys() // the keys before are no reason any more
	}
	s.write("order-7", 2)
	said := s.keys()
	if strings.Count(said, "order-7") != 2 || !strings.Contains(said, "Written") {
		t.Errorf("two messages are told as\n%s", said)
	}
	s.write("order-7", 500)
	if said := s.keys(); strings.Count(said, "\r\n") > plainMost+8 || !strings.Contains(said, "more lines") {
		t.Errorf("a flood is told as\n%s", said)
	}
}

func TestPlainAsksBeforeItQuits(t *testing.T) {
	s := newTeller(t)
	s.keys(":load 10", "enter")
	if said := s.keys("q"); !strings.Contains(said, "a load is running") || !strings.Contains(said, "y: yes") {
		t.Errorf("the question is told as\n%s", said)
	}
}

// TestPlainCopies lets the clipboard through, and nothing else.
func TestPlainCopies(t *testing.T) {
	var out bytes.Buffer
	clip := "\x1b]52;c;aGVsbG8=\a"
	written := "\x1b[2J" + clip + "drawn\x1b[1m" + "\x1b]52;c;eA==\x1b\\" + "\x1b]52;c;cut"
	if n, err := (clipboardOnly{&out}).Write([]byte(written)); n != len(written) || err != nil {
		t.Fatal(n, err)
	}
	if want := clip + "\x1b]52;c;eA==\x1b\\"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestPlainText(t *testing.T) {
	for drawn, want := range map[string]string{
		" \x1b[1maccount\x1b[m     2,401   │  181,714 ":  "account, 2,401, 181,714",
		"  0 #####......   66,693  36.7%":                "0, 66,693, 36.7%",
		"───────────":                                    "",
		" account+retry  #12  a.b  -":                    "account+retry, #12, a.b, -",
		"▏ ⣿⣿⣿ ":                                         "",
		"evil‹U+202E› \u202e":                            "evil‹U+202E› ‹U+202E›",
		"L0 sublevels  ####|....... 3 of 20, compacts":   "L0 sublevels, 3 of 20, compacts",
		" 12,431 w/s   3,020 r/s  p99  1.8 ms  durable ": "12,431 w/s, 3,020 r/s, p99, 1.8 ms, durable",
	} {
		if got := plainText(drawn); got != want {
			t.Errorf("%q is told as %q, want %q", drawn, got, want)
		}
	}
}
