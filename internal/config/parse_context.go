package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"github.com/BurntSushi/toml"
)

// contexts takes [contexts.NAME] tables.
func (p *parser) contexts(raw toml.Primitive) {
	const example = "[contexts.prod]\nurl = \"https://events.example.com\""
	table := p.table("contexts", example, raw)
	for _, name := range p.order(table) {
		line, _ := p.look(table[name])
		if !regexp.MustCompile(`^[\pL\pN_.-]{1,40}$`).MatchString(name) {
			p.wrong(line, "a context's name is made of up to 40 letters, digits, and _ . -, not %q", name)
			continue
		}
		p.context(Context{Line: line, Name: name}, p.table("contexts."+name, example, table[name]))
	}
}

func (p *parser) context(c Context, table map[string]toml.Primitive) {
	before := len(p.problems)
	for _, key := range p.order(table) {
		line, value := p.look(table[key])
		if c.Line == 0 || line < c.Line {
			c.Line = line
		}
		p.contextKey(&c, key, line, value)
	}
	switch {
	case len(p.problems) > before || table == nil:
		return
	case c.URL == "":
		p.wrong(c.Line, "contexts.%s has no url, such as url = \"https://events.example.com\"", c.Name)
	case c.Token != "" && c.TokenFile != "":
		p.wrong(c.Line, "contexts.%s has both token and token_file; keep one of them", c.Name)
	default:
		p.file.Contexts = append(p.file.Contexts, c)
	}
}

// contextKey takes one key of a context.
func (p *parser) contextKey(c *Context, key string, line int, value any) {
	at := slices.IndexFunc(ContextKeys(), func(s Setting) bool { return s.Key == key })
	if at < 0 {
		names := make([]string, 0, len(ContextKeys()))
		for _, s := range ContextKeys() {
			names = append(names, s.Key)
		}
		p.wrong(line, "unknown key %q in contexts.%s%s", key, c.Name, suggest(key, names))
		return
	}
	s := ContextKeys()[at]
	given, ok := texts(s.Kind, value)
	if !ok {
		p.wrong(line, "contexts.%s.%s must be %s, such as %s = %s", c.Name, key, s.Kind, key, s.Example)
		return
	}
	if err := c.set(p.file.Path, s, given[0]); err != nil {
		p.wrong(line, "contexts.%s.%s: %v", c.Name, key, err)
	}
}

func (c *Context) set(path string, s Setting, value string) (err error) {
	switch s.Key {
	case "url":
		c.URL = value
		if u, e := url.Parse(value); e != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			err = fmt.Errorf("must be a URL such as https://events.example.com, not %q", value)
		}
	case "token":
		c.Token = value
	case "token_file":
		c.TokenFile, err = beside(path, value)
	case "tls_ca":
		c.TLSCA, err = beside(path, value)
	case "namespace":
		c.Namespace = value
	case "colour":
		c.Colour = value
		if _, e := s.ForFlag(value); e != nil && !regexp.MustCompile(`^#[0-9a-fA-F]{6}$`).MatchString(value) {
			err = fmt.Errorf("%w and not #rrggbb", e)
		}
	case "read_only":
		c.ReadOnly = value == "true"
	}
	return err
}
