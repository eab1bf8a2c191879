package streams

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// large is n messages of some bytes of data, in one stream, each with a word of
// its own at its end.
func large(n, size int) []store.ImportMessage {
	filler := strings.Repeat("x", size)
	out := make([]store.ImportMessage, n)
	for i := range out {
		at := pagetest.Noon.Add(time.Duration(i-n) * time.Millisecond)
		out[i].Message = store.Message{
			ID: store.MakeID(at, [10]byte{byte(i >> 8), byte(i)}), Stream: "blob-1", Type: "Stored", Position: int64(i),
			GlobalPosition: int64(i + 1), Time: at, Data: fmt.Appendf(nil, `{"filler":%q,"even":%t,"end":"word%03d"}`, filler, i%2 == 0, i),
		}
	}
	return out
}

// kept counts the bytes of documents that the lists hold.
func kept(p *streams) (rows, bytes int) {
	for _, l := range p.way.lists() {
		for _, page := range l.pager.pages {
			for _, row := range page {
				b, ok := row.(*kit.Brief)
				if !ok {
					continue
				}
				rows++
				bytes += cap(b.Data)
				if m := b.Whole(); m != nil {
					bytes += cap(m.Data) + cap(m.Metadata)
				}
			}
		}
	}
	return rows, bytes
}

// TestListOfLargeMessagesIsSmall reads 500 messages of 200 kB, with and without a
// filter, in the order of the log and in that of their stream. What the page keeps
// of one does not grow with it.
func TestListOfLargeMessagesIsSmall(t *testing.T) {
	s := newPage(t, large(500, 200_000))
	pane := s.Pane.Pane.(*streams)
	for name, way := range map[string]struct {
		keys []string
		rows int
	}{
		"log":              {[]string{":", "category blob", "enter", "m"}, 500},
		"log, filtered":    {[]string{":", "category blob", "enter", "m", "\\", "data.even=true", "enter"}, 250},
		"stream":           {[]string{":", "stream blob-1", "enter"}, 500},
		"stream, filtered": {[]string{":", "stream blob-1", "enter", "\\", "data.even=true", "enter"}, 250},
	} {
		t.Run(name, func(t *testing.T) {
			used := pagetest.Held(func() any {
				s.Press(way.keys...)
				s.Frames(3)
				for at := 0; at < way.rows+50; at += 50 {
					pane.way.top().grid.SetCursor(min(at, way.rows-1))
					s.Frames(30)
				}
				return pane
			})
			if rows, bytes := kept(pane); rows != way.rows || bytes > rows*2*kit.DataBytes {
				t.Errorf("%d rows keep %d bytes of data", rows, bytes)
			}
			if used > 16<<20 {
				t.Errorf("the page and the store's answers hold %.1f MB", float64(used)/1e6)
			}
		})
	}
}

// onLarge opens the log of large messages, its cursor on the newest.
func onLarge(t *testing.T, w int) (*pagetest.Stage, *streams) {
	t.Helper()
	s := pagetest.NewStage(t, w, 40, Spec(), page.Setup{}, large(40, 20_000))
	s.Frames(2)
	s.Press("m")
	s.Frames(2)
	return s, s.Pane.Pane.(*streams)
}

// TestWholeMessageWhereItIsNeeded opens, steps, copies, compares and exports
// messages that the list keeps in part.
func TestWholeMessageWhereItIsNeeded(t *testing.T) {
	for _, w := range []int{80, 160} {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			s, pane := onLarge(t, w)
			want := large(40, 20_000)
			if pane.way.brief().Whole() != nil {
				t.Fatal("the row keeps all of its message")
			}
			s.Press("enter")
			for i, m := range []int{39, 38, 37} {
				if i > 0 {
					s.Press(".")
				}
				if got := pane.front.open; got == nil || !bytes.Equal(got.M.Data, want[m].Message.Data) {
					t.Fatalf("%d steps on, message %d is not open", i, m)
				}
			}
			s.Press("esc", "j", "v", "j", "v")
			if !pane.front.cover.Compare.On() || !bytes.Equal(pane.front.cover.Compare.Left.Data, want[36].Message.Data) {
				t.Fatal("the two are not compared")
			}
			s.See("word036", "word035")
			s.Press("esc", "j")
			if m := pane.Message(); m != nil {
				t.Fatal("message at hand before it was read")
			}
			s.Frames(3)
			if m := pane.Message(); m == nil || !bytes.Equal(m.Data, want[34].Message.Data) {
				t.Fatalf("the message under the cursor is not at hand: on %+v", pane.way.top().current())
			}
		})
	}
}

