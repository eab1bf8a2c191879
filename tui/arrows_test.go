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

// TestNoStructIsWide counts the methods of each type below tui, with those of what it
// embeds of its own package: one that has many is several nouns, and one noun under a
// second name is no second one.
func TestNoStructIsWide(t *testing.T) {
	const most, ofRoot = 50, 42
	methods := map[string]int{}       // by folder and type
	embedded := map[string][]string{} // by folder and type, what it embeds
	err := filepath.WalkDir(".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(file)) + " "
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					methods[folder+ownName(n.Recv.List[0].Type)]++
				}
			case *ast.TypeSpec:
				if of, ok := n.Type.(*ast.StructType); ok {
					for _, field := range of.Fields.List {
						if name := ownName(field.Type); len(field.Names) == 0 && name != "" {
							embedded[folder+n.Name.Name] = append(embedded[folder+n.Name.Name], folder+name)
						}
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for of := range embedded {
		methods[of] += 0 // one that has none of its own
	}
	for of := range methods {
		if n := methodsOf(of, methods, embedded); n > most || of == ". app" && n > ofRoot {
			t.Errorf("%s has %d methods", of, n)
		}
	}
	if methods[". app"] == 0 {
		t.Errorf("the root was not found among %d types", len(methods))
	}
}

// methodsOf counts the methods of a type and of all that it embeds.
func methodsOf(of string, methods map[string]int, embedded map[string][]string) int {
	n := methods[of]
	for _, in := range embedded[of] {
		n += methodsOf(in, methods, embedded)
	}
	return n
}

// ownName is the name of a type of the same package; "" for another one.
func ownName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return ownName(e.X)
	case *ast.IndexExpr:
		return ownName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
