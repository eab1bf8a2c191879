package tui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestArrows reads who imports whom below tui: widgets know only widgets, page
// knows neither kit nor a page, kit no page, and no page another one nor another's tabs. A folder
// that is not named here is a page.
func TestArrows(t *testing.T) {
	const root = "github.com/evtui/evtui/tui/"
	rank := func(folder string) int {
		switch {
		case slices.Contains([]string{"chart", "flame", "grid", "jsonview"}, folder):
			return 1
		case folder == "page":
			return 2
		case folder == "kit":
			return 3
		case strings.Contains(folder, "/"):
			return 4 // a tab of a page, in a folder below it
		}
		return 5
	}
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		folder := filepath.ToSlash(filepath.Dir(file))
		if err != nil || folder == "." || strings.HasSuffix(folder, "pagetest") || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		seen[folder] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			to, below := strings.CutPrefix(path, root)
			page, _, ofPage := strings.Cut(to, "/")
			if elsewhere := ofPage && page != "page" && page != folder; path+"/" == root || below && elsewhere || below && (rank(to) > rank(folder) || rank(to) == rank(folder) && rank(to) > 1) {
				t.Errorf("%s imports %s", file, path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 4+2+len(registry()) {
		t.Errorf("only %d folders were read", len(seen))
	}
}

// TestNoStructIsWide counts the methods of each type below tui: one that has many is
// several nouns.
func TestNoStructIsWide(t *testing.T) {
	const most, ofRoot = 50, 42
	methods := map[string]int{} // by folder and type
	err := filepath.WalkDir(".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			if of, method := d.(*ast.FuncDecl); method && of.Recv != nil {
				methods[filepath.ToSlash(filepath.Dir(file))+" "+receiver(of.Recv.List[0].Type)]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for of, n := range methods {
		if n > most || of == ". app" && n > ofRoot {
			t.Errorf("%s has %d methods", of, n)
		}
	}
	if methods[". app"] == 0 {
		t.Errorf("the root was not found among %d types", len(methods))
	}
}

// receiver is the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
