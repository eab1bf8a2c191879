package tui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// widgets are the folders of what knows nothing of evtui.
var widgets = []string{"chart", "flame", "grid", "jsonview"}

// What a folder below tui is, from what stands lowest. A folder that is not named here is
// a page.
const (
	isWidget = iota + 1
	isContract
	isKit
	isTab // of a page, in a folder below it
	isPage
)

func rank(folder string) int {
	switch {
	case slices.Contains(widgets, folder):
		return isWidget
	case folder == "page":
		return isContract
	case folder == "kit":
		return isKit
	case strings.Contains(folder, "/"):
		return isTab
	}
	return isPage
}

// TestArrows reads who imports whom below tui: widgets know only widgets, page
// knows neither kit nor a page, kit no page, and no page another one nor another's tabs.
// The linter holds that as well, where it is told of the folder.
func TestArrows(t *testing.T) {
	const root = "github.com/evtui/evtui/tui/"
	rules, err := os.ReadFile("../.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	err = filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
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
			if elsewhere := ofPage && page != "page" && page != folder; path+"/" == root || below && elsewhere || below && (rank(to) > rank(folder) || rank(to) == rank(folder) && rank(to) != isWidget) {
				t.Errorf("%s imports %s", file, path)
				if rank(to) == isPage && !strings.Contains(string(rules), path+"$") {
					t.Logf("%s is taken for a page: a widget stands in the list widgets of this test and under widgets in .golangci.yml", to)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < len(widgets)+2+len(registry()) {
		t.Errorf("only %d folders were read", len(seen))
	}
	for folder := range seen {
		switch rule := "pkg: " + root + folder + "$\n"; {
		case rank(folder) == isPage && !strings.Contains(string(rules), rule):
			t.Errorf("%s is a page, which the rule pages in .golangci.yml does not name: %s", folder, rule)
		case rank(folder) == isWidget && !strings.Contains(string(rules), "**/tui/"+folder+"/**"):
			t.Errorf("%s is a widget, which the rule widgets in .golangci.yml does not name", folder)
		}
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
