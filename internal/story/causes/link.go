package causes

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// Correlation is the name of the metadata by which EventoDB and Eventide say
// which stream a message's process is.
const Correlation = "correlationStreamName"

// Names are names of metadata that a user's own messages are linked by, each a
// path of the filter language without "metadata." before it. They count before
// those that are built in.
type Names struct {
	ID          []string // holds the id of the cause
	Global      []string // holds the global position of the cause
	Place       []string // holds STREAM#POSITION of the cause; or two names with a space between: of its stream, and of its position
	Correlation []string // holds the same in all messages of a process
	Only        bool     // those that are built in do not count
}

// Links are the names of metadata that link messages. The zero Links link none.
type Links struct {
	ways  []way
	plain map[string]int // slots of names that are no paths
	paths []filter.Path  // by slot
}

// IsZero reports whether they link nothing.
func (l *Links) IsZero() bool { return len(l.ways) == 0 }

// way is one convention by which a message names another, or what it belongs to.
type way struct {
	kind  wayKind
	slots []int // of the names that it takes
}

type wayKind uint8

const (
	placeWay  wayKind = iota // stream, position, and perhaps the global position
	markWay                  // STREAM#POSITION
	globalWay                // the global position
	idWay                    // the id
	sharedWay                // what all of a process have
	traceWay                 // traceparent, two names of the own span, two of the parent
)

// convention is names as they are written down, before they have slots.
type convention struct {
	kind  wayKind
	names []string
}

// The most that a name of metadata may hold to count: a stream's name and a
// position.
const maxValue = store.MaxStreamName + 24

// BuiltIn are the links that evtui knows by itself.
func BuiltIn() Links {
	l, _ := New(Names{}) // its own names are good
	return l
}

// New returns the links of a user's own names, and of those that are built in. The
// error names the one that cannot be read, and what would be right.
func New(own Names) (Links, error) {
	l := Links{plain: map[string]int{}}
	for _, given := range []convention{{idWay, own.ID}, {globalWay, own.Global}, {placeWay, own.Place}, {sharedWay, own.Correlation}} {
		for _, name := range given.names {
			if err := l.own(given.kind, name); err != nil {
				return Links{}, err
			}
		}
	}
	if own.Only {
		return l, nil
	}
	for _, built := range []convention{
		{placeWay, []string{"causationMessageStreamName", "causationMessagePosition", "causationMessageGlobalPosition"}},
		{idWay, []string{"$causationId"}}, {idWay, []string{"causation_id"}}, {idWay, []string{"causationId"}},
		{sharedWay, []string{Correlation}}, {sharedWay, []string{"$correlationId"}},
		{sharedWay, []string{"correlation_id"}}, {sharedWay, []string{"correlationId"}},
		{traceWay, []string{"traceparent", "spanId", "span_id", "parentSpanId", "parent_span_id"}},
	} {
		if err := l.add(built.kind, built.names...); err != nil {
			return Links{}, err
		}
	}
	return l, nil
}

// own adds a name of the user's.
func (l *Links) own(kind wayKind, name string) error {
	names := strings.Fields(name)
	switch {
	case len(names) == 0:
		return errors.New("is empty: name a field of the metadata, such as parentId")
	case kind == placeWay && len(names) == 1:
		kind = markWay
	case kind == placeWay && len(names) > 2, kind != placeWay && len(names) > 1:
		return fmt.Errorf("%q has spaces: only a place takes two names, of the stream and of the position", name)
	}
	return l.add(kind, names...)
}

func (l *Links) add(kind wayKind, names ...string) error {
	w := way{kind: kind}
	for _, name := range names {
		path, err := filter.ParsePath(name)
		if err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		slot := slices.IndexFunc(l.paths, func(p filter.Path) bool { return p.String() == path.String() })
		if slot < 0 {
			slot = len(l.paths)
			l.paths = append(l.paths, path)
			if !strings.ContainsAny(path.String(), ".[") {
				l.plain[path.String()] = slot
			}
		}
		w.slots = append(w.slots, slot)
	}
	l.ways = append(l.ways, w)
	return nil
}

// Shared is a value that all messages of a process have.
type Shared struct {
	Name  string // of the metadata: correlationStreamName, or traceparent of a trace
	Value string

	number bool // it is no string
}

// Named is what the metadata of a message says of what it is linked with.
type Named struct {
	Causes []Ref    // the ways in which its cause is named, the first counts
	Shared []Shared // what it belongs to
	Span   Ref      // by which others name it besides; zero: none
}

// Of reads what a message's metadata names. Nothing of it is kept by l.
func (l *Links) Of(m *store.Message) Named {
	var n Named
	if len(m.Metadata) == 0 || len(l.ways) == 0 {
		return n
	}
	values := l.values(m.Metadata)
	for _, w := range l.ways {
		w.read(values, &n, l)
	}
	return n
}

