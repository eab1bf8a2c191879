package jsonview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
)

const sample = `{"id":12345678901234567890,"name":"J\u00f6rg \"x\"","items":[{"sku":"a","amount":1.50},{"sku":"b","amount":2e3}],"odd key":{"x":null},"none":{},"ok":true,"list":[ ]}`

func pens() Styles {
	pen := func(n string) text.Pen {
		return text.NewPen(lipgloss.NewStyle().Foreground(lipgloss.Color(n)))
	}
	return Styles{
		Key: pen("4"), String: pen("2"), Escape: pen("3"), Number: pen("5"), Literal: pen("6"), Punct: pen("8"), Fold: pen("7"), Fault: pen("1"),
		Cursor:  text.NewPen(lipgloss.NewStyle().Background(lipgloss.Color("0"))),
		Match:   text.NewPen(lipgloss.NewStyle().Background(lipgloss.Color("11"))),
		Current: text.NewPen(lipgloss.NewStyle().Background(lipgloss.Color("13"))),
	}
}

func viewOf(doc string, w, h int) *View {
	v := New(pens())
	v.SetSize(w, h)
	v.SetData([]byte(doc))
	return v
}

// shown returns the lines without styles and trailing spaces.
func shown(v *View) []string {
	var out []string
	for _, l := range v.Lines() {
		out = append(out, strings.TrimRight(ansi.Strip(l), " "))
	}
	return out
}

func checkExact(t *testing.T, v *View) {
	t.Helper()
	lines := v.Lines()
	if len(lines) != v.h {
		t.Fatalf("%d lines, want %d", len(lines), v.h)
	}
	for i, l := range lines {
		if g, wc := ansi.StringWidth(l), ansi.StringWidthWc(l); g != v.w || wc != v.w {
			t.Fatalf("%dx%d left %d raw %v wrap %v: line %d is %d/%d cells: %q", v.w, v.h, v.left, v.form.letter, v.wrap, i, g, wc, l)
		}
	}
}

// TestPrettyIsIndent takes encoding/json's own indenting as the oracle.
func TestPrettyIsIndent(t *testing.T) {
	r := seeded(t)
	docs := []string{sample, "1", `"x"`, "[]", " { } ", "[[[]]]", "[[],{},[1]]", `{"a":{"b":{}}}`, "null"}
	for range 150 {
		docs = append(docs, randomJSON(r, 4))
	}
	for _, doc := range docs {
		var want bytes.Buffer
		if err := json.Indent(&want, []byte(strings.TrimSpace(doc)), "", "  "); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		v := viewOf(doc, 2000, 1+bytes.Count(want.Bytes(), []byte("\n")))
		for i, line := range strings.Split(want.String(), "\n") {
			if got := shown(v)[i]; strings.TrimRight(got, " ") != "" && string([]rune(got)[2:]) != line {
				t.Fatalf("%s\nline %d is %q, want %q", doc, i, got, line)
			}
		}
		if v.Rows() != v.h || v.Err() != nil {
			t.Fatalf("%s: %d rows, want %d; %v", doc, v.Rows(), v.h, v.Err())
		}
	}
}

// TestValidity takes json.Valid as the oracle, over documents with one byte
// changed.
func TestValidity(t *testing.T) {
	r := seeded(t)
	valid := 0
	for range 5000 {
		doc := []byte(randomJSON(r, 3))
		if len(doc) > 0 {
			doc[r.IntN(len(doc))] = `{}[],:"\ -+.0123eEtrufalsn`[r.IntN(26)]
		}
		_, err := scan(doc)
		if json.Valid(doc) != (err == nil) {
			t.Fatalf("scan(%q) = %v, json.Valid says %v", doc, err, json.Valid(doc))
		}
		if err == nil {
			valid++
		}
	}
	if valid == 0 || valid == 5000 {
		t.Errorf("%d of 5000 documents are valid: the test does not test", valid)
	}
	for _, doc := range []string{"", "{", "[1,]", `{"a":1,}`, "01", "1.", "1e", "-", `"\x"`, "\"\x01\"", "nul", "[1 2]", "1 2", "}"} {
		if _, err := scan([]byte(doc)); err == nil {
			t.Errorf("scan(%q) found no fault", doc)
		}
	}
}

