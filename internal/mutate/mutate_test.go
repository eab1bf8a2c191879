package main

import (
	"path/filepath"
	"testing"
)

// TestMutationsFit holds the table against the page and the source: each promise
// is broken, by a test that its row names, and what is to be changed is there.
func TestMutationsFit(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := promises(root)
	if err != nil {
		t.Fatal(err)
	}
	all, err := mutations()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range check(rows, all) {
		t.Error(fault)
	}
	for _, m := range all {
		if _, err := m.overlay(root, t.TempDir()); err != nil {
			t.Errorf("%s → %s: %v", m.promise, m.broken, err)
		}
	}
}
