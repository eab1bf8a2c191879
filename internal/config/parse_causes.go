package config

import (
	"slices"

	"github.com/BurntSushi/toml"
)

// CausesKeys are the keys of [causes], with what they are for.
func CausesKeys() []Setting {
	return []Setting{
		{Key: "id", Kind: List, Example: `["parentId"]`, Help: "Names of metadata that hold the id of the message's cause."},
		{Key: "place", Kind: List, Example: `["causedBy", "cause.stream cause.position"]`, Help: "Names of metadata that hold the cause's STREAM#POSITION; or two names with a space between, of its stream and of its position."},
		{Key: "global", Kind: List, Example: `["parentPosition"]`, Help: "Names of metadata that hold the global position of the cause."},
		{Key: "correlation", Kind: List, Example: `["processId"]`, Help: "Names of metadata that hold the same value in all messages of a process."},
		{Key: "builtin", Kind: Bool, Words: same("true", "false"), Example: "true", Help: "Whether the names that evtui knows by itself count, too."},
	}
}

// causes takes [causes].
func (p *parser) causes(raw toml.Primitive) {
	table := p.table("causes", "[causes]\nid = [\"parentId\"]", raw)
	before := len(p.problems)
	made := &p.file.Causes
	for _, key := range p.order(table) {
		line, value := p.look(table[key])
		if made.Line == 0 || line < made.Line {
			made.Line = line
		}
		p.causesKey(made, key, line, value)
	}
	if len(p.problems) > before || table == nil || p.checks.Causes == nil {
		return
	}
	if err := p.checks.Causes(*made); err != nil {
		p.wrong(made.Line, "causes: %v", err)
	}
}

// causesKey takes one key of [causes].
func (p *parser) causesKey(made *Causes, key string, line int, value any) {
	known := CausesKeys()
	at := slices.IndexFunc(known, func(s Setting) bool { return s.Key == key })
	if at < 0 {
		names := make([]string, len(known))
		for i := range known {
			names[i] = known[i].Key
		}
		p.wrong(line, "unknown key %q in causes%s", key, suggest(key, names))
		return
	}
	s := known[at]
	given, ok := texts(s.Kind, value)
	if !ok {
		p.wrong(line, "causes.%s must be %s, such as %s = %s", key, s.Kind, key, s.Example)
		return
	}
	switch key {
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
}
