package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/cli/output"
)

// tool is a command that an agent may run.
type tool struct {
	name      string
	path      []string // of the command below evtui
	flags     []string // that the agent may choose
	fixed     []string // arguments that every call has
	arguments []string // names of what stands without a flag
	required  bool     // the arguments may not be left out
	server    bool     // it asks the server's own profiles, by its address
}

func tools() []tool {
	profiled := []string{"count", "cum", "focus", "ignore", "label", "seconds", "value", "all", "omit-ui"}
	return []tool{
		{name: "namespaces", path: []string{"ns", "list"}},
		{name: "namespace", path: []string{"ns", "info"}, arguments: []string{"namespace"}},
		{name: "categories", path: []string{"categories"}, flags: []string{"ns", "prefix"}},
		{name: "streams", path: []string{"streams"}, flags: []string{"ns", "prefix", "category", "after", "limit"}},
		{
			name: "messages", path: []string{"messages"}, arguments: []string{"stream"},
			flags: []string{"ns", "all", "at", "backward", "category", "filter", "from", "id", "limit", "member"},
		},
		{
			name: "newest", path: []string{"tail"}, arguments: []string{"category"}, fixed: []string{"--no-follow"},
			flags: []string{"ns", "filter", "last", "member", "stream"},
		},
		{name: "types", path: []string{"types"}, arguments: []string{"category", "type"}, flags: []string{"ns", "read", "until"}},
		{
			name: "flow", path: []string{"flow"}, arguments: []string{"category"}, required: true,
			flags: []string{"ns", "first", "limit", "since", "then", "until", "variants"},
		},
		{
			name: "state", path: []string{"state"}, arguments: []string{"stream"}, required: true,
			flags: []string{"ns", "at", "merge", "position", "stays", "until"},
		},
		{name: "causes", path: []string{"causes"}, arguments: []string{"message"}, flags: []string{"ns", "down", "hops", "hops-of", "limit"}},
		{name: "groups", path: []string{"groups"}, arguments: []string{"category"}, flags: []string{"ns", "size", "to", "top"}},
		{name: "parked", path: []string{"groups", "parked"}, arguments: []string{"category"}, flags: []string{"ns"}},
		{name: "stats", path: []string{"stats"}, flags: []string{"ns", "since", "storage"}},
		{name: "events", path: []string{"events"}, flags: []string{"filter", "kind", "since"}},
		{name: "log", path: []string{"log"}, flags: []string{"filter", "since"}},
		{name: "profile", path: []string{"profile", "top"}, flags: profiled, arguments: []string{"kind"}, required: true, server: true},
	}
}

// find returns the tool's command in a tree of its own.
func (t *tool) find(root *cobra.Command) (*cobra.Command, error) {
	cmd, rest, err := root.Find(t.path)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("there is no command %s", strings.Join(t.path, " "))
	}
	return cmd, err
}

// property is what the schema says of an argument.
type property struct {
	Type        string   `json:"type"`
	Description string   `json:"description"`
	Enum        []string `json:"enum,omitempty"`
	Default     any      `json:"default,omitempty"`
	Minimum     *int64   `json:"minimum,omitempty"`
}

// schema is the JSON schema of a tool's arguments.
type schema struct {
	Type       string              `json:"type"`
	Properties map[string]property `json:"properties"`
	Required   []string            `json:"required,omitempty"`
	Additional bool                `json:"additionalProperties"`
}

// kinds are the profiles of a running evtui.
func kinds() []string { return []string{"cpu", "heap", "allocs", "goroutine", "mutex", "block"} }

// schema returns what the tool takes, by the flags of its command.
func (t *tool) schema(cmd *cobra.Command) (schema, error) {
	s := schema{Type: "object", Properties: map[string]property{}}
	for _, name := range t.flags {
		f := cmd.Flags().Lookup(name)
		if f == nil {
			return schema{}, fmt.Errorf("evtui %s has no flag --%s", strings.Join(t.path, " "), name)
		}
		s.Properties[name] = propertyOf(f)
	}
	for _, name := range t.arguments {
		p := property{Type: "string", Description: "the " + name}
		if t.server {
			p.Enum, p.Description = kinds(), "the kind of profile"
		}
		s.Properties[name] = p
		if t.required {
			s.Required = append(s.Required, name)
		}
	}
	return s, nil
}

func propertyOf(f *pflag.Flag) property {
	p := property{Type: "string", Description: f.Usage}
	switch f.Value.Type() {
	case "bool":
		p.Type = "boolean"
	case "int", "int64":
		p.Type = "integer"
		if f.DefValue != "" {
			p.Default = json.Number(f.DefValue)
		}
	}
	if one, ok := f.Value.(*output.OneOf); ok {
		p.Enum = one.Names
	}
	return p
}

// line is what an agent asked for, as a command line after the command.
type line struct {
	flags []string
	last  []string // what stands without a flag
}

// line returns the command line for what an agent asks. What it may not choose
// is refused, so that no flag of a file, a server or a token is within its reach.
func (t *tool) line(given json.RawMessage, s schema) (line, error) {
	asked := map[string]any{}
	if len(given) > 0 {
		d := json.NewDecoder(strings.NewReader(string(given)))
		d.UseNumber()
		if err := d.Decode(&asked); err != nil {
			return line{}, fmt.Errorf("the arguments must be a JSON object: %w", err)
		}
	}
	l, words := line{flags: slices.Clone(t.fixed)}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		p, known := s.Properties[name]
		if !known {
			return line{}, fmt.Errorf("%s takes no %q; it takes %s", t.name, name, strings.Join(slices.Sorted(maps.Keys(s.Properties)), ", "))
		}
		word, err := p.word(name, asked[name])
		switch {
		case err != nil:
			return line{}, err
		case slices.Contains(t.arguments, name):
			words[name] = word
		default:
			l.flags = append(l.flags, "--"+name+"="+word)
		}
	}
	for _, name := range s.Required {
		if _, ok := asked[name]; !ok {
			return line{}, fmt.Errorf("%s needs %q", t.name, name)
		}
	}
	for i, name := range t.arguments {
		word, given := words[name]
		if given && len(l.last) < i { // without a flag, one stands for the one before
			return line{}, fmt.Errorf("%s needs %q where %q is given", t.name, t.arguments[len(l.last)], name)
		}
		if given {
			l.last = append(l.last, word)
		}
	}
	return l, nil
}

// word is a value as it stands on a command line.
func (p property) word(name string, value any) (string, error) {
	var (
		word  string
		right bool
	)
	switch v := value.(type) {
	case string:
		word, right = v, p.Type == "string"
	case bool:
		word, right = fmt.Sprint(v), p.Type == "boolean"
	case json.Number:
		word, right = v.String(), p.Type == "integer"
	}
	switch {
	case !right:
		return "", fmt.Errorf("%q must be of type %s", name, p.Type)
	case len(p.Enum) > 0 && !slices.Contains(p.Enum, word):
		return "", fmt.Errorf("%q must be one of %s", name, strings.Join(p.Enum, ", "))
	case p.Type == "string" && word == "":
		return "", errors.New(name + " must not be empty: leave it out")
	}
	return word, nil
}
