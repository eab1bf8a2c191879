package causes

import (
	"slices"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/filter"
)

// What a filter may become: a server takes 4,096 bytes, and each condition costs
// time for every message, until it costs less to send them all.
const (
	maxLine  = 3_500
	maxParts = 24
)

// Anything is a filter that keeps all messages that are linked with any other: a
// superset of every tree.
func (l *Links) Anything() string {
	var parts []string
	for _, w := range l.ways {
		slots := w.slots[:1]
		if w.kind == placeWay && len(w.slots) > 2 {
			slots = []int{w.slots[0], w.slots[2]} // either is enough
		}
		for _, slot := range slots {
			if field := l.field(slot); !slices.Contains(parts, field) {
				parts = append(parts, field)
			}
		}
	}
	return strings.Join(parts, " or ")
}

// field is the name in a slot as filters write it.
func (l *Links) field(slot int) string {
	path := l.paths[slot].String()
	if strings.HasPrefix(path, "[") {
		return "metadata" + path
	}
	return "metadata." + path
}

// escapes keeps metadata in which ASCII is spelled as \u00…: there a text can
// hide from those who look for it.
const escapes = `metadata~"\\u00"`

// Filter keeps what names one of the messages of a tree as its cause, or shares
// what the tree's message belongs to; ok is false where that would be more than a
// filter may hold. It keeps a little more than that: [Tree.Grow] decides.
func (t *Tree) Filter() (line string, ok bool) {
	if len(t.nodes)-t.origin > maxParts {
		return "", false
	}
	parts := []string{escapes}
	add := func(part string) {
		if part != "" && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	for i := t.origin; i < len(t.nodes); i++ {
		n := &t.nodes[i]
		for _, w := range t.links.ways {
			for _, part := range t.links.names(w, n) {
				add(part)
			}
		}
	}
	for _, s := range t.shared {
		add(t.links.shares(s))
	}
	line = strings.Join(parts, " or ")
	return line, len(parts) <= maxParts && len(line) <= maxLine
}

// names are conditions that hold for what names a message as its cause.
func (l *Links) names(w way, n *Node) []string {
	first := l.field(w.slots[0])
	global := "=" + strconv.FormatInt(n.Global, 10)
	switch w.kind {
	case placeWay:
		out := []string{"(" + first + "=" + filter.Quote(n.Stream) + " " + l.field(w.slots[1]) + "=" + strconv.FormatInt(n.Position, 10) + ")"}
		if len(w.slots) > 2 {
			out = append(out, l.field(w.slots[2])+global)
		}
		return out
	case markWay:
		return []string{first + "=" + filter.Quote(Place(n.Stream, n.Position).String())}
	case globalWay:
		return []string{first + global}
	case idWay:
		return []string{"metadata~" + filter.Quote(n.ID.String())} // by whatever name, in either case
	case traceWay:
		if trace, _, spans := strings.Cut(n.Span.Name, "/"); spans {
			return []string{"metadata~" + filter.Quote(trace)}
		}
	}
	return nil
}

// shares is a condition that holds for what shares a value; "" for none.
func (l *Links) shares(s Shared) string {
	if s.Name == TraceParent {
		return "metadata~" + filter.Quote(s.Value)
	}
	for _, w := range l.ways {
		if w.kind != sharedWay || l.paths[w.slots[0]].String() != s.Name {
			continue
		}
		field := l.field(w.slots[0]) + "="
		if s.number {
			return field + s.Value // or a string that spells it
		}
		return field + filter.Quote(s.Value)
	}
	return ""
}

// SpanFilter keeps messages that were written in the span that a reference names,
// and a few more.
func SpanFilter(r Ref) string {
	_, id, _ := strings.Cut(r.Name, "/")
	return "metadata~" + filter.Quote(id) + " or " + escapes
}
