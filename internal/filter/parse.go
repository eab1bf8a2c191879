package filter

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth is how deep parentheses and inversions may nest.
const maxDepth = 100

// maxProgram is how many instructions the regular expressions of one line may
// compile to. Matching takes at most as many steps for each byte of a message,
// and nobody can break it off: in a server the line is a stranger's.
const maxProgram = 1000

// parser goes through a line once, from left to right.
type parser struct {
	src     string
	at      int
	words   vocabulary
	now     time.Time
	depth   int
	program int       // instructions of the regular expressions so far
	times   []instant // in the line's order
	named   []named   // what was read so far names
}

// instant is a time in the line: where it stands, and when that is.
type instant struct {
	from, to int
	at       time.Time
}

// absolute is the line with its times in full.
func (p *parser) absolute() string {
	var b strings.Builder
	from := 0
	for _, t := range p.times {
		b.WriteString(p.src[from:t.from])
		b.WriteString(t.at.UTC().Format(time.RFC3339Nano))
		from = t.to
	}
	b.WriteString(p.src[from:])
	return b.String()
}

// fault says what is wrong at an offset.
func (p *parser) fault(at int, format string, args ...any) error {
	return &Error{Source: p.src, At: min(at, len(p.src)), Reason: fmt.Sprintf(format, args...)}
}

// line reads the whole line.
func (p *parser) line() (test, error) {
	t, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.src) {
		return nil, p.fault(p.at, "this ) closes nothing; take it away, or put text in quotes")
	}
	return t, nil
}

// blanks are what separates conditions, and what may stand around a
// line. Others, such as a no-break space, are part of a word.
const blanks = " \t\n\v\f\r"

func (p *parser) space() {
	for p.at < len(p.src) && strings.IndexByte(blanks, p.src[p.at]) >= 0 {
		p.at++
	}
}

// keyword consumes a word in any case, or the sign that stands for it.
func (p *parser) keyword(word, sign string) bool {
	p.space()
	rest := p.src[p.at:]
	if strings.HasPrefix(rest, sign) {
		p.at += len(sign)
		return true
	}
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	if after := rest[len(word):]; after != "" && !strings.ContainsRune(blanks+"()!\"", rune(after[0])) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *parser) or() (test, error) {
	left, err := p.and()
	for err == nil && p.keyword("or", "||") {
		var right test
		one := left
		if right, err = p.and(); err == nil {
			left = func(s subject) bool { return one(s) || right(s) }
		}
	}
	return left, err
}

func (p *parser) and() (test, error) {
	left, err := p.not()
	for err == nil {
		if !p.keyword("and", "&&") && !p.another() {
			break
		}
		var right test
		one := left
		if right, err = p.not(); err == nil {
			left = func(s subject) bool { return one(s) && right(s) }
		}
	}
	return left, err
}

// another reports whether a further term stands here without an "and".
func (p *parser) another() bool {
	p.space()
	at := p.at
	or := p.keyword("or", "||")
	p.at = at
	return !or && at < len(p.src) && p.src[at] != ')'
}

func (p *parser) not() (test, error) {
	p.space()
	start := p.at
	if p.depth++; p.depth > maxDepth {
		return nil, p.fault(start, "too deep: more than %d parentheses and inversions inside each other", maxDepth)
	}
	defer func() { p.depth-- }()
	switch {
	case p.keyword("not", "!"):
		t, err := p.not()
		if err != nil {
			return nil, err
		}
		return func(s subject) bool { return !t(s) }, nil
	case strings.HasPrefix(p.src[p.at:], "("):
		return p.group()
	}
	return p.term()
}

func (p *parser) group() (test, error) {
	open := p.at
	p.at++
	t, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.space(); p.at >= len(p.src) {
		return nil, p.fault(open, "this ( has no ); close it at the end of what belongs together")
	}
	p.at++
	return t, nil
}

