package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestStoryElsewhere asks the same four questions of the same shop in evtui's own
// store, in SQLite and in a Message DB, where no counts by type are kept: the
// answers are the same.
func TestStoryElsewhere(t *testing.T) {
	m := mustMove(t)
	reducer := `.balance += (if $event.type == "Withdrawn" then -$event.data.amount else $event.data.amount // 0 end)`
	if err := os.WriteFile(filepath.Join(m.dir, "balance.jq"), []byte(reducer), 0o600); err != nil {
		t.Fatal(err)
	}
	m.run(t, "evtui load --data shop --story && evtui export shop.ndjson --data shop")
	m.run(t, "evtui import shop.ndjson --db-url sqlite://"+filepath.Join(m.dir, "sql", "meta.db"))
	database := m.server.Create(t, "TEMPLATE template0")
	m.server.MessageDB(t, database)
	m.run(t, "psql -X -q -d "+database+" -f import.sql <shop.ndjson >report.ndjson")
	targets := []string{"--data shop", "--db-url sqlite://" + filepath.Join(m.dir, "sql", "meta.db"), "--db-url '" + m.server.URL(database).String() + "'"}
	for _, question := range []string{
		"types -o csv",
		"types order OrderPlaced --read 0 -o csv",
		"flow order -o csv",
		"flow order --variants -o csv",
		"flow order --first OrderPlaced --then OrderShipped -o csv",
		"state account-1001 --reducer balance.jq --until '.balance < 0' -o ndjson",
		"state account-1001 --position 7",
		"causes order-5668#2 -o csv",
		"causes --hops payment -o csv",
	} {
		var first string
		for i, target := range targets {
			answer := plain(m.run(t, "evtui "+question+" "+target+" 2>/dev/null"))
			switch {
			case answer == "":
				t.Errorf("%s %s: no answer", question, target)
			case i == 0:
				first = answer
			case answer != first:
				t.Errorf("%s %s\n%s\nwhere evtui's own store says\n%s", question, target, answer, first)
			}
		}
	}
}

// estimate is a number of distinct values that another run may count otherwise.
var estimate = regexp.MustCompile(`(?m),\d+,true,`)

// plain is an answer without what may differ: estimates, and the order of an
// object's members, which jsonb changes, with that of the rows that follow it.
func plain(text string) string {
	lines := strings.Split(estimate.ReplaceAllString(text, ",about,true,"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(strings.TrimSpace(line), ",")
	}
	slices.Sort(lines)
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
