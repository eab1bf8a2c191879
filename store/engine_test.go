package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
)

// TestEventKindsAreAll looks for kinds of events that the list leaves out.
func TestEventKindsAreAll(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "engine.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Event") {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		kind, err := strconv.Unquote(literal.Value)
		if found++; err != nil || !slices.Contains(store.EventKinds(), kind) {
			t.Errorf("the kinds lack %s, %s", spec.Names[0].Name, literal.Value)
		}
		return true
	})
	if kinds := store.EventKinds(); found != len(kinds) || len(slices.Compact(slices.Sorted(slices.Values(kinds)))) != found {
		t.Errorf("%d kinds of events, %d are listed", found, len(kinds))
	}
}
