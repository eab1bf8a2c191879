package jsonview

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/internal/text"
)

// The parts of a line of the pretty form. Text lines have only partValue.
const (
	partKey int32 = iota
	partColon
	partValue
	partComma
)

// role says which pen a piece is drawn with.
type role uint8

const (
	roleKey role = iota
	roleString
	roleEscape
	roleNumber
	roleLiteral
	rolePunct
	roleFold
	roleFault
	rolePlain
)

func (s *Styles) pen(r role) text.Pen {
	return [...]text.Pen{s.Key, s.String, s.Escape, s.Number, s.Literal, s.Punct, s.Fold, s.Fault, {}}[r]
}

// piece is a run of one role: a part of the document, or a literal of ours.
type piece struct {
	at, end uint32
	lit     string
	role    role
}

// piece returns what stands at p.
func (f *form) piece(p pos) piece {
	if f.literal() {
		return f.textPiece(p)
	}
	l := &f.lines[p.line]
	switch p.part {
	case partKey:
		return piece{at: l.keyAt, end: l.keyEnd, role: roleKey}
	case partColon:
		return piece{lit: ": ", role: rolePunct}
	case partComma:
		if l.comma || f.isFolded(p.line) && f.lines[l.pair].comma {
			return piece{lit: ",", role: rolePunct}
		}
		return piece{}
	}
	switch c := f.raw[l.at]; {
	case f.isFolded(p.line):
		return piece{lit: f.summary(l), role: roleFold}
	case f.opens(p.line):
		return piece{at: l.at, end: l.at + 1, role: rolePunct}
	case c == '{' || c == '[':
		return piece{lit: string([]byte{c, c + 2}), role: rolePunct}
	}
	return piece{at: l.at, end: l.end, role: roleOf(f.raw[l.at])}
}

// summary stands for a folded object or array: { … 12 keys }.
func (f *form) summary(l *line) string {
	c, noun := f.raw[l.at], "item"
	if c == '{' {
		noun = "key"
	}
	n := f.lines[l.pair].index
	if n != 1 {
		noun += "s"
	}
	dots := "…"
	if f.ascii {
		dots = "..."
	}
	return string(c) + " " + dots + " " + text.Count(int64(n)) + " " + noun + " " + string(c+2)
}

func roleOf(c byte) role {
	switch {
	case c == '"':
		return roleString
	case c == '-' || c >= '0' && c <= '9':
		return roleNumber
	case c == 't' || c == 'f' || c == 'n':
		return roleLiteral
	}
	return rolePunct
}

// textPiece returns the piece at a place of the document as it is.
func (f *form) textPiece(p pos) piece {
	end := f.textEnd(p.line)
	if f.err != nil {
		if fault := uint32(f.err.Offset); p.off < fault {
			return piece{at: p.off, end: min(end, fault), role: rolePlain}
		}
		return piece{at: p.off, end: end, role: roleFault}
	}
	i := f.lineOf(p.off)
	l := &f.lines[i]
	switch {
	case p.off < l.keyEnd:
		return piece{at: p.off, end: min(end, l.keyEnd), role: roleKey}
	case p.off >= l.at && p.off < l.end && f.raw[l.at] != '{' && f.raw[l.at] != '[':
		return piece{at: p.off, end: min(end, l.end), role: roleOf(f.raw[l.at])}
	case p.off < l.at:
		return piece{at: p.off, end: min(end, l.at), role: rolePunct}
	case int(i)+1 < len(f.lines):
		end = min(end, max(f.lines[i+1].start(), p.off+1))
	}
	return piece{at: p.off, end: end, role: rolePunct}
}

// chunk is the least that is drawn at once: a run of ASCII, an escape, one
// cluster.
type chunk struct {
	text  string
	cells int
	span  span // where it stands in the document; empty: a literal of ours
	role  role
}

// chunk returns what stands at p, a run of ASCII up to limit cells long, and
// the place behind it; more is false when the line ends there.
func (f *form) chunk(p pos, limit int) (c chunk, next pos, more bool) {
	pc := f.piece(p)
	off := max(p.off, pc.at)
	switch {
	case pc.at == pc.end:
		c = chunk{text: pc.lit, cells: text.Width(pc.lit), role: pc.role}
	case off >= pc.end:
		c.role = pc.role
	default:
		c = f.cut(f.raw[off:pc.end], pc.role, max(limit, 1))
		if c.span.at, c.span.end = off, off+c.span.end; c.span.end < pc.end {
			p.off = c.span.end
			return c, p, true
		}
	}
	next, more = f.behind(p, pc)
	return c, next, more
}

// cut takes the first chunk of b; its span is relative to b.
func (f *form) cut(b []byte, r role, limit int) chunk {
	quoted := r == roleKey || r == roleString
	if quoted && b[0] == '\\' {
		if n := rawjson.Escape(b); n > 0 {
			return chunk{text: string(b[:n]), cells: n, span: span{end: uint32(n)}, role: roleEscape}
		}
	}
	n := 0
	for n < len(b) && n < limit && b[n] >= 0x20 && b[n] < 0x7f && (!quoted || b[n] != '\\') {
		n++
	}
	if n > 0 && n < len(b) && b[n] >= 0x80 {
		n-- // the last character may carry a mark
	}
	if n > 0 {
		return chunk{text: string(b[:n]), cells: n, span: span{end: uint32(n)}, role: r}
	}
	cluster, _ := ansi.FirstGraphemeCluster(b, ansi.GraphemeWidth)
	shown := text.SanitizeBytes(cluster)
	if f.escape {
		shown = text.ASCII(shown)
	}
	if shown != string(cluster) {
		r = roleEscape
	}
	return chunk{text: shown, cells: text.Width(shown), span: span{end: uint32(len(cluster))}, role: r}
}

// behind returns the place after a whole piece.
func (f *form) behind(p pos, pc piece) (next pos, more bool) {
	if f.literal() {
		p.off = max(pc.end, p.off)
		return p, p.off < f.textEnd(p.line)
	}
	p.part++
	p.off = 0
	if p.part == partValue {
		p.off = f.lines[p.line].at
	}
	if p.part == partComma {
		return p, f.piece(p).lit != ""
	}
	return p, p.part < partComma
}
