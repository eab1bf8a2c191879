package config

import "strings"

// Example is a file that sets everything, each to its example, with what it is
// for above it: something to begin from.
func Example() string {
	var out strings.Builder
	out.WriteString("#:schema ./config.schema.json\n# Everything that evtui's configuration file can say. Keep what you want otherwise.\n")
	for _, s := range Settings() {
		out.WriteString("\n# " + s.Help + "\n" + s.Key + " = " + s.Example + "\n")
	}
	out.WriteString("\n# Other keys for actions of the terminal UI: docs/keys.md names the actions.\n[keys]\nrefresh = [\"R\", \"ctrl+r\"]\n")
	out.WriteString("\n# A server with a name: --context prod, :ctx prod.\n[contexts.prod]\n")
	for _, s := range ContextKeys() {
		if s.Key == "token" { // token_file stands for it
			continue
		}
		out.WriteString("# " + s.Help + "\n" + s.Key + " = " + s.Example + "\n")
	}
	out.WriteString("\n# A command of your own, :plugin-less or its key, with the message in its environment.\n[plugins.less]\n")
	for _, s := range PluginKeys() {
		out.WriteString("# " + s.Help + "\n" + s.Key + " = " + s.Example + "\n")
	}
	out.WriteString("\n# Metadata of your own that links messages: from a message to its cause, and what a process shares.\n[causes]\n")
	for _, s := range CausesKeys() {
		out.WriteString("# " + s.Help + "\n" + s.Key + " = " + s.Example + "\n")
	}
	return out.String()
}
