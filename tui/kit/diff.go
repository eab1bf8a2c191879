package kit

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// diffState says how a line stands on the two sides.
type diffState int

const (
	diffSame diffState = iota
	diffChanged
	diffRemoved // on the left only
	diffAdded   // on the right only
	diffHead    // names what follows
)

// diffLine is one line of a difference: what stands there on the left, and on
// the right, indented.
type diffLine struct {
	depth       int
	left, right string
	state       diffState
	place       int // the difference that it belongs to, from 1; 0: it is the same on both sides
	same        int // lines that are folded into this one
}

// maxAligned bounds the work of aligning two arrays: beyond it, their items
// are compared place by place.
const maxAligned = 1_000_000

// diffMessages compares two messages by structure: objects by their names,
// arrays by the longest run of items that they share.
func diffMessages(a, b *store.Message) *differ {
	d := &differ{}
	d.field("type", a.Type, b.Type)
	d.field("stream", a.Stream, b.Stream)
	d.field("position", strconv.FormatInt(a.Position, 10), strconv.FormatInt(b.Position, 10))
	d.field("global", strconv.FormatInt(a.GlobalPosition, 10), strconv.FormatInt(b.GlobalPosition, 10))
	d.field("time", a.Time.UTC().Format(time.RFC3339Nano), b.Time.UTC().Format(time.RFC3339Nano))
	d.document("data", a.Data, b.Data)
	d.document("metadata", a.Metadata, b.Metadata)
	return d
}

// differ gathers lines.
type differ struct {
	lines  []diffLine
	places int // how many differ: a value that is another one, or on one side only, however many lines it has
}

func (d *differ) add(depth int, left, right string, state diffState) {
	l := diffLine{depth: depth, left: left, right: right, state: state}
	if state != diffSame && state != diffHead {
		l.place = d.places
	}
	d.lines = append(d.lines, l)
}

// changed is a line that is another one on each side.
func (d *differ) changed(depth int, left, right string) {
	d.places++
	d.add(depth, left, right, diffChanged)
}

// only is a value that stands on one side.
func (d *differ) only(depth int, label string, n node, state diffState) {
	d.places++
	d.whole(depth, label, n, state)
}

func (d *differ) field(name, left, right string) {
	if left != right {
		d.changed(0, name+": "+left, name+": "+right)
		return
	}
	d.add(0, name+": "+left, name+": "+right, diffSame)
}

func (d *differ) document(name string, left, right []byte) {
	d.add(0, name, name, diffHead)
	if left == nil {
		left = []byte("null")
	}
	if right == nil {
		right = []byte("null")
	}
	a, okA := parseTree(left)
	b, okB := parseTree(right)
	if !okA || !okB {
		// What is no JSON is compared as it is.
		a, b = node{raw: left}, node{raw: right}
	}
	d.value(0, "", a, b)
}

// value compares two values that stand in the same place.
func (d *differ) value(depth int, label string, a, b node) {
	switch {
	case bytes.Equal(a.raw, b.raw):
		d.whole(depth, label, a, diffSame)
	case a.kind == '{' && b.kind == '{':
		d.add(depth, label+"{", label+"{", diffSame)
		d.object(depth+1, a, b)
		d.add(depth, "}", "}", diffSame)
	case a.kind == '[' && b.kind == '[':
		d.add(depth, label+"[", label+"[", diffSame)
		d.array(depth+1, a, b)
		d.add(depth, "]", "]", diffSame)
	case a.kind == 0 && b.kind == 0:
		d.changed(depth, label+string(a.raw), label+string(b.raw))
	default:
		d.places++
		d.whole(depth, label, a, diffRemoved)
		d.whole(depth, label, b, diffAdded)
	}
}

// whole writes all lines of a value that is the same on both sides, or stands
// on one only.
func (d *differ) whole(depth int, label string, n node, state diffState) {
	put := func(depth int, s string) {
		switch state {
		case diffRemoved:
			d.add(depth, s, "", state)
		case diffAdded:
			d.add(depth, "", s, state)
		default:
			d.add(depth, s, s, state)
		}
	}
	if n.kind == 0 || len(n.items) == 0 {
		put(depth, label+string(n.raw))
		return
	}
	put(depth, label+string(n.kind))
	for _, item := range n.items {
		d.whole(depth+1, item.label(), item, state)
	}
	put(depth, string(n.kind+2)) // '}' and ']' stand two after their openings
}