func TestPathAndValue(t *testing.T) {
	v := viewOf(sample, 80, 40)
	want := []struct{ path, value string }{
		{"", sample},
		{"id", "12345678901234567890"},
		{"name", `"J\u00f6rg \"x\""`},
		{"items", `[{"sku":"a","amount":1.50},{"sku":"b","amount":2e3}]`},
		{"items[0]", `{"sku":"a","amount":1.50}`},
		{"items[0].sku", `"a"`},
		{"items[0].amount", "1.50"},
		{"items[0]", `{"sku":"a","amount":1.50}`},
		{"items[1]", `{"sku":"b","amount":2e3}`},
		{"items[1].sku", `"b"`},
		{"items[1].amount", "2e3"},
		{"items[1]", `{"sku":"b","amount":2e3}`},
		{"items", `[{"sku":"a","amount":1.50},{"sku":"b","amount":2e3}]`},
		{`["odd key"]`, `{"x":null}`},
		{`["odd key"].x`, "null"},
		{`["odd key"]`, `{"x":null}`},
		{"none", "{}"},
		{"ok", "true"},
		{"list", "[ ]"},
		{"", sample},
	}
	if v.Rows() != len(want) {
		t.Fatalf("%d rows, want %d:\n%s", v.Rows(), len(want), strings.Join(shown(v), "\n"))
	}
	for i, w := range want {
		if v.Path() != w.path || string(v.Value()) != w.value {
			t.Errorf("row %d: %q = %q, want %q = %q", i, v.Path(), v.Value(), w.path, w.value)
		}
		v.Move(1)
	}
}

func TestFold(t *testing.T) {
	v := viewOf(sample, 60, 12)
	v.Move(5) // items[0].sku
	v.Toggle()
	if got := shown(v)[4]; got != "▸     { … 2 keys }," {
		t.Errorf("folded object is %q", got)
	}
	if v.Path() != "items[0]" {
		t.Errorf("cursor is on %q", v.Path())
	}
	v.FoldLevel(1)
	want := []string{"▾ {", `    "id": 12345678901234567890,`, `    "name": "J\u00f6rg \"x\"",`, `▸   "items": [ … 2 items ],`, `▸   "odd key": { … 1 key },`, `    "none": {},`, `    "ok": true,`, `    "list": []`, "  }", "", "", ""}
	if got := shown(v); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("level 1:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if v.Path() != "items" {
		t.Errorf("cursor went from items[0] to %q, want items", v.Path())
	}
	v.FoldLevel(0)
	if got := shown(v)[0]; got != "▸ { … 7 keys }" || v.Status() != "line 1 of 1" {
		t.Errorf("level 0: %q, %s", got, v.Status())
	}
	v.FoldLevel(9)
	if v.Status() != "line 1 of 20" {
		t.Errorf("unfolded: %s", v.Status())
	}
}

