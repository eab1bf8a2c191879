package filter

import (
	"bytes"
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/moment"
)

// operators, those first that begin like another.
var operators = [...]string{"!~", "!=", "==", "<=", ">=", "=", "~", "<", ">"}

// condition reads a field, an operator and a value. isCondition is false when
// what stands here is no field with an operator behind it, nor a path.
func (p *parser) condition() (t test, isCondition bool, err error) {
	start := p.at
	name := p.name()
	if name == "" {
		if op := p.operator(); op != "" {
			return nil, true, p.fault(start, "expected a field before %s: %s", op, p.words.names())
		}
		return nil, false, nil
	}
	if strings.EqualFold(name, "kind") && strings.HasPrefix(p.src[p.at:], "(") {
		t, err = p.kindOf()
		return t, true, err
	}
	f, known := p.words.field(name)
	var path Path
	if known && f.kind == kindDocument {
		steps, end, err := parseSteps(p.src, p.at)
		if err != nil {
			return nil, true, p.fault(end, "%v", err)
		}
		path, p.at = Path{text: p.src[p.at:end], steps: steps}, end
	}
	behind := p.at
	p.space()
	op := p.operator()
	switch {
	case op == "" && known && len(path.steps) > 0:
		if p.at = behind; !p.ended() {
			return nil, false, nil
		}
		return p.noteThere(f, path), true, nil
	case op == "":
		return nil, false, nil
	case !known:
		return nil, true, p.fault(start, "there is no field %q; in the JSON: %s.%s; the fields are %s; to look for the text, put it in quotes",
			name, p.words.document(), name, p.words.names())
	}
	t, err = p.compare(f, path, op)
	return t, true, err
}

// name consumes a field's name.
func (p *parser) name() string {
	start := p.at
	for p.at < len(p.src) {
		c := p.src[p.at]
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (p.at == start || c < '0' || c > '9') {
			break
		}
		p.at++
	}
	return p.src[start:p.at]
}

func (p *parser) operator() string {
	for _, op := range operators {
		if strings.HasPrefix(p.src[p.at:], op) {
			p.at += len(op)
			return op
		}
	}
	return ""
}

// value is what stands behind an operator.
type value struct {
	at     int
	text   string
	quoted bool
	re     *regexp.Regexp // for /…/
}

func (p *parser) value(op string) (v value, err error) {
	behind := p.at
	p.space()
	v.at = p.at
	if err := p.singleQuotes(); err != nil {
		return v, err
	}
	switch {
	case p.ended(), p.at > behind && p.joins():
		return v, p.fault(p.at, "expected a value after %s, such as 100, Dep* or \"two words\"", op)
	case p.src[p.at] == '"':
		v.quoted = true
		if v.text, err = p.quoted(); err == nil && !p.ended() {
			err = p.fault(p.at, "expected a space after the quote")
		}
	case p.src[p.at] == '/' && (op == "~" || op == "!~"):
		v.re, err = p.regexp()
	default:
		v.text = p.word()
	}
	return v, err
}

// joins reports whether a word that joins conditions stands here.
func (p *parser) joins() bool {
	at := p.at
	defer func() { p.at = at }()
	return p.keyword("and", "&&") || p.keyword("or", "||")
}

// compare compiles a condition.
func (p *parser) compare(f field, path Path, op string) (test, error) {
	v, err := p.value(op)
	if err != nil {
		return nil, err
	}
	inverse := op == "!=" || op == "!~"
	switch op {
	case "!=", "==":
		op = "="
	case "!~":
		op = "~"
	}
	t, err := p.direct(f, path, op, v)
	if err == nil {
		p.note(f, path, v, t)
	}
	if err != nil || !inverse {
		return t, err
	}
	return func(s subject) bool { return !t(s) }, nil
}

