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
	properties := node{}
	for _, s := range Settings() {
		properties[s.Key] = s.schema()
	}
	properties["keys"] = node{
		"type": "object", "description": "Other keys for actions of the terminal UI, by the action's name; an empty list takes them away.",
		"additionalProperties": node{"anyOf": []node{{"type": "string"}, {"type": "array", "items": node{"type": "string"}}}},
	}
	context := node{}
	for _, s := range ContextKeys() {
		context[s.Key] = s.schema()
	}
	// Any colour of six digits will do besides the words.
	context["colour"] = node{"type": "string", "description": context["colour"].(node)["description"], "anyOf": []node{
		{"enum": context["colour"].(node)["enum"]}, {"pattern": "^#[0-9a-fA-F]{6}$"},
	}}
	properties["contexts"] = node{
		"type": "object", "description": "Servers with a name: --context NAME and :ctx NAME take them.",
		"additionalProperties": node{"type": "object", "properties": context, "required": []string{"url"}, "additionalProperties": false},
	}
	plugin := node{}
	for _, s := range PluginKeys() {
		plugin[s.Key] = s.schema()
	}
	plugin["command"].(node)["minItems"] = 1
	plugin["key"] = node{"description": plugin["key"].(node)["description"], "anyOf": []node{{"type": "string"}, {"type": "array", "items": node{"type": "string"}}}}
	properties["plugins"] = node{
		"type": "object", "description": "Commands of your own, run with the message under the cursor in their environment.", "propertyNames": node{"pattern": pluginName},
		"additionalProperties": node{"type": "object", "properties": plugin, "required": []string{"command"}, "additionalProperties": false},
	}
	properties["reducer"] = reducerSchema()
	links := node{}
	for _, s := range CausesKeys() {
		links[s.Key] = s.schema()
	}
	properties["causes"] = node{
		"type": "object", "description": "Names of metadata of your own that link messages, before those that are built in.",
		"properties": links, "additionalProperties": false,
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
	reducer := node{}
	for _, s := range ReducerKeys() {
		reducer[s.Key] = s.schema()
		reducer[s.Key].(node)["minLength"] = 1
	}
	return node{
		"type": "array", "description": "Programs in jq that make the states of a category's streams out of their messages.",
		"items": node{
			"type": "object", "properties": reducer, "required": []string{"category"}, "additionalProperties": false,
			"oneOf": []node{{"required": []string{"jq"}}, {"required": []string{"file"}}},
		},
	}
}

// schema is what the file may say of one setting.
func (s Setting) schema() node {
	n := node{"description": s.Help}
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
