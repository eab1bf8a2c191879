package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// promises returns the rows of the page's tables that have a column "shown
// by": what is promised, and the row as a whole.
func promises(root string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "reliability.md"))
	if err != nil {
		return nil, err
	}
	rows := map[string]string{}
	shown := false
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		switch {
		case len(cells) < 3:
			shown = false
		case strings.Contains(line, "| shown by |"):
			shown = true
		case shown && !strings.HasPrefix(line, "|--"):
			rows[strings.TrimSpace(cells[1])] = line
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("docs/reliability.md has no table with a column \"shown by\"")
	}
	return rows, nil
}

// check holds the mutations against the page: each promise is broken, by a
// mutation whose test its row names.
func check(rows map[string]string, list []mutation) (faults []string) {
	broken := map[string]bool{}
	for _, m := range list {
		found := 0
		for promise, row := range rows {
			if !strings.HasPrefix(promise, m.promise) {
				continue
			}
			found++
			broken[promise] = true
			if !strings.Contains(row, "`"+m.test+"`") {
				faults = append(faults, fmt.Sprintf("%s: its row does not name %s", m.promise, m.test))
			}
		}
		if found != 1 {
			faults = append(faults, fmt.Sprintf("%q begins %d rows of docs/reliability.md, not one", m.promise, found))
		}
	}
	for promise := range rows {
		if !broken[promise] {
			faults = append(faults, "nothing breaks: "+promise)
		}
	}
	return faults
}
