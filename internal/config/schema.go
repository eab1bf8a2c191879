package config

import (
	"encoding/json"
	"fmt"
)

// SchemaID names the schema to those who refer to it.
const SchemaID = "https://github.com/evtui/evtui/docs/config.schema.json"

// node is a JSON schema, as far as this file needs it. Its members come out in
// the order of their names.
type node map[string]any

// Schema is the JSON schema of the file, made of the settings, so that an editor
// completes and checks it. It says what [Load] takes, but for what only the users
// of the settings know: whether a rule can be read, say.
func Schema() ([]byte, error) {
	properties := schemas(Settings())
	properties["keys"] = node{
		"type": "object", "description": "Other keys for actions of the terminal UI, by the action's name; an empty list takes them away.",
		"additionalProperties": node{"anyOf": textOrList()},
	}
	context := schemas(ContextKeys())
	// Any colour of six digits will do besides the words.
	context["colour"] = node{"type": "string", "description": context["colour"].(node)["description"], "anyOf": []node{
		{"enum": context["colour"].(node)["enum"]}, {"pattern": "^#[0-9a-fA-F]{6}$"},
	}}
	properties["contexts"] = node{
		"type": "object", "description": "Servers with a name: --context NAME and :ctx NAME take them.",
		"additionalProperties": node{"type": "object", "properties": context, "required": []string{"url"}, "additionalProperties": false},
	}
	plugin := schemas(PluginKeys())
	plugin["command"].(node)["minItems"] = 1
	properties["plugins"] = node{
		"type": "object", "description": "Commands of your own, run with the message under the cursor in their environment.", "propertyNames": node{"pattern": pluginName},
		"additionalProperties": node{"type": "object", "properties": plugin, "required": []string{"command"}, "additionalProperties": false},
	}
	properties["reducer"] = reducerSchema()
	properties["causes"] = node{
		"type": "object", "description": "Names of metadata of your own that link messages, before those that are built in.",
		"properties": schemas(CausesKeys()), "additionalProperties": false,
	}
	text, err := json.MarshalIndent(node{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SchemaID, "title": "evtui's configuration file",
		"type": "object", "properties": properties, "additionalProperties": false,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the schema: %w", err)
	}
	return append(text, '\n'), nil
}

func reducerSchema() node {
	reducer := schemas(ReducerKeys())
	for _, s := range reducer {
		s.(node)["minLength"] = 1
	}
	return node{
		"type": "array", "description": "Programs in jq that make the states of a category's streams out of their messages.",
		"items": node{
			"type": "object", "properties": reducer, "required": []string{"category"}, "additionalProperties": false,
			"oneOf": []node{{"required": []string{"jq"}}, {"required": []string{"file"}}},
		},
	}
}

// textOrList takes a list of strings, of which one may stand alone.
func textOrList() []node {
	return []node{{"type": "string"}, {"type": "array", "items": node{"type": "string"}}}
}

// schemas are those of settings by their keys.
func schemas(list []Setting) node {
	n := node{}
	for _, s := range list {
		n[s.Key] = s.schema()
	}
	return n
}

// schema is what the file may say of one setting.
func (s Setting) schema() node {
	n := node{"description": s.Help}
	if s.Lone {
		n["anyOf"] = textOrList()
		return n
	}
	switch s.Kind {
	case Bool:
		n["type"] = "boolean"
	case Number:
		n["type"] = "integer"
	case List:
		n["type"], n["items"] = "array", node{"type": "string"}
	case Text, FileName:
		n["type"] = "string"
		if len(s.Words) > 0 {
			var words []string
			for _, w := range s.Words {
				words = append(words, w.Value)
			}
			n["enum"] = words
		}
	}
	return n
}
