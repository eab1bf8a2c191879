package tui

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// hostile is a store of what a terminal takes apart: a message of a megabyte,
// bytes that are no text, wide and joined characters, names from right to left,
// escapes that would clear the screen.
func hostile() []store.ImportMessage {
	big := append([]byte(`{"items":[`), bytes.Repeat([]byte(`{"sku":"A-1","name":"日本 \"x\" \u001b[2J"},`), 21_000)...)
	big = append(big, `{}],"last":1}`...)
	names := []string{
		"日本語-東京", "e\u0301e\u0301\u0301\u0301-1", "👩‍👩‍👧‍👦-family", "\u05e9\u05dc\u05d5\u05dd-\u202eevil", "a\u200db-\u200f1",
		"k-" + strings.Repeat("long", 200), "क्षि-त्रि", "flag🇩🇪-🏳️‍🌈", "tag-\U000e0041\U000e0042",
	}
	var out []store.ImportMessage
	for i := range 40 {
		at := pagetest.Noon.Add(time.Duration(i-41) * time.Second)
		data := fmt.Appendf(nil, `{"n":%d,"esc":"\u001b]0;x\u0007\u001b[2J","bidi":"%s","wide":"漢字かな","odd key \u001b":{"👨‍🚀":1}}`, i, "\u202etxt")
		switch i {
		case 37:
			data = big
		case 38:
			data = []byte("{\"bad\":\"\xff\xfe\xc3\x28\",\"a\xed\xa0\x80\":1}")
		case 39:
			data = []byte(`{` + strings.Repeat(`"d":{`, 400) + `"x":1` + strings.Repeat(`}`, 401))
		}
		m := store.Message{
			ID: store.MakeID(at, [10]byte{5, byte(i)}), Stream: names[i%len(names)], Type: "Type\u202e" + string(rune('α'+i)), Position: int64(i / len(names)),
			GlobalPosition: int64(i + 1), Time: at, Data: data, Metadata: fmt.Appendf(nil, `{"correlationStreamName":%q,"causationMessageGlobalPosition":%d}`, names[0], i),
		}
		out = append(out, store.ImportMessage{Message: m, Correlation: correlationCategory(&m)})
	}
	return out
}

// views leads into each view of the pages of messages.
func views() map[string]func(*stage) {
	all := func(s *stage) { s.press("2"); s.frames(2); s.press("m"); s.frames(3) }
	return map[string]func(*stage){
		"streams":    func(s *stage) { s.press("2"); s.frames(2); s.press("enter"); s.frames(3) },
		"messages":   all,
		"message":    func(s *stage) { all(s); s.press("enter"); s.frames(1) },
		"metadata":   func(s *stage) { all(s); s.press("j", "enter", "tab", "w", "/", "o", "enter"); s.frames(1) },
		"raw":        func(s *stage) { all(s); s.press("j", "j", "enter", "J", "w", "G"); s.frames(1) },
		"difference": func(s *stage) { all(s); s.press("v", "j", "v"); s.frames(1) },
		"large":      func(s *stage) { all(s); s.press("j", "v", "j", "v", "z", "G"); s.frames(1) },
		"lanes":      func(s *stage) { all(s); s.press("L"); s.frames(2) },
		"columns":    func(s *stage) { all(s); s.press("C"); s.frames(1) },
		"chosen": func(s *stage) {
			all(s)
			s.press("C", "C", "data.items[20000].name", "enter", "C", `data["odd key \u001b"]`, "enter", "enter")
			s.frames(1)
		},
		"tail":   func(s *stage) { s.press("3"); s.frames(2) },
		"filter": func(s *stage) { s.press("3", "\\", "data.last=1 or data.bad or 漢字", "enter"); s.frames(2) },
		"fault":  func(s *stage) { s.press("3"); s.frames(2); s.press("\\", "日本 and 漢=\u202e"); s.frames(1) },
		"log": func(s *stage) {
			s.press(":stream evil\u202e", "enter", ":nope \u202e", "enter", "7", "\\", "no", "enter")
			s.frames(2)
		},
	}
}

// TestHostileContent shows hostile content in each view at all sizes: each line
// has exactly its cells, and nothing is obeyed.
func TestHostileContent(t *testing.T) {
	for name, lead := range views() {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 120, 40, hostile())
			lead(s)
			for _, size := range []struct{ w, h int }{{20, 5}, {300, 100}, {60, 15}, {40, 12}, {80, 24}, {1, 1}, {140, 50}, {100, 30}, {120, 40}} {
				s.send(tea.WindowSizeMsg{Width: size.w, Height: size.h})
				for _, r := range s.text() {
					if r != '\n' && (r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r == 0x200f) {
						t.Fatalf("%U reached the screen of %d×%d", r, size.w, size.h)
					}
				}
			}
			for _, keys := range []string{"l", "l", "j", "ctrl+d", "G", "gg", "h", "esc"} {
				s.press(keys)
				s.raw()
			}
		})
	}
}

// TestEmptyStore opens each view on a store without a message.
func TestEmptyStore(t *testing.T) {
	for name, lead := range views() {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 100, 30, nil)
			lead(s)
			for _, keys := range []string{"j", "enter", "x", "esc", "v", "L", "gc", "gs", "yv", "yc", "yy", "C", "enter", "G", "o", "esc", "esc"} {
				s.press(keys)
				s.frames(1)
				s.raw()
			}
		})
	}
}

// TestMonkey presses keys at random while messages come, the terminal changes
// its size and the server goes away and comes back. Whatever happens, the screen
// keeps its cells.
func TestMonkey(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 11))
	keys := []string{
		"j", "k", "h", "l", "G", "gg", "ctrl+d", "ctrl+u", "pgup", "pgdown", "enter", "enter", "esc", "tab", " ", "v", "L", "C", "x", "m", "o", "t",
		"w", "J", "z", "Z", ".", ",", "n", "N", "+", "-", "f", "r", "c", "gc", "gk", "gs", "gp", "gt", "yv", "yc", "yi", "ys", "yj", "yy",
		"2", "3", "7", "1", "\\", "/", "?", "0",
	}
	lines := []string{"type~W*", "data.n>5", "(", "!x", "60", "-1m", "order", "order 1/2", "data.amount", "metadata.traceId", "acc", ""}
	for _, messages := range [][]store.ImportMessage{pagetest.Shop(), story(), hostile()[:36]} {
		s := newStage(t, 120, 40, messages)
		for range 250 {
			switch r.IntN(12) {
			case 0:
				s.write(fmt.Sprintf("c%d-%d", r.IntN(3), r.IntN(9)), 1+r.IntN(200))
			case 1, 2:
				s.frames(1 + r.IntN(4))
			case 3:
				s.send(tea.WindowSizeMsg{Width: 1 + r.IntN(200), Height: 1 + r.IntN(60)})
			case 4:
				s.gone.Store(r.IntN(3) == 0)
			default:
				key1 := keys[r.IntN(len(keys))]
				s.press(key1)
				if s.app.prompt != nil && !strings.HasPrefix(s.app.prompt.prompt.Label, "export") && !strings.HasPrefix(s.app.prompt.prompt.Label, "taken") {
					s.press("ctrl+u", lines[r.IntN(len(lines))], "enter")
				}
				if s.app.prompt != nil {
					s.press("esc") // nothing is written to the disk
				}
			}
			s.raw()
		}
	}
}
