package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

var update = flag.Bool("update", false, "write docs/config.schema.json and docs/config.example.toml")

// TestSchemaAndExampleAreCurrent holds the two files of docs against the
// settings.
func TestSchemaAndExampleAreCurrent(t *testing.T) {
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"config.schema.json": string(schema), "config.example.toml": Example()} {
		file := filepath.Join("..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != want {
			t.Errorf("docs/%s is not what the settings say (%v): go test ./internal/config -run %s -update", name, err, t.Name())
		}
	}
}

// TestSchemaJudgesAsTheParserDoes gives both the same files.
func TestSchemaJudgesAsTheParserDoes(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	good := []string{"", Example(), `keys.wrap = []`, `keys.wrap = "g w"`, "[contexts.a]\nurl = \"http://a\"\ncolour = \"#aB0123\"", "[[reducer]]\ncategory = \"a\"\nfile = \"a.jq\"\n[[reducer]]\ncategory = \"b\"\njq = \".\""}
	for _, m := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(strings.ReplaceAll(string(page), "\r\n", "\n"), -1) {
		good = append(good, m[1])
	}
	if len(good) < 6 {
		t.Errorf("only %d files are right", len(good))
	}
	bad := []string{
		`them = "dark"`, `theme = 1`, `theme = "pink"`, `mouse = "no"`, `max_requests = "many"`, `triggers = "x"`, `triggers = [1]`, `keys = 1`, `keys.wrap = 1`,
		`[contexts.a]`, "[contexts.a]\nurl = 1", "[contexts.a]\nurl = \"http://a\"\ncolor = \"red\"", "[contexts.a]\nurl = \"http://a\"\ncolour = \"reddish\"", "[contexts.a]\nurl = \"http://a\"\nread_only = 1",
		`plugins = 1`, `[plugins.a]`, "[plugins.a]\ncommand = \"ls\"", "[plugins.a]\ncommand = [\"ls\"]\nwrites = 1", "[plugins.a]\ncommand = [\"ls\"]\ncolour = \"red\"",
		`reducer = 1`, "[reducer]\ncategory = \"a\"\njq = \".\"", "[[reducer]]\njq = \".\"", "[[reducer]]\ncategory = \"a\"", "[[reducer]]\ncategory = \"a\"\njq = \".\"\nfile = \"f\"",
		"[[reducer]]\ncategory = \"\"\njq = \".\"", "[[reducer]]\ncategory = \"a\"\njq = 1", "[[reducer]]\ncategory = \"a\"\njq = \".\"\nname = \"x\"",
	}
	judge := func(file string, right bool) {
		var value map[string]any
		if _, err := toml.Decode(file, &value); err != nil {
			t.Fatalf("%q: %v", file, err)
		}
		if fault := violates(schema, value, "file"); (fault == "") != right {
			t.Errorf("%q: the schema finds %q, and it is right: %v", file, fault, right)
		}
		if _, err := Parse("config.toml", []byte(file), Checks{}); (err == nil) != right {
			t.Errorf("%q: the parser says %v, and it is right: %v", file, err, right)
		}
	}
	for _, file := range good {
		judge(file, true)
	}
	for _, file := range bad {
		judge(file, false)
	}
}

// violates says how a value does not follow a schema, as far as Schema uses them.
func violates(schema map[string]any, value any, where string) string {
	if one, ok := schema["anyOf"].([]any); ok && !slices.ContainsFunc(one, func(s any) bool { return violates(s.(map[string]any), value, where) == "" }) {
		return where + " is none of what it may be"
	}
	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, value) {
		return fmt.Sprintf("%s is %v", where, value)
	}
	if pattern, ok := schema["pattern"].(string); ok {
		if text, ok := value.(string); !ok || !regexp.MustCompile(pattern).MatchString(text) {
			return fmt.Sprintf("%s is %v", where, value)
		}
	}
	if one, ok := schema["oneOf"].([]any); ok {
		fits := slices.DeleteFunc(slices.Clone(one), func(s any) bool {
			part := s.(map[string]any)
			part["properties"], part["additionalProperties"] = map[string]any{}, map[string]any{}
			return violatesObject(part, value, where) != ""
		})
		if len(fits) != 1 {
			return where + " is not one of what it may be"
		}
	}
	if text, ok := value.(string); ok && schema["minLength"] != nil && text == "" {
		return where + " is empty"
	}
	switch schema["type"] {
	case "object":
		return violatesObject(schema, value, where)
	case "array":
		list, ok := value.([]any)
		if tables, are := value.([]map[string]any); are {
			ok = true
			for _, table := range tables {
				list = append(list, table)
			}
		}
		for i := range list {
			if fault := violates(schema["items"].(map[string]any), list[i], fmt.Sprintf("%s[%d]", where, i)); fault != "" {
				return fault
			}
		}
		return unless(ok, where+" is no list")
	case "string":
		_, ok := value.(string)
		return unless(ok, where+" is no string")
	case "boolean":
		_, ok := value.(bool)
		return unless(ok, where+" is neither true nor false")
	case "integer":
		_, ok := value.(int64)
		return unless(ok, where+" is no whole number")
	}
	return ""
}

func unless(ok bool, fault string) string {
	if ok {
		return ""
	}
	return fault
}

func violatesObject(schema map[string]any, value any, where string) string {
	object, ok := value.(map[string]any)
	if !ok {
		return where + " is no table"
	}
	if required, ok := schema["required"].([]any); ok {
		for _, key := range required {
			if _, there := object[key.(string)]; !there {
				return fmt.Sprintf("%s lacks %v", where, key)
			}
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for key, member := range object {
		next, known := properties[key].(map[string]any)
		if !known {
			if next, known = schema["additionalProperties"].(map[string]any); !known {
				return where + " has " + key
			}
		}
		if fault := violates(next, member, where+"."+key); fault != "" {
			return fault
		}
	}
	return ""
}