// term reads one condition, or text.
func (p *parser) term() (test, error) {
	start := p.at
	switch {
	case p.at >= len(p.src):
		return nil, p.fault(p.at, "expected a condition, such as type~Dep*, or text")
	case p.src[p.at] == ')':
		return nil, p.fault(p.at, "expected a condition before this ), such as type~Dep*, or text")
	case p.src[p.at] == '/':
		re, err := p.regexp()
		if err != nil {
			return nil, err
		}
		return p.anywhere(re.MatchString, re.Match), nil
	case p.src[p.at] == '"':
		s, err := p.quoted()
		if err != nil {
			return nil, err
		}
		if p.ended() {
			return p.text(s), nil
		}
		p.at = start // "n":3 is text with its quotes
		return p.text(p.word()), nil
	}
	if err := p.singleQuotes(); err != nil {
		return nil, err
	}
	if t, isCondition, err := p.condition(); isCondition || err != nil {
		return t, err
	}
	p.at = start
	word := p.word()
	if lower := strings.ToLower(word); lower == "and" || lower == "or" || word == "&&" || word == "||" {
		return nil, p.fault(start, "expected a condition before %q; to look for the word itself, put it in quotes", word)
	}
	return p.text(word), nil
}

// ended reports whether a word ends here.
func (p *parser) ended() bool {
	return p.at >= len(p.src) || strings.IndexByte(blanks+"()", p.src[p.at]) >= 0
}

// word consumes what goes on to the next space or parenthesis.
func (p *parser) word() string {
	start := p.at
	for !p.ended() {
		p.at++
	}
	return p.src[start:p.at]
}

// text keeps what holds the text in any case.
func (p *parser) text(s string) test {
	n := newNeedle(s)
	return p.anywhere(n.in, n.inBytes)
}

func (p *parser) anywhere(find func(string) bool, findBytes func([]byte) bool) test {
	bare := p.words.bare
	return func(s subject) bool { return bare(s, find, findBytes) }
}

// quoted consumes a string in quotes, in which \ takes the next sign as it is.
func (p *parser) quoted() (string, error) {
	open := p.at
	var b strings.Builder
	for p.at++; p.at < len(p.src); p.at++ {
		switch c := p.src[p.at]; {
		case c == '"':
			p.at++
			return b.String(), nil
		case c == '\\' && p.at+1 < len(p.src):
			p.at++
			b.WriteByte(p.src[p.at])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fault(open, `this quote has no end; close it with "`)
}

// singleQuotes refuses text in single quotes, which would be looked for word by
// word with its quotes and match nothing. One quote alone is text.
func (p *parser) singleQuotes() error {
	rest := p.src[p.at:]
	if !strings.HasPrefix(rest, "'") {
		return nil
	}
	inside, behind, closed := strings.Cut(rest[1:], "'")
	if !closed || behind != "" && strings.IndexByte(blanks+"()", behind[0]) < 0 {
		return nil
	}
	return p.fault(p.at, `single quotes do not quote; write "%s", or "'%s'" to look for the quotes too`, inside, inside)
}

// regexp consumes /…/ with its flags.
func (p *parser) regexp() (*regexp.Regexp, error) {
	open := p.at
	var b strings.Builder
	for p.at++; p.at < len(p.src) && p.src[p.at] != '/'; p.at++ {
		if p.src[p.at] == '\\' && p.at+1 < len(p.src) {
			if p.at++; p.src[p.at] != '/' {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(p.src[p.at])
	}
	if p.at >= len(p.src) {
		return nil, p.fault(open, `this / begins a regular expression that has no end; close it with /, or put text in quotes`)
	}
	p.at++
	expr := b.String()
	if p.at < len(p.src) && p.src[p.at] == 'i' {
		expr = "(?i)" + expr
		p.at++
	}
	if !p.ended() {
		r, _ := utf8.DecodeRuneInString(p.src[p.at:])
		return nil, p.fault(p.at, "%q after a regular expression: only i may follow its /, then a space", r)
	}
	re, err := p.compile(expr)
	if err != nil {
		return nil, p.fault(open, "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// compile compiles a regular expression, unless those of the line together
// become too large.
func (p *parser) compile(expr string) (*regexp.Regexp, error) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	if p.program += len(program.Inst); p.program > maxProgram {
		return nil, fmt.Errorf("the regular expressions of this filter are too large: together they may take %d steps; repeat less", maxProgram)
	}
	return regexp.Compile(expr)
}
