package tui

import "bytes"

// node is a JSON value with what stands in it; nothing is decoded.
type node struct {
	key   []byte // with its quotes; nil in an array
	raw   []byte // without space around it; an object's or array's without space at all
	kind  byte   // '{', '[' or 0 for a scalar
	items []node
}

// label is what stands before a value in its object.
func (n node) label() string {
	if n.key == nil {
		return ""
	}
	return string(n.key) + ": "
}

// maxTree bounds how deep a document may nest to be taken apart.
const maxTree = 600

// parseTree takes a document apart; ok is false when it is no JSON.
func parseTree(raw []byte) (n node, ok bool) {
	p := treeParser{raw: raw}
	p.space()
	n = p.value(0)
	p.space()
	return n, !p.bad && p.at == len(raw)
}

type treeParser struct {
	raw    []byte
	at     int
	spaces int // bytes of space passed so far
	bad    bool
}

func (p *treeParser) space() {
	for p.at < len(p.raw) && (p.raw[p.at] == ' ' || p.raw[p.at] == '\n' || p.raw[p.at] == '\t' || p.raw[p.at] == '\r') {
		p.at++
		p.spaces++
	}
}

// peek returns the next byte that is no space, 0 at the end.
func (p *treeParser) peek() byte {
	if p.space(); p.at < len(p.raw) {
		return p.raw[p.at]
	}
	return 0
}

func (p *treeParser) value(depth int) node {
	c := p.peek()
	if c == '{' || c == '[' {
		if depth < maxTree {
			return p.nested(c, depth)
		}
		p.bad = true
		return node{}
	}
	return node{raw: p.scalar(c)}
}

// nested reads an object or array.
func (p *treeParser) nested(open byte, depth int) node {
	n := node{kind: open}
	start, spaces := p.at, p.spaces
	p.at++
	for p.peek() != open+2 && !p.bad { // '}' and ']' stand two after their openings
		if len(n.items) > 0 && !p.sign(',') {
			break
		}
		var key []byte
		if open == '{' {
			if key = p.scalar(p.peek()); p.bad || key[0] != '"' || !p.sign(':') {
				p.bad = true
				break
			}
		}
		item := p.value(depth + 1)
		item.key = key
		n.items = append(n.items, item)
	}
	p.at = min(p.at+1, len(p.raw))
	if n.raw = p.raw[start:p.at]; p.spaces != spaces && !p.bad {
		n.raw = n.packed()
	}
	return n
}

// packed is an object or array without space, by which two that differ in
// their layout only are the same.
func (n node) packed() []byte {
	out := []byte{n.kind}
	for i, item := range n.items {
		if i > 0 {
			out = append(out, ',')
		}
		if item.key != nil {
			out = append(append(out, item.key...), ':')
		}
		out = append(out, item.raw...)
	}
	return append(out, n.kind+2)
}

// sign consumes one sign, which must be there.
func (p *treeParser) sign(c byte) bool {
	if p.peek() != c {
		p.bad = true
		return false
	}
	p.at++
	return true
}

// scalar reads a string, a number or a word.
func (p *treeParser) scalar(c byte) []byte {
	start := p.at
	if c == '"' {
		for p.at++; p.at < len(p.raw) && p.raw[p.at] != '"'; p.at++ {
			if p.raw[p.at] == '\\' {
				p.at++
			}
		}
		p.at++
	} else {
		for p.at < len(p.raw) && bytes.IndexByte([]byte(",:{}[]\" \t\r\n"), p.raw[p.at]) < 0 {
			p.at++
		}
	}
	if p.at == start || p.at > len(p.raw) {
		p.bad = true
		p.at = min(p.at, len(p.raw))
		return []byte{' '}
	}
	return p.raw[start:p.at]
}
