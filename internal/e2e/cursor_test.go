package e2e

import (
	"regexp"
	"testing"
)

// TestTimeCursor writes, stops, walks back to when there was traffic, and finds
// every page at that second; then it is live again.
func TestTimeCursor(t *testing.T) {
	dir := t.TempDir()
	term := mustOpen(t, 140, 40, "--data", dir, "--listen", "127.0.0.1:0")
	mustSee(t, term, "1 Overview", "ns default")
	load := mustLaunch(t, "load", "--data", dir, "--duration", "0", "--workers", "2", "--rate", "500", "--streams", "50")
	mustMatch(t, term, `appended [1-9][\d,]*/s`)
	mustMatch(t, term, `▾ \d+ flush|\+ 1 opened|\+ 1 created|appended [1-9]\d+/s`)
	load.Kill()
	mustMatch(t, term, `default +0 w/s`)

	// Axis of a minute: a stroke is a second.
	mustPress(t, term, "+")
	mustSee(t, term, "last 1m")
	busy := regexp.MustCompile(`at (\d\d:\d\d:\d\d) .* ([1-9][\d,]*) w/s`)
	at := regexp.MustCompile(`at (\d\d:\d\d:\d\d) `)
	var then, before string
	for range 40 {
		mustPress(t, term, "h")
		screen, err := term.Await("an earlier second", patience, func(s Screen) bool {
			m := at.FindStringSubmatch(s.Line(0))
			return s.Has("as of ") && m != nil && m[1] != before
		})
		if err != nil {
			t.Fatal(err)
		}
		before = at.FindStringSubmatch(screen.Line(0))[1]
		if found := busy.FindStringSubmatch(screen.Line(0)); found != nil {
			then = found[1]
			break
		}
	}
	if then == "" {
		t.Fatalf("no second with writes within forty:\n%s", term.Screen().Text())
	}
	mustSee(t, term, "as of "+then, "busiest categories")
	for page, texts := range map[string][]string{
		"2": {"messages from " + then}, "3": {"as of " + then, "as of " + then}, "4": {"Groups"},
		"5": {"as of " + then, "all open namespaces together"}, "7": {"of now, not " + then},
	} {
		mustPress(t, term, page)
		mustSee(t, term, append(texts, "at "+then)...)
	}
	mustPress(t, term, "0", "1")
	if _, err := term.Await("live again", patience, func(s Screen) bool { return !s.Has("as of ") && s.Has("0 w/s") }); err != nil {
		t.Error(err)
	}
	mustPress(t, term, ":")
	if err := term.Type("at -1s\r"); err != nil {
		t.Fatal(err)
	}
	mustSee(t, term, "as of ", " ago")
	mustPress(t, term, "esc")
	if _, err := term.Await("live again by esc", patience, func(s Screen) bool { return !s.Has("as of ") }); err != nil {
		t.Error(err)
	}
	mustQuit(t, term)
}
