package cli

import (
	"bytes"
	"encoding/json"
	"github.com/evtui/evtui/internal/cli/command"
	"path/filepath"
	"strings"
	"testing"
)

// runProfile runs `evtui profile` with the arguments; FILE names stand for
// the profiles that the profiler's tests keep.
func runProfile(t *testing.T, args ...string) (out, errs string, err error) {
	t.Helper()
	for i, arg := range args {
		if strings.HasSuffix(arg, ".pb.gz") {
			args[i] = filepath.Join("..", "..", "profiler", "testdata", arg)
		}
	}
	var o, e bytes.Buffer
	root := newRoot()
	root.SetOut(&o)
	root.SetErr(&e)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetArgs(append([]string{"profile"}, args...))
	err = root.ExecuteContext(t.Context())
	return o.String(), e.String(), err
}

func TestProfileCommands(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string
	}{
		{"top shop-cpu-1.pb.gz -n 3", []string{"Showing top 3 nodes", "870ms 32.83%  main.spin"}},
		{"top shop-heap-2.pb.gz --value alloc_objects --cum", []string{"Type: alloc_objects"}},
		{"top shop-cpu-1.pb.gz --omit-ui --tagfocus method=stream.write", []string{"tagfocus=method=stream.write"}},
		{"top shop-cpu-1.pb.gz --label method=stream.write --label !actor=ui", []string{"Type: cpu"}},
		{"labels shop-cpu-1.pb.gz --label actor=commit", []string{"actor      commit"}},
		{"flame shop-cpu-1.pb.gz --min 10 --ascii", []string{"#################### all", "main.work"}},
		{"flame shop-cpu-1.pb.gz -o svg", []string{"<svg ", "main.work", "</svg>"}},
		{"flame shop-cpu-1.pb.gz -o folded", []string{"main.work;runtime/pprof.Do;"}},
		{"callers shop-cpu-1.pb.gz main.work$", []string{"calls% + context", "| main.work"}},
		{"lines nosymbols.pb.gz .", nil},
		{"labels shop-cpu-1.pb.gz", []string{"LABEL", "namespace  default", "actor      commit"}},
		{"diff shop-cpu-1.pb.gz shop-cpu-2.pb.gz -n 5", []string{"Showing top 5 nodes", "-"}},
		{"top shop-cpu-2.pb.gz --base shop-cpu-1.pb.gz --normalize", []string{"Type: cpu"}},
	} {
		out, _, err := runProfile(t, strings.Fields(c.args)...)
		if (err != nil) != (c.want == nil) {
			t.Errorf("profile %s: %v", c.args, err)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("profile %s: no %q in\n%s", c.args, want, out)
			}
		}
	}
}

func TestProfileJSON(t *testing.T) {
	out, _, err := runProfile(t, "top", "shop-cpu-1.pb.gz", "-o", "json", "-n", "2")
	var got []profileRow
	if err != nil || json.Unmarshal([]byte(out), &got) != nil || len(got) != 2 || got[0].Function != "main.spin" || got[0].Flat <= 0 {
		t.Errorf("%+v, error %v", got, err)
	}
}

func TestProfileFaults(t *testing.T) {
	for args, want := range map[string]int{
		"nothing":                          command.ExitUsage,
		"--duration 10ms":                  command.ExitUsage,
		"--workers 0":                      command.ExitUsage,
		"top":                              command.ExitUsage,
		"top none":                         command.ExitFailed,
		"callers shop-cpu-1.pb.gz nobody":  command.ExitFailed,
		"top shop-cpu-1.pb.gz --focus (":   command.ExitFailed,
		"top shop-cpu-1.pb.gz --label =x":  command.ExitUsage,
		"top shop-cpu-1.pb.gz --normalize": command.ExitUsage,
		"top shop-cpu-1.pb.gz --base shop-cpu-2.pb.gz --diff-base shop-cpu-2.pb.gz": command.ExitUsage,
		"diff shop-cpu-1.pb.gz shop-heap-1.pb.gz":                                   command.ExitFailed,
		"flame shop-cpu-1.pb.gz -o png":                                             command.ExitUsage,
	} {
		out, _, err := runProfile(t, strings.Fields(args)...)
		if got := command.ExitCode(err); got != want || out != "" {
			t.Errorf("profile %s: exit %d (%v), want %d; printed %q", args, got, err, want, out)
		}
	}
	if _, errs, err := runProfile(t, "top", "shop-cpu-1.pb.gz", "--ignore", "nobody"); err != nil || !strings.Contains(errs, "Ignore expression matched no samples") {
		t.Errorf("warning %q, error %v", errs, err)
	}
}

// TestProfileLabel cuts exactly, where --tagfocus cuts by expression.
func TestProfileLabel(t *testing.T) {
	total := func(labels ...string) int64 {
		args := []string{"top", "shop-cpu-1.pb.gz", "--all", "-o", "json"}
		for _, label := range labels {
			args = append(args, "--label", label)
		}
		out, _, err := runProfile(t, args...)
		var rows []profileRow
		if err != nil || json.Unmarshal([]byte(out), &rows) != nil {
			t.Fatalf("%v: %s", err, out)
		}
		var sum int64
		for _, r := range rows {
			sum += r.Flat
		}
		return sum
	}
	all, write, others := total(), total("method=stream.write"), total("!method=stream.write")
	if write <= 0 || others <= 0 || write+others != all {
		t.Errorf("of %d: %d write, %d do not", all, write, others)
	}
	marked, unmarked := total("actor"), total("!actor")
	if marked <= 0 || unmarked <= 0 || marked+unmarked != all {
		t.Errorf("of %d: %d are of an actor, %d of none", all, marked, unmarked)
	}
	if both := total("method=stream.write", "!method=stream.write"); both != 0 {
		t.Errorf("%d are both", both)
	}
	if part := total("method=stream"); part != 0 {
		t.Errorf("%d of a part of the name", part)
	}
}

// profileRow is what the tests look at of a row of profile top.
type profileRow struct {
	Function string
	Flat     int64
}
