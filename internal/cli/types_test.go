package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTypesEqualAnExport compares counts and presence with those over the export,
// made in the plainest way.
func TestTypesEqualAnExport(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	data := filepath.Join(t.TempDir(), "data")
	for i := range 4 {
		var lines strings.Builder
		for n := range 150 {
			fmt.Fprintf(&lines, `{"type":"T%d","data":{"n":%d`, r.IntN(4), n)
			if r.IntN(3) == 0 {
				fmt.Fprintf(&lines, `,"maybe":{"x":"%d"}`, r.IntN(5))
			}
			lines.WriteString("}}\n")
		}
		file := filepath.Join(data, "..", fmt.Sprintf("%d.ndjson", i))
		if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		mustRun(t, "append", fmt.Sprintf("c%d-1", i%2), "--from", file, "--data", data)
	}
	counts, present := map[string]int64{}, map[string]int64{}
	exported, _ := mustRun(t, "export", "--data", data)
	for s := bufio.NewScanner(strings.NewReader(exported)); s.Scan(); {
		var m struct {
			Type, Stream string
			Data         map[string]json.RawMessage
		}
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		key := m.Stream[:2] + " " + m.Type
		counts[key]++
		for name := range m.Data {
			present[key+" data."+name]++
		}
	}
	for _, args := range [][]string{{"types"}, {"types", "--read", "0"}} {
		out, _ := mustRun(t, append(args, "-o", "ndjson", "--data", data)...)
		rows := 0
		for d := json.NewDecoder(strings.NewReader(out)); d.More(); rows++ {
			var row typeLine
			if err := d.Decode(&row); err != nil {
				t.Fatal(err)
			}
			if want := counts[row.Category+" "+row.Type]; row.Count != want || row.AtLeast {
				t.Errorf("%v: %+v, want %d", args, row, want)
			}
		}
		if rows != len(counts) {
			t.Errorf("%v: %d types, want %d", args, rows, len(counts))
		}
	}
	out, _ := mustRun(t, "types", "c1", "T2", "-o", "json", "--data", data)
	var learned struct {
		Read   int64
		Whole  bool
		Fields []struct {
			Path        string
			Present, Of int64
		}
	}
	if err := json.Unmarshal([]byte(out), &learned); err != nil {
		t.Fatal(err)
	}
	if learned.Read != counts["c1 T2"] || !learned.Whole || len(learned.Fields) != 3 {
		t.Errorf("fields: %+v, want %d messages", learned, counts["c1 T2"])
	}
	for _, f := range learned.Fields {
		if want, direct := present["c1 T2 "+f.Path]; direct && f.Present != want || f.Of != learned.Read {
			t.Errorf("%+v, want %d", f, want)
		}
	}
}

// typeLine is a line of evtui types.
type typeLine struct {
	Type, Category string
	Count          int64
	AtLeast        bool
}

func TestTypesSaysWhatIsWrong(t *testing.T) {
	data := t.TempDir()
	mustRun(t, "append", "account-1", "Opened", `{"a":1}`, "--data", data)
	for want, args := range map[string][]string{
		`has no category "nosuch"`:                  {"types", "nosuch"},
		`no messages of type "Gone"; it has Opened`: {"types", "account", "Gone"},
		`no category "gone"`:                        {"types", "gone", "Gone"},
		"must not be negative":                      {"types", "--read", "-1"},
		"--until":                                   {"types", "--until", "soon"},
	} {
		out, said, err := runCommand(t, append(args, "--data", data)...)
		if err == nil || !strings.Contains(said+err.Error(), want) {
			t.Errorf("%v: %v %s%s", args, err, out, said)
		}
	}
	out, said := mustRun(t, "types", "account", "Opened", "--data", data)
	if !strings.Contains(out, "data.a") || !strings.Contains(said, "all 1 message read") {
		t.Errorf("fields: %s%s", out, said)
	}
	if _, said := mustRun(t, "types", "account", "Opened", "--until", "-1h", "--data", data); !strings.Contains(said, `no message of type "Opened" up to 2`) {
		t.Errorf("fields of nothing: %s", said)
	}
}
