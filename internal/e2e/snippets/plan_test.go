package snippets

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// placeholders are what makes a block a placeholder, which nothing runs, and why
// not. A block says so behind its fence: needs=docker.
var placeholders = map[string]string{
	"cluster":    "it would speak to machines that are not here",
	"docker":     "it would start containers from an image that is not built here",
	"kubernetes": "it would change the cluster that kubectl is set up for",
	"npm":        "it would install packages from the internet",
}

// tools are those that a snippet may need and a machine with nothing but Go and
// git may not have, with what gives them away. Any other that is missing makes
// the snippet fail.
var tools = map[string]*regexp.Regexp{
	"curl":     called("curl"),
	"gzip":     called("gzip"),
	"jq":       called("jq"),
	"make":     called("make"),
	"nats":     regexp.MustCompile(`\b(nats|tls)://\w`),
	"postgres": regexp.MustCompile(`postgres://|\bpsql\b`),
	"psql":     called("psql"),
	"ssh":      called("ssh"),
}

// called matches where a shell calls a program.
func called(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)(^|[|;&({]|\b(then|do|else)\b)[ \t]*(\w+=\S+[ \t]+)*` + name + `([ \t]|$)`)
}

// shellComment is what a shell does not look at. It takes too little where a #
// stands in quotes, and never what is called.
var shellComment = regexp.MustCompile(`(?m)(^|[ \t])#[^'"\n]*$`)

// Left is a block that is not run here, and why.
type Left struct {
	Fence
	For string // the placeholder's need, the test that runs it, or the tool that is wanting
	Why string
}

// Plan divides blocks of a shell into what runs, each list in a sandbox of its
// own, and what does not. What is left is marked as a placeholder or as run by
// another test, or calls a tool that is not here; what stands in one sandbox by
// its name goes on from what is before it, and is left with that.
func Plan(fences []Fence, missing func(tool string) bool) (run [][]Fence, left []Left) {
	named := map[string]int{}   // where the blocks of a name are in run
	broken := map[string]Left{} // what lacks a tool, by the name that it has
	for _, fence := range fences {
		what, why := fence.left(missing)
		if before, is := broken[fence.Apart]; is && why == "" {
			what, why = before.For, "it goes on from "+before.Where()
		}
		if why != "" {
			one := Left{fence, what, why}
			left = append(left, one)
			if fence.Apart != "" && tools[what] != nil {
				broken[fence.Apart] = one
			}
			continue
		}
		at, there := named[fence.Apart]
		if !there {
			at = len(run)
			named[fence.Apart] = at
			run = append(run, nil)
		}
		run[at] = append(run[at], fence)
	}
	return run, left
}

func (f Fence) left(missing func(tool string) bool) (what, why string) {
	if len(f.Needs) > 0 {
		return f.Needs[0], placeholders[f.Needs[0]]
	}
	if f.By != "" {
		return f.By, "this test runs it"
	}
	text := shellComment.ReplaceAllString(f.Text, "$1")
	for _, tool := range slices.Sorted(maps.Keys(tools)) {
		if tools[tool].MatchString(text) && missing(tool) {
			return tool, "it is not on this machine"
		}
	}
	return "", ""
}

// shown finds what a block that calls itself text shows of a shell all the same. A
// key of a configuration, as in jq = "…", is no command.
var shown = regexp.MustCompile(`(?m)^[ \t]*(\$ .*|(evtui|curl|go|git|make|psql|ssh|docker|kubectl|npm|brew|apt|apt-get|systemctl|journalctl|jq|cat|export|sudo)( [^=\n].*|$))`)

// Shown returns the first command that a text shows, or "".
func Shown(text string) string { return strings.TrimSpace(shown.FindString(text)) }
