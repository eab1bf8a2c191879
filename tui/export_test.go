package tui

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// exportTo answers the export's prompt with a file, and returns its lines.
func (s *stage) exportTo(file string) []string {
	s.Helper()
	s.press("x")
	s.press("ctrl+u", file, "enter")
	raw, err := os.ReadFile(file)
	if err != nil {
		s.Fatalf("%v\n%s", err, s.text())
	}
	if _, err := os.Stat(file + ".part"); err == nil {
		s.Fatal("what was written first is left over")
	}
	var lines []string
	for scanner := bufio.NewScanner(strings.NewReader(string(raw))); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

func TestExportOfAList(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	s.frames(2)
	s.press("m")
	s.frames(2)
	s.press("\\", "stream~order* and data.amount>50", "enter")
	s.frames(2)
	file := filepath.Join(t.TempDir(), "orders.ndjson")
	lines := s.exportTo(file)
	s.see("exported 19 messages")
	var last int64
	for _, line := range lines {
		var m struct {
			ID, Stream, Type string
			Pos, Gpos        int64
			Data, Meta       json.RawMessage
			Time             string
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if !strings.HasPrefix(m.Stream, "order") || m.Gpos <= last || !strings.Contains(string(m.Data), "9007199254740993") {
			t.Fatalf("%s after %d", line, last)
		}
		last = m.Gpos
	}
	if len(lines) != 19 {
		t.Errorf("%d lines", len(lines))
	}
	// The same name again: the file stays, and another name is asked for.
	before, _ := os.ReadFile(file)
	s.press("x")
	s.press("ctrl+u", file, "enter")
	s.see("another name", "orders-2.ndjson")
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Error("an export wrote over a file")
	}
	s.press("enter")
	s.see("exported 19 messages")
}

// TestExportCanBeImported takes a namespace out and in again.
func TestExportCanBeImported(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	s.create("copy")
	s.frames(2)
	file := filepath.Join(t.TempDir(), "all.ndjson")
	if lines := s.exportTo(file); len(lines) != 120 {
		t.Fatalf("%d lines", len(lines))
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	r, err := s.app.cfg.Client.In("copy").Import(t.Context(), in, false, nil)
	if err != nil || r.Imported != 120 {
		t.Fatalf("%+v, %v", r, err)
	}
	q := client.CategoryQuery{Limit: 200}
	was, err := s.app.cfg.Client.ReadCategory(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	is, err := s.app.cfg.Client.In("copy").ReadCategory(t.Context(), q)
	if err != nil || len(is) != len(was) {
		t.Fatalf("%d messages, %v", len(is), err)
	}
	for i := range was {
		a, b := was[i], is[i]
		if a.ID != b.ID || a.Stream != b.Stream || a.Position != b.Position || a.GlobalPosition != b.GlobalPosition ||
			!a.Time.Equal(b.Time) || string(a.Data) != string(b.Data) || string(a.Metadata) != string(b.Metadata) {
			t.Fatalf("%+v came back as %+v", a, b)
		}
	}
}

func TestExportOfMarksAsCSV(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	s.open()
	s.press(" ")
	s.press("j")
	s.press(" ")
	s.see("2 marked")
	lines := s.exportTo(filepath.Join(t.TempDir(), "marked.csv"))
	rows, err := csv.NewReader(strings.NewReader(strings.Join(lines, "\n"))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, %v", rows, err)
	}
	if got := strings.Join(rows[0], " "); got != "time stream position gpos type id data metadata" {
		t.Errorf("head: %s", got)
	}
	if rows[1][2] != "19" || rows[2][2] != "21" { // oldest first
		t.Errorf("positions %s and %s", rows[1][2], rows[2][2])
	}
	s.press("esc")
	s.miss("2 marked")
	// Marks hang on messages: what is written meanwhile does not move them.
	s.press(" ")
	s.press("gg")
	s.write("account-1", 3)
	s.frames(8)
	s.see("1 marked")
	if lines := s.exportTo(filepath.Join(t.TempDir(), "one.ndjson")); len(lines) != 1 || !strings.Contains(lines[0], `"pos":18`) {
		t.Errorf("%v", lines)
	}
}

func TestExportOfStreamsAndColumns(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	s.frames(2)
	s.press("j", "enter")
	s.frames(2)
	s.press(" ")
	s.press(" ")
	s.see("2 marked")
	if lines := s.exportTo(filepath.Join(t.TempDir(), "two.ndjson")); len(lines) != 33 {
		t.Errorf("%d messages of account-1 and account-1+retry", len(lines))
	}
	s.press("esc", "gg", "enter", "C")
	s.frames(2)
	s.see("data.amount", "data.owner.name")
	s.press(" ")
	s.press("enter")
	s.see("amount", "115.50")
	lines := s.exportTo(filepath.Join(t.TempDir(), "columns.csv"))
	if lines[0] != "time,stream,position,gpos,type,data.amount" || !strings.HasSuffix(lines[1], ",0.50") {
		t.Errorf("%s\n%s", lines[0], lines[1])
	}
}

func TestExportRefuses(t *testing.T) {
	s := newStage(t, 120, 30, pagetest.Shop())
	s.open()
	s.press("x")
	s.see("export to", "default-account-1.ndjson")
	s.press("ctrl+u", "/nowhere/at/all.ndjson", "enter")
	s.see("export to /nowhere/at/all.ndjson", "no file was written")
	s.press("x")
	s.press("ctrl+u", "words.txt", "enter")
	s.see("words.txt.ndjson")
	s.press("esc")
}
