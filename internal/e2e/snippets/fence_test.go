package snippets

import (
	"slices"
	"testing"
)

func TestFences(t *testing.T) {
	text := "a ``` in a line\n```sh needs=docker,npm\none\n\ttwo\n```\n\n  ```\n  three\n  ```\n~~~sh apart by=pkg.TestIt\n```\n~~~\n````text\n```\n````\n"
	got, err := Fences("p.md", text)
	if err != nil || len(got) != 4 {
		t.Fatalf("%+v, %v", got, err)
	}
	if f := got[0]; f.Where() != "p.md:3" || f.Kind != "sh" || !slices.Equal(f.Needs, []string{"docker", "npm"}) || f.Text != "one\n\ttwo\n" {
		t.Errorf("the first is %+v", f)
	}
	if f := got[1]; f.Where() != "p.md:8" || f.Kind != "" || f.Text != "three\n" {
		t.Errorf("the second is %+v", f)
	}
	if f := got[2]; f.Apart != "line 11" || f.By != "pkg.TestIt" || f.Text != "```\n" {
		t.Errorf("the third is %+v", f)
	}
	if f := got[3]; f.Kind != "text" || f.Text != "```\n" {
		t.Errorf("the fourth is %+v", f)
	}
	for _, wrong := range []string{
		"```sh\nopen", "```sh later\n```\n", "```sh needs=\n```\n", "```sh needs=time\n```\n", "```sh apart=\n```\n",
		"> ```sh\n> evtui\n> ```\n", "- ```sh\n  evtui\n  ```\n", "1. ~~~\n",
	} {
		if got, err := Fences("p.md", wrong); err == nil {
			t.Errorf("%q is taken for %+v", wrong, got)
		}
	}
}

// TestNothingIsLeftOutUnmarked has every way in which a block might not be run:
// what is not marked as a placeholder runs, whatever it is, unless it calls one
// of a few tools that are not there.
func TestNothingIsLeftOutUnmarked(t *testing.T) {
	none := func(string) bool { return true }
	all := func(string) bool { return false }
	for _, one := range []struct {
		name, text    string
		missing       func(string) bool
		run, left, by string // the first lines of the blocks, and what the one left is for
	}{
		{"plain", "```sh\nevtui\n```\n", none, "evtui\n", "", ""},
		{"unknown program", "```sh\nevtuii --help\n```\n", none, "evtuii --help\n", "", ""},
		{"the word only", "```sh\nevtui append curl-1 make '{}' # curl, psql and docker run\n```\n", none, "evtui append curl-1 make '{}' # curl, psql and docker run\n", "", ""},
		{"says docker, unmarked", "```sh\ndocker run evtui\n```\n", none, "docker run evtui\n", "", ""},
		{"a tool that is there", "```sh\ncurl http://x\n```\n", all, "curl http://x\n", "", ""},
		{"a tool that is not", "```sh\nA=1 curl http://x\n```\n", none, "", "A=1 curl http://x\n", "curl"},
		{"in a function", "```sh\ncall() { curl -s \"$1\"; }\n```\n", none, "", "call() { curl -s \"$1\"; }\n", "curl"},
		{"in a pipe", "```sh\nevtui export - | gzip >x\n```\n", none, "", "evtui export - | gzip >x\n", "gzip"},
		{"a database", "```sh\nevtui --db-url postgres://a@b/c\n```\n", none, "", "evtui --db-url postgres://a@b/c\n", "postgres"},
		{"marked", "```sh needs=docker\ndocker run evtui\n```\n", all, "", "docker run evtui\n", "docker"},
		{"run elsewhere", "```sh by=internal/e2e.TestMessageDB\nnpm install\n```\n", all, "", "npm install\n", "internal/e2e.TestMessageDB"},
		{"apart", "```sh apart\nevtui\n```\n", none, "evtui\n", "", ""},
		{"in two sandboxes", "```sh\none\n```\n```sh apart=b\ntwo\n```\n```sh\nthree\n```\n```sh apart=b\nfour\n```\n", none, "one\nthree\ntwo\nfour\n", "", ""},
	} {
		fences, err := Fences("p.md", one.text)
		if err != nil {
			t.Fatal(err)
		}
		run, left := Plan(fences, one.missing)
		gotRun, gotLeft, gotFor := "", "", ""
		for _, blocks := range run {
			for _, b := range blocks {
				gotRun += b.Text
			}
		}
		for _, b := range left {
			gotLeft, gotFor = gotLeft+b.Text, b.For
			if b.Why == "" {
				t.Errorf("%s: it is left out without a reason", one.name)
			}
		}
		if gotRun != one.run || gotLeft != one.left || gotFor != one.by {
			t.Errorf("%s: %q runs, %q is left for %q", one.name, gotRun, gotLeft, gotFor)
		}
	}
}

func TestShown(t *testing.T) {
	for text, want := range map[string]string{
		"a line\n  evtui tail --data x\n": "evtui tail --data x",
		"$ ls\n":                          "$ ls",
		"evtui.example {\n  reverse_proxy 127.0.0.1\n}\n": "",
		"main.go   calls internal/cli\n":                  "",
		"curl\n":                                          "curl",
	} {
		if got := Shown(text); got != want {
			t.Errorf("%q shows %q, want %q", text, got, want)
		}
	}
}
