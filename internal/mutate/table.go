package main

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed mutations.txt
var table string

// mutations reads the table, which says how it is written.
func mutations() ([]mutation, error) {
	var list []mutation
	for n, line := range strings.Split(table, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if promise, ok := strings.CutPrefix(line, "promise: "); ok {
			list = append(list, mutation{promise: promise})
			continue
		}
		if len(list) == 0 || !list[len(list)-1].take(line) {
			return nil, fmt.Errorf("line %d of mutations.txt is none of a mutation: %s", n+1, line)
		}
	}
	return list, nil
}

// take reads a further line of a mutation.
func (m *mutation) take(line string) bool {
	if below, ok := strings.CutPrefix(line, "-- "); ok {
		m.edits = append(m.edits, edit{below: below})
		return true
	}
	if len(m.edits) > 0 {
		return m.edits[len(m.edits)-1].take(line)
	}
	key, value, _ := strings.Cut(line, ": ")
	switch key {
	case "broken":
		m.broken = value
	case "test":
		m.test = value
	case "part":
		m.part = value
	case "flags":
		m.flags = strings.Fields(value)
	case "quick":
		m.quick = value == "yes"
	default:
		return false
	}
	return true
}

// take reads a line of a file that is taken out or put in.
func (e *edit) take(line string) bool {
	switch line[0] {
	case '-':
		e.old += line[1:] + "\n"
	case '+':
		e.new += line[1:] + "\n"
	default:
		return false
	}
	return true
}