// direct compiles a condition without an inversion: op is = ~ < <= > or >=.
func (p *parser) direct(f field, path Path, op string, v value) (test, error) {
	switch f.kind {
	case kindDocument:
		return p.document(f, path, op, v)
	case kindInt:
		n, err := strconv.ParseInt(strings.ReplaceAll(v.text, ",", ""), 10, 64)
		switch {
		case op == "~":
			return nil, p.fault(v.at, "%s is a number: it takes = != < <= > >=", f.name)
		case err != nil:
			return nil, p.fault(v.at, "%s is compared with a whole number, such as 88120, not %q", f.name, v.text)
		}
		return func(s subject) bool { return holds(op, cmp.Compare(f.number(s), n)) }, nil
	case kindTime:
		if op == "~" {
			return nil, p.fault(v.at, "time takes = != < <= > >=, such as time>14:02:07")
		}
		if _, err := moment.ParseSpan(v.text); err == nil && !strings.HasPrefix(v.text, "-") {
			return nil, p.fault(v.at, "time is compared with a moment: -%s is that long before now", strings.TrimPrefix(v.text, "+"))
		}
		at, err := moment.ParseTime(v.text, p.now)
		if err != nil {
			return nil, p.fault(v.at, "%v; one with a space in it stands in quotes", err)
		}
		p.times = append(p.times, instant{from: v.at, to: p.at, at: at})
		return func(s subject) bool { return holds(op, f.time(s).Compare(at)) }, nil
	case kindLevel:
		if op != "~" {
			n := level(v.text)
			if n < 0 {
				return nil, p.fault(v.at, "a level is debug, info, warn or error, not %q", v.text)
			}
			return func(s subject) bool { return holds(op, level(f.word(s))-n) }, nil
		}
	}
	return p.wordTest(f, op, v)
}

// wordTest compares names, and looks into words of people.
func (p *parser) wordTest(f field, op string, v value) (test, error) {
	switch {
	case v.re != nil:
		return func(s subject) bool { return v.re.MatchString(f.word(s)) }, nil
	case op == "=" && f.name == "id":
		return func(s subject) bool { return strings.EqualFold(f.word(s), v.text) }, nil
	case op == "=":
		return func(s subject) bool { return f.word(s) == v.text }, nil
	case op == "~" && f.kind == kindText:
		n := newNeedle(v.text)
		return func(s subject) bool { return n.in(f.word(s)) }, nil
	case op == "~":
		g, err := newGlob(v.text)
		if err != nil {
			return nil, p.fault(v.at, "%v", err)
		}
		return func(s subject) bool { return g.match(f.word(s)) }, nil
	}
	return nil, p.fault(v.at, "%s is a name: it takes ~ !~ = !=, not %s", f.name, op)
}

// document compares a value at a path, or looks into the whole document.
func (p *parser) document(f field, path Path, op string, v value) (test, error) {
	if len(path.steps) == 0 {
		switch {
		case op != "~":
			return nil, p.fault(v.at, "%s needs a path to compare, such as %s.amount%s100; %s~text looks anywhere in it", f.name, f.name, op, f.name)
		case v.re != nil:
			return func(s subject) bool { return v.re.Match(f.document(s)) }, nil
		}
		n := newNeedle(v.text)
		return func(s subject) bool { return n.inBytes(f.document(s)) }, nil
	}
	leaf, err := p.leaf(op, v)
	if err != nil {
		return nil, err
	}
	return func(s subject) bool { return path.Each(f.document(s), leaf) }, nil
}

// leaf compiles what a single JSON value must fulfil.
func (p *parser) leaf(op string, v value) (func(raw []byte) bool, error) {
	switch {
	case v.re != nil:
		return func(raw []byte) bool { return v.re.MatchString(lent(raw)) }, nil
	case op == "~":
		g, err := newGlob(v.text)
		if err != nil {
			return nil, p.fault(v.at, "%v", err)
		}
		return func(raw []byte) bool { return g.match(lent(raw)) }, nil
	case !v.quoted && isNumber([]byte(v.text)):
		want := []byte(v.text)
		return func(raw []byte) bool {
			if isNumber(raw) {
				return holds(op, compareNumbers(raw, want))
			}
			return op == "=" && isString(raw) && bytes.Equal(raw[1:len(raw)-1], want)
		}, nil
	case !v.quoted && op == "=" && (v.text == "true" || v.text == "false" || v.text == "null"):
		return func(raw []byte) bool { return string(raw) == v.text || isString(raw) && lent(raw) == v.text }, nil
	}
	return func(raw []byte) bool { return isString(raw) && holds(op, strings.Compare(lent(raw), v.text)) }, nil
}

// holds reports whether an order fulfils an operator.
func holds(op string, order int) bool {
	switch op {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}
