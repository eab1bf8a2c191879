package config

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Reducer is a jq program of the user's own that makes states of a category's
// messages.
type Reducer struct {
	Line     int
	Category string
	JQ       string // the program; "": it stands in File
	File     string // absolute
}

// Program returns what is to be run, out of its file if it names one.
func (r *Reducer) Program() (string, error) {
	if r.File == "" {
		return r.JQ, nil
	}
	raw, err := os.ReadFile(r.File)
	if err != nil {
		return "", fmt.Errorf("read the reducer of category %q: %w", r.Category, err)
	}
	return string(raw), nil
}

// ReducerKeys are the keys of one reducer, with what they are for.
func ReducerKeys() []Setting {
	return []Setting{
		{Key: "category", Example: `"account"`, Help: "The category whose streams it is for. Required."},
		{Key: "jq", Example: `".balance += $event.data.amount"`, Help: "The program: `.` is the state so far, null at first, `$event` the message; what it puts out is the state after it."},
		{Key: "file", Kind: FileName, Example: `"account.jq"`, Help: "The file in which the program stands, instead of `jq`."},
	}
}

const reducerExample = "[[reducer]]\ncategory = \"account\"\njq = \".balance += $event.data.amount\""

// reducers takes [[reducer]] tables.
func (p *parser) reducers(raw toml.Primitive) {
	var tables []map[string]toml.Primitive
	line, value := p.look(raw)
	if _, ok := value.([]map[string]any); !ok || p.meta.PrimitiveDecode(raw, &tables) != nil {
		p.wrong(line, "reducer must be a list of tables, such as\n%s", reducerExample)
		return
	}
	lines := reducerHeads.FindAllStringIndex(p.text, -1)
	for i, table := range tables {
		if len(lines) == len(tables) {
			line = strings.Count(p.text[:lines[i][1]], "\n") + 1
		}
		p.reducer(Reducer{Line: line}, table)
	}
}

// reducerHeads finds where the tables begin: the decoder keeps one line a key, and
// all of them have the same keys.
var reducerHeads = regexp.MustCompile(`(?m)^[ \t]*\[\[[ \t]*reducer[ \t]*\]\]`)

func (p *parser) reducer(made Reducer, table map[string]toml.Primitive) {
	before := len(p.problems)
	for _, key := range p.order(table) {
		_, value := p.look(table[key])
		p.reducerKey(&made, key, made.Line, value)
	}
	if len(p.problems) > before {
		return
	}
	for _, other := range p.file.Reducers {
		if other.Category == made.Category {
			p.wrong(made.Line, "category %q has a reducer already, on line %d", made.Category, other.Line)
			return
		}
	}
	switch {
	case made.Category == "":
		p.wrong(made.Line, "a reducer needs a category, such as\n%s", reducerExample)
	case (made.JQ == "") == (made.File == ""):
		p.wrong(made.Line, "the reducer of category %q needs a program: either jq or file", made.Category)
	default:
		p.file.Reducers = append(p.file.Reducers, made)
		if p.checks.Reducer == nil {
			return
		}
		if err := p.checks.Reducer(&made); err != nil {
			p.wrong(made.Line, "the reducer of category %q: %v", made.Category, err)
		}
	}
}

// reducerKey takes one key of a reducer.
func (p *parser) reducerKey(made *Reducer, key string, line int, value any) {
	known := ReducerKeys()
	at := slices.IndexFunc(known, func(s Setting) bool { return s.Key == key })
	if at < 0 {
		names := make([]string, len(known))
		for i := range known {
			names[i] = known[i].Key
		}
		p.wrong(line, "unknown key %q of a reducer%s", key, suggest(key, names))
		return
	}
	given, ok := texts(known[at].Kind, value)
	if !ok {
		p.wrong(line, "the %s of a reducer must be %s, such as %s = %s", key, known[at].Kind, key, known[at].Example)
		return
	}
	switch key {
	case "category":
		made.Category = given[0]
	case "jq":
		made.JQ = given[0]
	case "file":
		var err error
		if made.File, err = beside(p.file.Path, given[0]); err != nil {
			p.wrong(line, "the file of a reducer %v", err)
		}
	}
}