// values are what the metadata holds by the links' names, by slot; nil for none.
// Of a name that stands twice the first counts, as in filters.
func (l *Links) values(meta []byte) [][]byte {
	values := make([][]byte, len(l.paths))
	s := rawjson.New(meta)
	// Metadata that is no object links nothing.
	_ = s.Object(func(name []byte) error {
		raw, err := s.Value()
		if slot, known := l.plain[string(name)]; known && values[slot] == nil {
			values[slot] = raw
		}
		return err
	})
	for slot, path := range l.paths {
		if _, plain := l.plain[path.String()]; !plain {
			values[slot], _ = path.First(meta)
		}
	}
	return values
}

// said is what a value says: a string's text or a number as it is spelled, ""
// for anything else and for what is too long to name a message.
func said(raw []byte) string {
	if len(raw) == 0 || len(raw) > maxValue {
		return ""
	}
	if c := raw[0]; c != '"' && c != '-' && (c < '0' || c > '9') {
		return ""
	}
	return filter.Text(raw)
}

// position reads a position as it is written without commas, signs and zeros
// before it: so filters find it, too.
func position(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == text
}

func (w way) read(values [][]byte, n *Named, l *Links) {
	first := values[w.slots[0]]
	switch w.kind {
	case placeWay:
		w.readPlace(values, n)
	case markWay:
		mark := said(first)
		cut := strings.LastIndexByte(mark, '#')
		if at, ok := position(mark[cut+1:]); ok && cut > 0 {
			n.cause(Place(mark[:cut], at))
		}
	case globalWay:
		if at, ok := position(said(first)); ok && at > 0 {
			n.cause(Global(at))
		}
	case idWay:
		if id := said(first); id != "" {
			n.cause(ID(id))
		}
	case sharedWay:
		if value := said(first); value != "" {
			n.Shared = append(n.Shared, Shared{Name: l.paths[w.slots[0]].String(), Value: value, number: first[0] != '"'})
		}
	case traceWay:
		w.readTrace(values, n)
	}
}

// readPlace takes the place, else the global position: where a log was imported
// elsewhere only the place still holds.
func (w way) readPlace(values [][]byte, n *Named) {
	stream := said(values[w.slots[0]])
	if at, ok := position(said(values[w.slots[1]])); ok && stream != "" {
		n.cause(Place(stream, at))
		return
	}
	if len(w.slots) < 3 {
		return
	}
	if at, ok := position(said(values[w.slots[2]])); ok && at > 0 {
		n.cause(Global(at))
	}
}

// readTrace reads W3C's traceparent: 00-TRACE-SPAN-FLAGS. Where a span of its own
// stands beside it, the one inside is the parent.
func (w way) readTrace(values [][]byte, n *Named) {
	parts := strings.Split(said(values[w.slots[0]]), "-")
	if len(parts) < 4 || !hexadecimal(parts[1], 32) || !hexadecimal(parts[2], 16) {
		return
	}
	trace, inside := strings.ToLower(parts[1]), strings.ToLower(parts[2])
	n.Shared = append(n.Shared, Shared{Name: TraceParent, Value: trace})
	pick := func(a, b int) string {
		for _, slot := range []int{w.slots[a], w.slots[b]} {
			if id := strings.ToLower(said(values[slot])); hexadecimal(id, 16) {
				return id
			}
		}
		return ""
	}
	own, parent := pick(1, 2), pick(3, 4)
	switch {
	case own == "":
		own = inside
	case parent == "" && own != inside:
		parent = inside
	}
	if n.Span = span(trace, own); parent != "" && parent != own {
		n.cause(span(trace, parent))
	}
}

// TraceParent is the name by which W3C's trace context is kept.
const TraceParent = "traceparent"

// hexadecimal reports whether s is n such digits, not all of them 0.
func hexadecimal(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdefABCDEF") == "" && strings.Trim(s, "0") != ""
}

// cause adds a way in which the cause is named, unless it is one of those.
func (n *Named) cause(r Ref) {
	if !slices.Contains(n.Causes, r) {
		n.Causes = append(n.Causes, r)
	}
}

// StreamOf is the stream that a message correlates to, as EventoDB and Eventide say
// it; "" for none.
func StreamOf(m *store.Message) string {
	if len(m.Metadata) == 0 {
		return ""
	}
	var name string
	s := rawjson.New(m.Metadata)
	_ = s.Object(func(key []byte) error { // what is no object names nothing
		raw, err := s.Value()
		if string(key) == Correlation && name == "" {
			name = said(raw)
		}
		return err
	})
	return name
}

// ProcessOf is the stream whose process a message belongs to: the one that it
// correlates to, else its own.
func ProcessOf(m *store.Message) string {
	if name := StreamOf(m); name != "" {
		return name
	}
	return m.Stream
}
