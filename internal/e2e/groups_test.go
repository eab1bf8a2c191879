package e2e

import (
	"fmt"
	"testing"
)

// TestGroupLab reads a category as a group of three of which one member never
// comes, records a position as Eventide's consumers do, and looks at all of
// them; then it changes the size.
func TestGroupLab(t *testing.T) {
	dir := t.TempDir()
	server, c := mustServe(t, dir)
	defer server.Kill()
	for i := range 60 {
		var at struct{ Position int64 }
		if err := c.call(&at, "stream.write", fmt.Sprintf("order-%d", i%12), map[string]any{"type": "Placed", "data": map[string]any{"n": i}}); err != nil {
			t.Fatal(err)
		}
	}
	var none any
	if err := c.call(&none, "stream.write", "order:position-billing", map[string]any{"type": "Recorded", "data": map[string]any{"position": 40}}); err != nil {
		t.Fatal(err)
	}
	// The first has done what it was given, the last has yet to.
	for _, read := range [][2]int{{0, 1}, {0, 61}, {2, 1}} {
		member, position := read[0], read[1]
		group := map[string]any{"position": position, "batchSize": 1000, "consumerGroup": map[string]any{"member": member, "size": 3}}
		if err := c.call(&none, "category.get", "order", group); err != nil {
			t.Fatal(err)
		}
	}
	term := mustOpen(t, 160, 40, "attach", c.url, "--token", c.token)
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "4")
	mustMatch(t, term, `order +4 members +12 streams +60 messages`)
	mustPress(t, term, "[")
	mustMatch(t, term, `member 0 of 3 +61 +0 .*caught up .*category\.get`)
	mustMatch(t, term, `member 1 of 3 +unknown +unknown .*never`)
	mustMatch(t, term, `member 2 of 3 +1 +60 `)
	mustMatch(t, term, `billing +41 +20 .*position stream`)
	// A member's lag grows while it is silent and others write.
	for i := range 30 {
		if err := c.call(&none, "stream.write", fmt.Sprintf("order-%d", i%12), map[string]any{"type": "Placed", "data": map[string]any{"n": i}}); err != nil {
			t.Fatal(err)
		}
	}
	mustMatch(t, term, `billing +41 +5[01] `)
	mustPress(t, term, "]", "enter", "+")
	mustMatch(t, term, `4 → 5 members moves \d+ of 12 streams`)
	mustPress(t, term, "]")
	mustMatch(t, term, `order-\d+ +\d +\d +\d+`)
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
}