// object compares members by their names, in the order of the left side; what
// only the right has comes behind the member that it follows there.
func (d *differ) object(depth int, a, b node) {
	right := make(map[string]int, len(b.items))
	for i, item := range b.items {
		right[string(item.key)] = i
	}
	left := make(map[string]bool, len(a.items))
	for _, item := range a.items {
		left[string(item.key)] = true
	}
	next := 0 // of the right, not yet written
	extras := func() {
		for ; next < len(b.items) && !left[string(b.items[next].key)]; next++ {
			d.only(depth, b.items[next].label(), b.items[next], diffAdded)
		}
	}
	extras()
	for _, item := range a.items {
		i, both := right[string(item.key)]
		if !both {
			d.only(depth, item.label(), item, diffRemoved)
			continue
		}
		d.value(depth, item.label(), item, b.items[i])
		if i == next {
			next++
			extras()
		}
	}
	for ; next < len(b.items); next++ {
		if !left[string(b.items[next].key)] {
			d.only(depth, b.items[next].label(), b.items[next], diffAdded)
		}
	}
}

// array compares items. Those between two that both sides share are compared
// in pairs, as changed.
func (d *differ) array(depth int, a, b node) {
	i, j := 0, 0
	flush := func(endA, endB int) {
		for i < endA && j < endB {
			d.value(depth, "", a.items[i], b.items[j])
			i, j = i+1, j+1
		}
		for ; i < endA; i++ {
			d.only(depth, "", a.items[i], diffRemoved)
		}
		for ; j < endB; j++ {
			d.only(depth, "", b.items[j], diffAdded)
		}
	}
	for _, pair := range shared(a.items, b.items) {
		flush(pair[0], pair[1])
		d.whole(depth, "", a.items[i], diffSame)
		i, j = i+1, j+1
	}
	flush(len(a.items), len(b.items))
}

// shared returns the places of a longest common run of items, in order.
func shared(a, b []node) [][2]int {
	var pairs [][2]int
	first := 0
	for first < len(a) && first < len(b) && bytes.Equal(a[first].raw, b[first].raw) {
		pairs = append(pairs, [2]int{first, first})
		first++
	}
	a, b = a[first:], b[first:]
	if len(a)*len(b) > maxAligned || len(a) == 0 || len(b) == 0 {
		return pairs
	}
	// longest[i][j] is the length of the longest run of a[i:] and b[j:].
	wide := len(b) + 1
	longest := make([]int32, (len(a)+1)*wide)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if bytes.Equal(a[i].raw, b[j].raw) {
				longest[i*wide+j] = longest[(i+1)*wide+j+1] + 1
			} else {
				longest[i*wide+j] = max(longest[(i+1)*wide+j], longest[i*wide+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case bytes.Equal(a[i].raw, b[j].raw):
			pairs = append(pairs, [2]int{first + i, first + j})
			i, j = i+1, j+1
		case longest[(i+1)*wide+j] >= longest[i*wide+j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// node is a JSON value with what stands in it; nothing is decoded.
type node struct {
	key   []byte // with its quotes; nil in an array
	raw   []byte // without space
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

// parseTree takes a document apart; ok is false when it is no JSON. Without space, two that
// differ in their layout only are the same.
func parseTree(raw []byte) (n node, ok bool) {
	var packed bytes.Buffer
	if json.Compact(&packed, raw) != nil {
		return node{}, false
	}
	n, _ = parseNode(packed.Bytes(), 0)
	return n, true
}

// parseNode reads the value that begins at at, of checked JSON without space, and returns
// the place behind it.
func parseNode(raw []byte, at int) (n node, end int) {
	if raw[at] != '{' && raw[at] != '[' {
		end = rawjson.Pass(raw, at)
		return node{raw: raw[at:end]}, end
	}
	n.kind, end = raw[at], at+1
	for raw[end] != n.kind+2 { // '}' and ']' stand two after their openings
		if len(n.items) > 0 {
			end++ // the comma
		}
		var key []byte
		if n.kind == '{' {
			colon := rawjson.PassString(raw, end)
			key, end = raw[end:colon], colon+1
		}
		var item node
		item, end = parseNode(raw, end)
		item.key = key
		n.items = append(n.items, item)
	}
	n.raw = raw[at : end+1]
	return n, end + 1
}
