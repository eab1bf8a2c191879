package config

import (
	"regexp"
	"slices"

	"github.com/BurntSushi/toml"
)

// PluginKeys are the keys of one plugin, with what they are for.
func PluginKeys() []Setting {
	return []Setting{
		{Key: "command", Kind: List, Example: `["evtui", "messages"]`, Help: "The program and its arguments. No shell reads them, and nothing is put into them: values are in the environment. Required."},
		{Key: "key", Kind: List, Example: `["ctrl+t"]`, Help: "Its keys, as in `[keys]`; without one it is run by its name, `:plugin-NAME`."},
		{Key: "help", Example: `"show the stream in less"`, Help: "What `?` says that it does."},
		{Key: "writes", Kind: Bool, Words: same("true", "false"), Example: "false", Help: "Whether it may change something, which is assumed: then it does not run with `--read-only`."},
	}
}

// pluginName is what a plugin's name must match.
const pluginName = `^[a-z0-9][a-z0-9_-]{0,39}$`

// plugins takes [plugins.NAME] tables.
func (p *parser) plugins(raw toml.Primitive) {
	const example = "[plugins.peek]\nkey = \"ctrl+t\"\ncommand = [\"my-program\"]"
	table := p.table("plugins", example, raw)
	for _, name := range p.order(table) {
		line, _ := p.look(table[name])
		if !regexp.MustCompile(pluginName).MatchString(name) {
			p.wrong(line, "a plugin's name is made of up to 40 small letters, digits, _ and -, not %q", name)
			continue
		}
		p.plugin(Plugin{Line: line, Name: name, Writes: true}, p.table("plugins."+name, example, table[name]))
	}
}

func (p *parser) plugin(made Plugin, table map[string]toml.Primitive) {
	before := len(p.problems)
	for _, key := range p.order(table) {
		line, value := p.look(table[key])
		if made.Line == 0 || line < made.Line {
			made.Line = line
		}
		p.pluginKey(&made, key, line, value)
	}
	switch {
	case len(p.problems) > before || table == nil:
		return
	case len(made.Command) == 0 || made.Command[0] == "":
		p.wrong(made.Line, "plugins.%s has no command, such as command = [\"my-program\", \"--flag\"]", made.Name)
	default:
		p.file.Plugins = append(p.file.Plugins, made)
	}
}

// pluginKey takes one key of a plugin.
func (p *parser) pluginKey(made *Plugin, key string, line int, value any) {
	known := PluginKeys()
	at := slices.IndexFunc(known, func(s Setting) bool { return s.Key == key })
	if at < 0 {
		names := make([]string, len(known))
		for i := range known {
			names[i] = known[i].Key
		}
		p.wrong(line, "unknown key %q in plugins.%s%s", key, made.Name, suggest(key, names))
		return
	}
	s := known[at]
	given, ok := texts(s.Kind, value)
	if !ok && key == "key" {
		given, ok = texts(Text, value) // a single key needs no list
	}
	if !ok {
		p.wrong(line, "plugins.%s.%s must be %s, such as %s = %s", made.Name, key, s.Kind, key, s.Example)
		return
	}
	switch key {
	case "command":
		made.Command = given
	case "key":
		made.Key = given
	case "help":
		made.Help = given[0]
	case "writes":
		made.Writes = given[0] == "true"
	}
}
