package cli

import (
	"bytes"
	"encoding/json"
	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/profile"
	"net/http"
	"net/http/httptest"
	httppprof "net/http/pprof"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"
)

// TestProfileOutputsAreInert looks at every command's every output, in a pipe,
// of a profile whose names, labels and comments are escapes.
func TestProfileOutputsAreInert(t *testing.T) {
	for _, args := range []string{
		"top F", "top F -o json", "top F -o ndjson", "flame F", "flame F -o folded", "flame F -o svg", "labels F", "labels F -o tags", "labels F -o json",
		"callers F .", "lines F .", "values F", "values F -o json", "diff F F --all", "diff F F -o json", "top F F", "callers F nobody",
	} {
		out, errs, err := runProfile(t, strings.Fields(strings.ReplaceAll(args, "F", "escape-names.pb.gz"))...)
		said := out + errs
		if err != nil {
			said += output.InertLines(err.Error()) // as command.PrintError prints it
		}
		for _, r := range said {
			if r != '\n' && r != '\t' && unicode.IsControl(r) {
				t.Errorf("profile %s prints %U in\n%q", args, r, said)
				break
			}
		}
		if (err != nil) != strings.Contains(args, "nobody") {
			t.Errorf("profile %s: %v", args, err)
		}
	}
	if out, _, _ := runProfile(t, "top", "escape-names.pb.gz"); !strings.Contains(out, "m.f␛]0;OWNED␇") {
		t.Errorf("the name is not shown:\n%s", out)
	}
}

// TestProfileValues shows each value of a profile, and says which is shown.
func TestProfileValues(t *testing.T) {
	out, _, err := runProfile(t, "values", "multi-value.pb.gz", "-o", "json")
	var values []profile.ValueRow
	if err != nil || json.Unmarshal([]byte(out), &values) != nil || len(values) != 3 || !values[2].Default || values[2].Total != 7e9 {
		t.Fatalf("%+v, error %v", values, err)
	}
	for _, v := range values {
		out, _, err := runProfile(t, "top", "multi-value.pb.gz", "--value", v.Value)
		if err != nil || !strings.Contains(out, "Type: "+v.Value+"\n") {
			t.Errorf("%s: %v\n%s", v.Value, err, out)
		}
	}
	for _, args := range []string{"top F -o json", "flame F -o folded", "lines F .", "labels F -o tags"} {
		_, errs, err := runProfile(t, strings.Fields(strings.ReplaceAll(args, "F", "multi-value.pb.gz"))...)
		if err != nil || !strings.Contains(errs, "showing lock_time in nanoseconds; --value also takes cpu, lock_count") {
			t.Errorf("%s does not say what it shows: %q, error %v", args, errs, err)
		}
	}
	if got, _ := profile.CompleteValues(nil, []string{filepath.Join("..", "..", "profiler", "testdata", "multi-value.pb.gz")}, ""); len(got) != 3 {
		t.Errorf("completed with %q", got)
	}
}

// TestProfileSigns prints a difference with its signs, whatever the output.
func TestProfileSigns(t *testing.T) {
	for args, want := range map[string]string{
		"flame negative.pb.gz -o folded":                                "m.f1 -50000000\nm.f2 50000000\n",
		"flame negative.pb.gz":                                          "-50ms -50.00%",
		"top negative.pb.gz":                                            "-50ms",
		"top negative.pb.gz -o json":                                    `"flat": -50000000`,
		"flame negative.pb.gz -o svg":                                   "m.f1: -50ms",
		"flame shop-cpu-1.pb.gz --diff-base shop-cpu-1.pb.gz -o folded": "",
		"labels shop-cpu-1.pb.gz --diff-base shop-cpu-2.pb.gz --label actor=commit": "commit",
		"labels shop-cpu-2.pb.gz --diff-base shop-cpu-1.pb.gz -o json":              `"weight": -`,
	} {
		out, _, err := runProfile(t, strings.Fields(args)...)
		if err != nil || !strings.Contains(out, want) || want == "" && out != "" {
			t.Errorf("profile %s: %v\n%s", args, err, out)
		}
	}
}

