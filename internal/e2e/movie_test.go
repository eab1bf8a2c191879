package e2e

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
)

// node is an element of an SVG with what is in it.
type node struct {
	XMLName   xml.Name
	ID        string  `xml:"id,attr"`
	Href      string  `xml:"href,attr"`
	Transform string  `xml:"transform,attr"`
	X         float64 `xml:"x,attr"`
	Y         float64 `xml:"y,attr"`
	Text      string  `xml:",chardata"`
	Inside    []node  `xml:",any"`
}

// find returns the first element below n for which the condition holds.
func (n node) find(holds func(node) bool) (node, bool) {
	if holds(n) {
		return n, true
	}
	for _, child := range n.Inside {
		if found, ok := child.find(holds); ok {
			return found, true
		}
	}
	return node{}, false
}

func mustFind(t *testing.T, n node, what string, holds func(node) bool) node {
	t.Helper()
	found, ok := n.find(holds)
	if !ok {
		t.Fatalf("the picture has no %s", what)
	}
	return found
}

// mustScreen is what stands on a small terminal once the text was written to it.
func mustScreen(t *testing.T, text string) Screen {
	t.Helper()
	emulator := vt.NewEmulator(12, 3)
	if _, err := emulator.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return snapshot(emulator)
}

// shown reads a frame of the strip as whoever looks at it: its caption, and
// the words of its rows from above.
func shown(t *testing.T, film, frame node) (caption string, rows []string) {
	t.Helper()
	rows = make([]string, 3)
	for _, used := range frame.Inside[1].Inside {
		row := mustFind(t, film, "row "+used.Href, func(n node) bool { return n.ID != "" && "#"+n.ID == used.Href })
		for _, part := range row.Inside {
			rows[int(used.Y/cellHeight)] += part.Text
		}
	}
	return frame.Inside[0].Text, rows
}

// TestMovieShowsEachFrameInItsTime reads the picture back: at every moment it
// shows one frame, in order and for as long as it was given, and what several
// frames have in common is stored once.
func TestMovieShowsEachFrameInItsTime(t *testing.T) {
	frames := []struct {
		text, caption string
		takes         time.Duration
		rows          []string
	}{
		{"one\r\nsame", "first", time.Second, []string{"one", "same", ""}},
		{"two & <3>\r\nsame", "a & <b>", 2 * time.Second, []string{"two&<3>", "same", ""}},
		{"same\r\n\r\none", "last", 5 * time.Second, []string{"same", "", "one"}},
	}
	var m Movie
	for _, f := range frames {
		if err := m.Add(mustScreen(t, f.text), f.caption, f.takes); err != nil {
			t.Fatal(err)
		}
	}
	if m.Length() != 8*time.Second {
		t.Errorf("it takes %v, want 8 s", m.Length())
	}
	var out strings.Builder
	if err := m.WriteSVG(&out, "a & b"); err != nil {
		t.Fatal(err)
	}
	var film node
	if err := xml.Unmarshal([]byte(out.String()), &film); err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	strip := mustFind(t, film, "strip", func(n node) bool { return n.ID == "strip" })
	style := mustFind(t, film, "style", func(n node) bool { return n.XMLName.Local == "style" }).Text
	if want := "animation:strip 8s step-end infinite"; !strings.Contains(style, want) {
		t.Errorf("%q is not in\n%s", want, style)
	}
	jumps := regexp.MustCompile(`(?m)^([\d.]+)%\{transform:translateX\(-?([\d.]+)px\)\}$`).FindAllStringSubmatch(style, -1)
	if len(strip.Inside) != len(frames) || len(jumps) != len(frames)+1 {
		t.Fatalf("%d frames and %d jumps for %d screens", len(strip.Inside), len(jumps), len(frames))
	}
	var from time.Duration
	for i, f := range frames {
		if at, _ := strconv.ParseFloat(jumps[i][1], 64); at != 100*from.Seconds()/8 {
			t.Errorf("frame %d is shown from %s%% on, want from %v of 8 s", i, jumps[i][1], from)
		}
		from += f.takes
		if place := "translate(" + jumps[i][2] + " 0)"; strip.Inside[i].Transform != place {
			t.Errorf("frame %d stands at %q, and the strip jumps to %q", i, strip.Inside[i].Transform, place)
		}
		caption, rows := shown(t, film, strip.Inside[i])
		if caption != f.caption || strings.Join(rows, "|") != strings.Join(f.rows, "|") {
			t.Errorf("frame %d shows %q, %q; want %q, %q", i, caption, rows, f.caption, f.rows)
		}
	}
	if n := strings.Count(out.String(), ">same<"); n != 1 {
		t.Errorf("a row that three frames have is stored %d times", n)
	}
	if last := jumps[len(frames)]; last[1] != "100" || last[2] != jumps[len(frames)-1][2] {
		t.Errorf("it ends with %s%% at %s, want the last frame to its end", last[1], last[2])
	}
}

func TestMovieRefusesWhatItCannotShow(t *testing.T) {
	var m Movie
	if err := m.WriteSVG(&strings.Builder{}, "empty"); err == nil {
		t.Error("a movie without frames is drawn")
	}
	if err := m.Add(mustScreen(t, "a"), "", time.Second); err != nil {
		t.Fatal(err)
	}
	if err := m.Add(Screen{Width: 13, Height: 3}, "", time.Second); err == nil {
		t.Error("a screen of another size is taken")
	}
	if m.Length() != time.Second {
		t.Errorf("what was refused makes it %v long", m.Length())
	}
}
