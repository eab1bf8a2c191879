package config

import (
	"errors"
	"testing"
)

// FuzzParse looks for text that makes Parse panic, or fail with something else
// than problems of the file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	for _, text := range []string{
		"contexts = {prod = {url = \"http://h\", read_only = true}}", "keys.refresh = [\"R\"]", "contexts.a.url = \"http://h\"",
		"[[contexts]]\nurl = \"http://h\"", "[[keys]]\nrefresh = []", "theme = 2026-01-01T00:00:00Z", "mouse = [true]", "triggers = [[\"a\"]]",
		"[contexts.a]\nurl = {}\n", "\"\" = 1", "[\"contexts\".\"\"]\nurl=\"http://h\"", "listen = \"\"\"\na\nb\"\"\"", "a.b.c.d = 1", "[keys.refresh]\na = 1",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := Parse("c.toml", text, Checks{})
		if problem, ok := errors.AsType[*Problem](err); err != nil && (!ok || problem.Reason == "") {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
