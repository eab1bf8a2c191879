package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Parse reads what a file at path holds; see [Load].
func Parse(path string, raw []byte, checks Checks) (File, error) {
	p := parser{text: string(raw), file: File{Path: path, Values: map[string]Value{}}, checks: checks}
	var top map[string]toml.Primitive
	var err error
	if p.meta, err = toml.Decode(p.text, &top); err != nil {
		return File{}, p.syntax(err)
	}
	for _, key := range p.order(top) {
		switch key {
		case "keys":
			p.keys(top[key])
		case "contexts":
			p.contexts(top[key])
		case "causes":
			p.causes(top[key])
		case "plugins":
			p.plugins(top[key])
		case "reducer":
			p.reducers(top[key])
		default:
			p.setting(key, top[key])
		}
	}
	p.checkKeys()
	if len(p.problems) == 0 {
		return p.file, nil
	}
	slices.SortStableFunc(p.problems, func(a, b *Problem) int { return cmp.Compare(a.Line, b.Line) })
	errs := make([]error, len(p.problems))
	for i := range p.problems {
		errs[i] = p.problems[i]
	}
	return File{}, errors.Join(errs...)
}

// parser collects what a file says and what is wrong with it.
type parser struct {
	text     string
	file     File
	checks   Checks
	meta     toml.MetaData
	problems []*Problem
}

func (p *parser) wrong(line int, format string, args ...any) {
	p.problems = append(p.problems, &Problem{Path: p.file.Path, Line: line, Reason: fmt.Sprintf(format, args...)})
}

// syntax says where the file is no TOML.
func (p *parser) syntax(err error) error {
	if at, ok := errors.AsType[toml.ParseError](err); ok {
		return &Problem{Path: p.file.Path, Line: at.Position.Line, Reason: "not TOML: " + at.Message}
	}
	return &Problem{Path: p.file.Path, Reason: "not TOML: " + err.Error()}
}

// order returns a table's keys as they stand in the file.
func (p *parser) order(table map[string]toml.Primitive) []string {
	lines := map[string]int{}
	for key, value := range table {
		lines[key], _ = p.look(value)
	}
	return slices.SortedFunc(maps.Keys(table), func(a, b string) int {
		return cmp.Or(cmp.Compare(lines[a], lines[b]), cmp.Compare(a, b))
	})
}

// probe is a value that wants nothing but to be seen: the error that it
// answers with is how the decoder reports where the value stands.
type probe struct{ value any }

var errSeen = errors.New("seen")

// UnmarshalTOML implements toml.Unmarshaler.
func (p *probe) UnmarshalTOML(v any) error {
	p.value = v
	return errSeen
}

// look returns a value and its line.
func (p *parser) look(value toml.Primitive) (line int, v any) {
	var seen probe
	err := p.meta.PrimitiveDecode(value, &seen)
	if at, ok := errors.AsType[toml.ParseError](err); ok {
		line = at.Position.Line
	}
	return line, seen.value
}

// setting takes one key outside of the tables.
func (p *parser) setting(key string, raw toml.Primitive) {
	line, value := p.look(raw)
	s, known := SettingOf(key)
	if !known {
		p.wrong(line, "unknown setting %q%s", key, suggest(key, settingKeys()))
		return
	}
	texts, ok := texts(s.Kind, value)
	if !ok {
		p.wrong(line, "%s must be %s, such as %s = %s", key, s.Kind, key, s.Example)
		return
	}
	for i, text := range texts {
		var err error
		if s.Kind == FileName {
			texts[i], err = beside(p.file.Path, text)
		} else {
			err = p.check(s, text)
		}
		if err != nil {
			p.wrong(line, "%s: %v", key, err)
			return
		}
	}
	p.file.Values[key] = Value{Line: line, Texts: texts}
}

func (p *parser) check(s Setting, text string) error {
	if s.Words != nil {
		_, err := s.ForFlag(text)
		return err
	}
	if p.checks.Value == nil || s.Flag == "" {
		return nil
	}
	return p.checks.Value(s.Flag, text)
}

// ForFlag returns a value as the setting's flag takes it.
func (s Setting) ForFlag(value string) (string, error) {
	if s.Words == nil {
		return value, nil
	}
	names := make([]string, len(s.Words))
	for i, w := range s.Words {
		if w.Value == value {
			return w.Flag, nil
		}
		names[i] = w.Value
	}
	return "", fmt.Errorf("must be one of %s, not %q", strings.Join(names, ", "), value)
}

// FromFlag returns a flag's value as the file would say it.
func (s Setting) FromFlag(flag string) string {
	for _, w := range s.Words {
		if w.Flag == flag {
			return w.Value
		}
	}
	return flag
}

func settingKeys() []string {
	return append([]string{"keys", "contexts", "plugins", "reducer", "causes"}, keysOf(Settings())...)
}

func keysOf(list []Setting) []string {
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = list[i].Key
	}
	return keys
}

// texts returns what the file says of the setting, and whether it is of its kind.
func (s Setting) texts(value any) ([]string, bool) {
	given, ok := texts(s.Kind, value)
	if !ok && s.Lone {
		given, ok = texts(Text, value)
	}
	return given, ok
}

// texts returns a value of a kind as texts.
func texts(kind Kind, value any) ([]string, bool) {
	switch v := value.(type) {
	case string:
		return []string{v}, kind == Text || kind == FileName
	case int64:
		return []string{fmt.Sprint(v)}, kind == Number
	case bool:
		return []string{fmt.Sprint(v)}, kind == Bool
	case []any:
		out := make([]string, len(v))
		for i := range v {
			text, ok := v[i].(string)
			if !ok {
				return nil, false
			}
			out[i] = text
		}
		return out, kind == List
	}
	return nil, false
}

// table opens a table, or says that there should be one.
func (p *parser) table(name, example string, raw toml.Primitive) map[string]toml.Primitive {
	line, value := p.look(raw)
	if _, ok := value.(map[string]any); !ok {
		p.wrong(line, "%s must be a table, such as\n%s", name, example)
		return nil
	}
	var table map[string]toml.Primitive
	if err := p.meta.PrimitiveDecode(raw, &table); err != nil {
		p.wrong(line, "%s: %v", name, err)
	}
	return table
}

// keys takes [keys]: actions with the keys they shall have.
func (p *parser) keys(raw toml.Primitive) {
	table := p.table("keys", "[keys]\nrefresh = [\"R\"]", raw)
	for _, action := range p.order(table) {
		line, value := p.look(table[action])
		keys, ok := Setting{Kind: List, Lone: true}.texts(value)
		if !ok {
			p.wrong(line, "keys.%s must be a list of keys, such as %s = [\"R\", \"ctrl+r\"]", action, action)
			continue
		}
		p.file.Keys = append(p.file.Keys, Rebinding{Line: line, Action: action, Keys: keys})
	}
}

func (p *parser) checkKeys() {
	if p.checks.Keys == nil {
		return
	}
	list := p.file.AllKeys()
	for i, err := range p.checks.Keys(list, p.file.Plugins) {
		where := "keys." + list[i].Action
		if name, ofPlugin := strings.CutPrefix(list[i].Action, PluginAction); ofPlugin && i >= len(p.file.Keys) {
			where = "plugins." + name + ".key"
		}
		p.wrong(list[i].Line, "%s: %v", where, err)
	}
}
