package config

import (
	"slices"
	"strings"
)

// Example is a file that sets everything, each to its example, with what it is
// for above it: something to begin from.
func Example() string {
	var out strings.Builder
	out.WriteString("#:schema ./config.schema.json\n# Everything that evtui's configuration file can say. Keep what you want otherwise.\n")
	keys := func(list []Setting, between string) {
		for _, s := range list {
			out.WriteString(between + "# " + s.Help + "\n" + s.Key + " = " + s.Example + "\n")
		}
	}
	keys(Settings(), "\n")
	out.WriteString("\n# Other keys for actions of the terminal UI: docs/keys.md names the actions.\n[keys]\nrefresh = [\"R\", \"ctrl+r\"]\n")
	out.WriteString("\n# A server with a name: --context prod, :ctx prod.\n[contexts.prod]\n")
	keys(slices.DeleteFunc(ContextKeys(), func(s Setting) bool { return s.Key == "token" }), "") // token_file stands for it
	out.WriteString("\n# A command of your own, :plugin-less or its key, with the message in its environment.\n[plugins.less]\n")
	keys(PluginKeys(), "")
	out.WriteString("\n# Metadata of your own that links messages: from a message to its cause, and what a process shares.\n[causes]\n")
	keys(CausesKeys(), "")
	return out.String()
}