// TestExportOfMarkedLargeMessages writes what is marked whole, in order.
func TestExportOfMarkedLargeMessages(t *testing.T) {
	s, pane := onLarge(t, 120)
	s.Press("space", "space", "space")
	if n := len(pane.way.top().marks); n != 3 {
		t.Fatalf("%d are marked", n)
	}
	file := filepath.Join(t.TempDir(), "out.ndjson")
	if err := exportLines(s, pane, file); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	if len(lines) != 3 {
		t.Fatalf("%d lines", len(lines))
	}
	want := large(40, 20_000)
	for i, line := range lines {
		var got struct{ Data json.RawMessage }
		if err := json.Unmarshal(line, &got); err != nil || !bytes.Equal(got.Data, want[37+i].Message.Data) {
			t.Errorf("line %d, %v: is not message %d", i, err, 37+i)
		}
	}
}

// TestBackToALargeMessage goes elsewhere from an open message and back to it.
func TestBackToALargeMessage(t *testing.T) {
	s, pane := onLarge(t, 120)
	s.Press("enter")
	at := pane.Spot().(*spot)
	if at.open.Whole() != nil {
		t.Error("the place keeps the whole message")
	}
	s.Press("esc", "jj")
	s.Frames(3)
	s.Send(page.ReturnMsg{Spot: at})
	if pane.front.open == nil || pane.front.open.M.Position != 39 || len(pane.front.open.M.Data) < 20_000 {
		t.Fatalf("open is %+v", pane.front.open)
	}
}

func exportLines(s *pagetest.Stage, pane *streams, file string) error {
	s.Press("x")
	s.Send(page.PromptMsg{ID: "export", Text: file, State: page.PromptDone})
	if pane.export.Running() {
		return fmt.Errorf("export to %s: still under way", file)
	}
	return nil
}

// TestSearchReadsLargeMessages finds what stands at the end of a message that is
// kept in part, forward and around, and says when there is nothing.
func TestSearchReadsLargeMessages(t *testing.T) {
	s, pane := onLarge(t, 120)
	for text, position := range map[string]int64{"word007": 7, "word031": 31} {
		s.Press("/", text, "enter")
		if b := pane.way.brief(); b == nil || b.Position != position {
			t.Fatalf("%s: on %+v", text, b)
		}
	}
	s.Press("/", "word999", "enter")
	s.See(`no match for "word999": all 40 rows of this list searched`)
}

// TestColumnsOfLargeMessages shows what stands behind the part that is kept, also
// in columns chosen once the list was read, and sorts by it.
func TestColumnsOfLargeMessages(t *testing.T) {
	s, _ := onLarge(t, 160)
	s.Press("C")
	s.See("data.end", "data.even")
	s.Press("C", "data.end", "enter", "enter")
	s.Frames(4)
	s.See("word039", "word038")
	s.Press("\\", "data.even=false", "enter")
	s.Frames(6)
	s.See("word039", "word037")
	s.Miss("word036")
	s.Press("esc")
	s.Frames(3)
	s.Press("sd")
	s.Frames(3)
	if row := s.Row("word000"); row != s.Row("word001")-1 {
		t.Errorf("word000 is in row %d, word001 in %d", row, s.Row("word001"))
	}
}
