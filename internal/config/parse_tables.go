package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// section is a table of the file of which all keys are known.
type section struct {
	line int    // where it begins; 0: where its first key stands
	only bool   // line is all that is known of where its keys stand
	of   string // how a key is said to be of it: "in contexts.prod"
	name func(key string) string
	keys []Setting
	// set takes what stands under a key; its error says what is wrong with that.
	set func(s Setting, given []string) error
}

// sectionNamed returns a section whose keys are named after it. line is where it begins.
func sectionNamed(name string, line int, keys []Setting, set func(Setting, []string) error) *section {
	return &section{line: line, of: "in " + name, name: func(key string) string { return name + "." + key }, keys: keys, set: set}
}

// section takes the keys of a table, and reports whether all is right with them.
func (p *parser) section(t *section, table map[string]toml.Primitive) bool {
	before := len(p.problems)
	for _, key := range p.order(table) {
		line, value := p.look(table[key])
		switch {
		case t.only:
			line = t.line
		case t.line == 0 || line < t.line:
			t.line = line
		}
		p.sectionKey(t, key, line, value)
	}
	return len(p.problems) == before && table != nil
}

func (p *parser) sectionKey(t *section, key string, line int, value any) {
	at := slices.IndexFunc(t.keys, func(s Setting) bool { return s.Key == key })
	if at < 0 {
		p.wrong(line, "unknown key %q %s%s", key, t.of, suggest(key, keysOf(t.keys)))
		return
	}
	s := t.keys[at]
	given, ok := s.texts(value)
	if !ok {
		p.wrong(line, "%s must be %s, such as %s = %s", t.name(key), s.Kind, key, s.Example)
		return
	}
	if err := t.set(s, given); err != nil {
		p.wrong(line, "%s: %v", t.name(key), err)
	}
}

// named takes the tables [KIND.NAME], whose names must match a pattern; rule says which.
func (p *parser) named(kind, example string, pattern, rule string, raw toml.Primitive, take func(name string, line int, table map[string]toml.Primitive)) {
	tables, names := p.table(kind, example, raw), regexp.MustCompile(pattern)
	for _, name := range p.order(tables) {
		line, _ := p.look(tables[name])
		if !names.MatchString(name) {
			p.wrong(line, "%s, not %q", rule, name)
			continue
		}
		take(name, line, p.table(kind+"."+name, example, tables[name]))
	}
}

// contextName is what a context's name must match. It takes a megabyte once it is compiled,
// which is done for files that name contexts.
const contextName = `^[\pL\pN_.-]{1,40}$`

// contexts takes [contexts.NAME] tables.
func (p *parser) contexts(raw toml.Primitive) {
	const (
		example = "[contexts.prod]\nurl = \"https://events.example.com\""
		rule    = "a context's name is made of up to 40 letters, digits, and _ . -"
	)
	p.named("contexts", example, contextName, rule, raw, func(name string, line int, table map[string]toml.Primitive) {
		c := Context{Name: name}
		t := sectionNamed("contexts."+name, line, ContextKeys(), func(s Setting, given []string) error { return c.set(p.file.Path, s, given[0]) })
		whole := p.section(t, table)
		switch c.Line = t.line; {
		case !whole:
		case c.URL == "":
			p.wrong(c.Line, "contexts.%s has no url, such as url = \"https://events.example.com\"", c.Name)
		case c.Token != "" && c.TokenFile != "":
			p.wrong(c.Line, "contexts.%s has both token and token_file; keep one of them", c.Name)
		default:
			p.file.Contexts = append(p.file.Contexts, c)
		}
	})
}

func (c *Context) set(path string, s Setting, value string) (err error) {
	switch s.Key {
	case "url":
		c.URL = value
		if u, e := url.Parse(value); e != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			err = fmt.Errorf("must be a URL such as https://events.example.com, not %q", value)
		}
	case "token":
		c.Token = value
	case "token_file":
		c.TokenFile, err = beside(path, value)
	case "tls_ca":
		c.TLSCA, err = beside(path, value)
	case "namespace":
		c.Namespace = value
	case "colour":
		c.Colour = value
		if _, e := s.ForFlag(value); e != nil && !regexp.MustCompile(`^#[0-9a-fA-F]{6}$`).MatchString(value) {
			err = fmt.Errorf("%w and not #rrggbb", e)
		}
	case "read_only":
		c.ReadOnly = value == "true"
	}
	return err
}

// plugins takes [plugins.NAME] tables.
func (p *parser) plugins(raw toml.Primitive) {
	const (
		example = "[plugins.peek]\nkey = \"ctrl+t\"\ncommand = [\"my-program\"]"
		rule    = "a plugin's name is made of up to 40 small letters, digits, _ and -"
	)
	p.named("plugins", example, pluginName, rule, raw, func(name string, line int, table map[string]toml.Primitive) {
		made := Plugin{Name: name, Writes: true}
		t := sectionNamed("plugins."+name, line, PluginKeys(), func(s Setting, given []string) error {
			switch s.Key {
			case "command":
				made.Command = given
			case "key":
				made.Key = given
			case "help":
				made.Help = given[0]
			case "writes":
				made.Writes = given[0] == "true"
			}
			return nil
		})
		whole := p.section(t, table)
		switch made.Line = t.line; {
		case !whole:
		case len(made.Command) == 0 || made.Command[0] == "":
			p.wrong(made.Line, "plugins.%s has no command, such as command = [\"my-program\", \"--flag\"]", made.Name)
		default:
			p.file.Plugins = append(p.file.Plugins, made)
		}
	})
}

// causes takes [causes].
func (p *parser) causes(raw toml.Primitive) {
	made := &p.file.Causes
	t := sectionNamed("causes", 0, CausesKeys(), func(s Setting, given []string) error {
		switch s.Key {
		case "id":
			made.ID = given
		case "place":
			made.Place = given
		case "global":
			made.Global = given
		case "correlation":
			made.Correlation = given
		case "builtin":
			made.Only = given[0] == "false"
		}
		return nil
	})
	whole := p.section(t, p.table("causes", "[causes]\nid = [\"parentId\"]", raw))
	if made.Line = t.line; !whole || p.checks.Causes == nil {
		return
	}
	if err := p.checks.Causes(*made); err != nil {
		p.wrong(made.Line, "causes: %v", err)
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
	whole := p.section(&section{
		line: made.Line, only: true, of: "of a reducer", name: func(key string) string { return "the " + key + " of a reducer" }, keys: ReducerKeys(),
		set: func(s Setting, given []string) (err error) {
			switch s.Key {
			case "category":
				made.Category = given[0]
			case "jq":
				made.JQ = given[0]
			case "file":
				if made.File, err = beside(p.file.Path, given[0]); err != nil {
					p.wrong(made.Line, "the file of a reducer %v", err)
				}
			}
			return nil
		},
	}, table)
	if !whole {
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
