package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"github.com/evtui/evtui/internal/cli/output"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

type pair struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

func pairFields() []output.Field[pair] {
	return []output.Field[pair]{
		{Name: "name", Show: func(p pair) string { return p.Name }},
		output.Count("n", func(p pair) int64 { return int64(p.N) }),
		{Name: "hidden", Raw: func(p pair) string { return strconv.Itoa(-p.N) }},
	}
}

// pages prints values page by page.
func pages(t *testing.T, f output.Format, pages ...[]pair) string {
	t.Helper()
	var out bytes.Buffer
	s := output.NewSheet(&out, f, pairFields(), nil)
	for _, page := range pages {
		if err := s.Add(page...); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSheetOfPages(t *testing.T) {
	first, second := []pair{{"a\x1b[2Jb", 1}, {"日本", 12345}}, []pair{{"a name that is longer", 7}}
	for f, want := range map[output.Format]string{
		output.Table:  "NAME         N\na␛[2Jb       1\n日本    12,345\na name that is longer       7\n",
		output.NDJSON: `{"name":"a\u001b[2Jb","n":1}` + "\n" + `{"name":"日本","n":12345}` + "\n" + `{"name":"a name that is longer","n":7}` + "\n",
		output.CSV:    "name,n,hidden\na\x1b[2Jb,1,-1\n日本,12345,-12345\na name that is longer,7,-7\n",
	} {
		if got := pages(t, f, first, second); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", f, got, want)
		}
	}
}

func TestSheetOfNothing(t *testing.T) {
	for f, want := range map[output.Format]string{output.Table: "NAME  N\n", output.NDJSON: "", output.CSV: "name,n,hidden\n", output.JSON: "[]\n"} {
		if got := pages(t, f); got != want {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
}

func TestSheetIsReadBack(t *testing.T) {
	odd := []pair{{`comma, "quote"` + "\nand line", 1}, {"=1+1", 2}, {"", -3}}
	var back []pair
	if err := json.Unmarshal([]byte(pages(t, output.JSON, odd[:1], odd[1:])), &back); err != nil || !reflect.DeepEqual(back, odd) {
		t.Errorf("JSON comes back as %+v (%v)", back, err)
	}
	records, err := csv.NewReader(strings.NewReader(pages(t, output.CSV, odd))).ReadAll()
	if err != nil || len(records) != 4 {
		t.Fatalf("CSV comes back as %q (%v)", records, err)
	}
	for i, p := range odd {
		if records[i+1][0] != p.Name || records[i+1][1] != strconv.Itoa(p.N) {
			t.Errorf("CSV: %q, want %+v", records[i+1], p)
		}
	}
}
