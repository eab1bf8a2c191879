package filter

import "strings"

// kindNames are the kinds of JSON values, as people write them. A number is what
// JSON's grammar has for one.
var kindNames = [...]string{"string", "number", "bool", "null", "object", "array"}

// ofKind reports whether a JSON value is of a kind.
func ofKind(raw []byte, kind string) bool {
	if len(raw) == 0 {
		return false
	}
	switch kind {
	case "string":
		return isString(raw)
	case "bool":
		return string(raw) == "true" || string(raw) == "false"
	case "null":
		return string(raw) == "null"
	case "object":
		return raw[0] == '{'
	case "array":
		return raw[0] == '['
	}
	return isNumber(raw)
}

// kindOf reads kind(data.total)=string, whose name was read: what stands between
// the parentheses is JSON, with a path or whole.
func (p *parser) kindOf() (test, error) {
	open := p.at
	p.at++
	p.space()
	at := p.at
	f, known := p.words.field(p.name())
	if !known || f.kind != kindDocument {
		return nil, p.fault(at, "kind() is of a value in the JSON, such as kind(%s.total)=string", p.words.document())
	}
	steps, end, err := parseSteps(p.src, p.at)
	if err != nil {
		return nil, p.fault(end, "%v", err)
	}
	path := Path{text: p.src[p.at:end], steps: steps}
	p.at = end
	if p.space(); p.at >= len(p.src) || p.src[p.at] != ')' {
		return nil, p.fault(open, "this ( has no ) behind the path, as in kind(%s.total)=string", p.words.document())
	}
	p.at++
	p.space()
	at = p.at
	op := p.operator()
	if op != "=" && op != "==" && op != "!=" {
		return nil, p.fault(at, "kind() takes = and !=, such as kind(%s.total)=string", p.words.document())
	}
	kind, err := p.kindName(op)
	if err != nil {
		return nil, err
	}
	leaf := func(raw []byte) bool { return ofKind(raw, kind) }
	if len(path.steps) > 0 {
		p.noteThere(f, path)
	}
	if op == "!=" {
		return func(s subject) bool { return !path.Each(f.document(s), leaf) }, nil
	}
	return func(s subject) bool { return path.Each(f.document(s), leaf) }, nil
}

// kindName reads the name of a kind, in any case.
func (p *parser) kindName(op string) (string, error) {
	v, err := p.value(op)
	if err != nil {
		return "", err
	}
	for _, name := range kindNames {
		if strings.EqualFold(v.text, name) {
			return name, nil
		}
	}
	if strings.EqualFold(v.text, "boolean") {
		return "bool", nil
	}
	return "", p.fault(v.at, "a kind is string, number, bool, null, object or array, not %q", v.text)
}