// TestProfileFromEverywhere reads files, an address and standard input, alone
// and merged. The environment's token is for the event store: no program gets
// it, unless it is typed.
func TestProfileFromEverywhere(t *testing.T) {
	var tokens atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			tokens.Add(1)
		}
		httppprof.Index(w, r)
	}))
	defer web.Close()
	t.Setenv("EVTUI_TOKEN", "ns_of_the_store")
	t.Setenv("EVTUI_TOKEN_FILE", filepath.Join(t.TempDir(), "none"))
	heap := web.URL + "/debug/pprof/heap"
	for _, c := range []struct{ args, want string }{
		{"top " + heap, "Type: inuse_space"},
		{"top " + heap + " shop-heap-1.pb.gz --value alloc_space", "Type: alloc_space"},
		{"top shop-cpu-1.pb.gz shop-cpu-2.pb.gz -n 3", "Showing top 3 nodes"},
		{"diff " + heap + " " + heap, "Type: inuse_space"},
		{"callers shop-cpu-1.pb.gz shop-cpu-2.pb.gz main.work$", "| main.work"},
		{"flame shop-cpu-1.pb.gz shop-cpu-2.pb.gz -o svg", "shop-cpu-1.pb.gz and 1 more: cpu"},
	} {
		out, _, err := runProfile(t, strings.Fields(c.args)...)
		if err != nil || !strings.Contains(out, c.want) {
			t.Errorf("profile %s: %v\n%s", c.args, err, out)
		}
	}
	if n := tokens.Load(); n != 0 {
		t.Errorf("%d requests had the token of the environment", n)
	}
	if _, _, err := runProfile(t, "top", heap, "--token", "mine"); err != nil || tokens.Load() != 1 {
		t.Errorf("%d requests had the typed token, error %v", tokens.Load(), err)
	}
	if _, _, err := runProfile(t, "top", web.URL+"/debug/pprof/goroutine?debug=1"); err == nil || !strings.Contains(err.Error(), "fetch it without debug=") {
		t.Errorf("text: %v", err)
	}
	web.Close()
	if _, _, err := runProfile(t, "top", heap); command.ExitCode(err) != command.ExitTryAgain {
		t.Errorf("nobody there: exit %d, %v", command.ExitCode(err), err)
	}
}

func TestProfileFromStandardInput(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "profiler", "testdata", "shop-cpu-1.pb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		root := newRoot()
		root.SetIn(bytes.NewReader(data))
		root.SetOut(&out)
		root.SetErr(&bytes.Buffer{})
		root.SilenceErrors, root.SilenceUsage = true, true
		root.SetArgs(append([]string{"profile"}, args...))
		err := root.ExecuteContext(t.Context())
		return out.String(), err
	}
	if out, err := run("top", "-"); err != nil || !strings.Contains(out, "main.spin") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := run("top", "-", "-"); err == nil || !strings.Contains(err.Error(), "give - once") {
		t.Errorf("twice: %v", err)
	}
	if _, err := run("top", "-", "--diff-base", "-"); err == nil || !strings.Contains(err.Error(), "give - once") {
		t.Errorf("as its own base: %v", err)
	}
}

// TestInertText keeps what it is given in pieces together.
func TestInertText(t *testing.T) {
	var b bytes.Buffer
	w := output.NewInertText(&b, "")
	for _, piece := range []string{"a\tb", "\x1b[2Jc\n", "", "d\r\ne", "\u202ef\xff"} {
		if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Errorf("%d of %q, error %v", n, piece, err)
		}
	}
	if err := w.Flush(); err != nil || b.String() != "a\tb␛[2Jc\nd␍\ne‹U+202E›f\\xff" {
		t.Errorf("%q, error %v", b.String(), err)
	}
}