func TestSearch(t *testing.T) {
	v := viewOf(sample, 60, 12)
	v.FoldLevel(1)
	if n := v.Search("amount"); n != 2 {
		t.Fatalf("%d matches, want 2", n)
	}
	if v.Path() != "items[0].amount" {
		t.Errorf("first match on %q", v.Path())
	}
	buf := uv.NewScreenBuffer(60, 12)
	uv.NewStyledString(strings.Join(v.Lines(), "\n")).Draw(buf, buf.Bounds())
	for x, want := range map[int]bool{8: false, 9: true, 14: true, 15: false} {
		if got := buf.CellAt(x, v.cursor-v.top).Style.Bg == ansi.BrightMagenta; got != want {
			t.Errorf("cell %d highlighted: %v, want %v", x, got, want)
		}
	}
	v.NextMatch()
	v.NextMatch()
	if cur, total := v.Match(); cur != 1 || total != 2 {
		t.Errorf("match %d of %d after going round", cur, total)
	}
	v.PrevMatch()
	if v.Path() != "items[1].amount" {
		t.Errorf("match before the first is on %q", v.Path())
	}
	for query, want := range map[string]int{"AMOUNT": 0, "sku": 2, `":`: 0, "zzz": 0, "": 0, "1234": 2, "j\\u00F6": 0, "J": 1, "j": 1} {
		if n := v.Search(query); n != want {
			t.Errorf("%q: %d matches, want %d", query, n, want)
		}
	}
	v.SetRaw(true)
	v.Search("null")
	if got := ansi.Strip(v.Lines()[0]); !strings.Contains(got, "null") {
		t.Errorf("the match is not in sight: %q", got)
	}
}

func TestRawAndWrap(t *testing.T) {
	v := viewOf(sample, 30, 8)
	v.SetRaw(true)
	if got := shown(v); got[0] != sample[:29]+"…" || got[1] != "" {
		t.Errorf("raw: %q", got)
	}
	v.Sideways(10)
	if got := shown(v)[0]; got != sample[10:39]+"…" {
		t.Errorf("raw, sideways: %q", got)
	}
	v.SetWrap(true)
	got := ""
	for i, l := range shown(v) {
		if i > 0 {
			l = strings.TrimPrefix(l, "  ")
		}
		got += l
	}
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(sample, " ", "") {
		t.Errorf("wrapped rows make %q", got)
	}
}

func TestNotJSON(t *testing.T) {
	v := viewOf("{\"a\": 1,\r\n \"b\": \x1b[31m}\n", 40, 4)
	if v.Err() == nil || v.Err().Error() != "malformed JSON at byte 16: a value must begin here" {
		t.Errorf("error %v", v.Err())
	}
	if got := shown(v); got[0] != `{"a": 1,` || got[1] != ` "b": ␛[31m}` || got[2] != "" {
		t.Errorf("shown as %q", got)
	}
	if v.Path() != "" || v.Search("b") != 1 {
		t.Errorf("path %q", v.Path())
	}
	v.Toggle()
	v.FoldLevel(0)
	checkExact(t, v)
	v.SetData(nil)
	if v.Err() != nil || v.Status() != "empty" || v.Path() != "" {
		t.Errorf("no document: %v, %q", v.Err(), v.Status())
	}
	checkExact(t, v)
}

func TestStringsAreSanitized(t *testing.T) {
	v := viewOf("{\"k\u202e\":\"日本\u200b e\u0301 \xff\"}", 60, 3)
	if got := shown(v)[1]; got != "    \"k‹U+202E›\": \"日本‹U+200B› e\u0301 \\xff\"" {
		t.Errorf("shown as %q", got)
	}
}

func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 3))
}

var scalars = []string{"0", "-1.5e+10", "true", "false", "null", `""`, `"a b"`, `"日本語テキスト"`, `"\n\u00e9\\"`, `"e` + "\u0301" + `"`, "\"\u202e\"", `"` + strings.Repeat("long ", 30) + `"`, "123456789012345678901234567890"}

func randomJSON(r *rand.Rand, depth int) string {
	n := r.IntN(4)
	switch k := r.IntN(4); {
	case k == 0 && depth > 0:
		parts := make([]string, n)
		for i := range parts {
			parts[i] = randomJSON(r, depth-1)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case k <= 2 && depth > 0:
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprintf("\"k%d\":%s", i, randomJSON(r, depth-1))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	s := scalars[r.IntN(len(scalars))]
	if !strings.Contains(s, "\u202e") && !strings.Contains(s, "\xff") {
		return s
	}
	return "7"
}

// Status says where the view stands: "line 3 of 41".
func (v *View) Status() string {
	if v.Rows() == 0 {
		return "empty"
	}
	return fmt.Sprintf("line %d of %d", v.cursor+1, v.Rows())
}
