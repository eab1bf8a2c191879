package e2e

import (
	"fmt"
	"testing"
)

// TestGroupLab reads a category as a group of three of which one member never comes, and
// once as somebody who tries it out, records a position as Eventide's consumers do, and
// looks at all of them: the page opens on them, the worst first. Then it changes the size.
func TestGroupLab(t *testing.T) {
	dir := t.TempDir()
	server, c := mustServe(t, dir)
	defer server.Kill()
	write := func(n int, stream string) {
		t.Helper()
		for i := range n {
			var at struct{ Position int64 }
			if err := c.call(&at, "stream.write", fmt.Sprintf("%s-%d", stream, i%12), map[string]any{"type": "Placed", "data": map[string]any{"n": i}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(60, "order")
	write(60, "noise")
	var none any
	if err := c.call(&none, "stream.write", "order:position-billing", map[string]any{"type": "Recorded", "data": map[string]any{"position": 40}}); err != nil {
		t.Fatal(err)
	}
	// The first has done what it was given, the last has yet to; both come back. Of the
	// group of seven somebody reads once.
	for _, read := range [][3]int{{0, 1, 3}, {0, 121, 3}, {2, 1, 3}, {2, 1, 3}, {5, 1, 7}} {
		group := map[string]any{"position": read[1], "batchSize": 1000, "consumerGroup": map[string]any{"member": read[0], "size": read[2]}}
		if err := c.call(&none, "category.get", "order", group); err != nil {
			t.Fatal(err)
		}
	}
	term := mustOpen(t, 160, 40, "attach", c.url, "--token", c.token)
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "4")
	mustSee(t, term, "Groups › consumers", "4 consumers")
	mustMatch(t, term, `order +– +0 of 3 +0 .*caught up .*category\.get`)
	mustMatch(t, term, `order +– +1 of 3 +\? .*! never seen`)
	mustMatch(t, term, `order +– +2 of 3 +\d+ .*category\.get`)
	mustMatch(t, term, `order +billing +– +20 .*position stream +41`)
	mustMatch(t, term, `order +– +5 of 7 +– +– +– +once`)
	if _, err := term.Await("nobody is missing of the group of seven", patience, func(s Screen) bool { return !s.Has("4 of 7") }); err != nil {
		t.Error(err)
	}
	// A consumer's lag grows while others write to its category, and only then.
	write(30, "noise")
	write(30, "order")
	mustMatch(t, term, `order +billing +– +50 .*position stream +41`)
	// Enter leads to the very message at which the one under the cursor stands.
	mustPress(t, term, "\\")
	if err := term.Type("bill\r"); err != nil {
		t.Fatal(err)
	}
	mustSee(t, term, "filter bill", "1–1 of 1")
	mustPress(t, term, "enter")
	mustSee(t, term, "order › order-4") // the 41st message of 60 over 12 streams
	mustPress(t, term, "4")
	mustPress(t, term, "g", "k")
	mustMatch(t, term, `order +4 members +12 streams +90 messages`)
	mustPress(t, term, "+")
	mustMatch(t, term, `4 → 5 members moves \d+ of 12 streams`)
	mustPress(t, term, "]")
	mustMatch(t, term, `order-\d+ +\d +\d +\d+`)
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
}
