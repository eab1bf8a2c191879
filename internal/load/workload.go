package load

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/evtui/evtui/server/client"
)

// variants is how many wordings of each event there are.
const variants = 8

// workload is what the workers send, made before the start and only read then.
type workload struct {
	categories []line
	streams    int // of each category
}

// line is one category's share of the workload.
type line struct {
	category  string
	follows   string
	templates []template
}

// template is one wording of an event, with the places of its digits.
type template struct {
	name   string
	text   []byte
	digits []digit
}

// digit is a place in a template's text and what may stand there.
type digit struct {
	at   int
	from byte // the lowest: '0' or '1', or 'x' for hexadecimal
}

func newWorkload(c Config) *workload {
	random := rand.New(rand.NewPCG(c.Seed, 0))
	g := &workload{streams: c.Streams / c.Categories}
	for _, t := range catalogue[:c.Categories] {
		l := line{category: t.category, follows: t.follows}
		for _, e := range t.events {
			for range variants {
				l.templates = append(l.templates, newTemplate(e, random))
			}
		}
		g.categories = append(g.categories, l)
	}
	return g
}

func newTemplate(e event, random *rand.Rand) template {
	t := template{name: e.name, text: []byte(fillWords(e.shape, random))}
	for i, c := range t.text {
		switch c {
		case '~':
			t.digits = append(t.digits, digit{i, '1'})
		case '#':
			t.digits = append(t.digits, digit{i, '0'})
		case '^':
			t.digits = append(t.digits, digit{i, 'x'})
		}
	}
	return t
}

// fillWords replaces each <word>. A word that the lists do not have is a
// fault of the catalogue, which its test finds.
func fillWords(shape string, random *rand.Rand) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(shape, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, ">")
		list := words[name]
		b.WriteString(list[random.IntN(len(list))])
		shape = after
	}
}

const hexDigits = "0123456789abcdef"

// fill appends the template with fresh digits to dst. One random number gives
// sixteen of them.
func (t *template) fill(dst []byte, random *rand.Rand) []byte {
	start := len(dst)
	dst = append(dst, t.text...)
	text := dst[start:]
	var bits uint64
	left := 0
	for _, d := range t.digits {
		if left == 0 {
			bits, left = random.Uint64(), 16
		}
		// The product of a uniform nibble is not quite even over ten digits; a load does not mind.
		nibble := bits & 15
		bits >>= 4
		left--
		switch d.from {
		case '0':
			text[d.at] = '0' + byte(nibble*10/16)
		case '1':
			text[d.at] = '1' + byte(nibble*9/16)
		default:
			text[d.at] = hexDigits[nibble]
		}
	}
	return dst
}

// stream appends a stream's name. A twentieth of the streams gets a fifth of
// the choices on top, as busy customers do.
func (g *workload) stream(dst []byte, category string, random *rand.Rand) []byte {
	n := random.IntN(g.streams)
	if random.IntN(5) == 0 {
		n = random.IntN(max(g.streams/20, 1))
	}
	return g.streamName(dst, category, n)
}

func (g *workload) streamName(dst []byte, category string, n int) []byte {
	dst = append(dst, category...)
	dst = append(dst, '-')
	// Numbered from 10001, so that names are as long as those of a business
	// that has been there for a while.
	return strconv.AppendInt(dst, int64(10001+n), 10)
}

// link says where a message is in the store, to be referred to.
type link struct {
	stream           string
	position, global int64
}

// Of eight messages, one has no metadata, two have only a trace, and the others
// say what they were caused by and which process they belong to.
const (
	bareOf8  = 1
	traceOf8 = 3
)

// metadata appends a message's metadata; nothing for null. cause may be empty.
func (g *workload) metadata(dst []byte, l *line, cause link, random *rand.Rand) []byte {
	kind := random.IntN(8)
	if kind < bareOf8 {
		return dst
	}
	dst = append(dst, `{"traceId":"`...)
	for range 2 {
		dst = appendHex(dst, random.Uint64())
	}
	dst = append(dst, '"')
	if kind < traceOf8 {
		return append(dst, '}')
	}
	if l.follows != "" {
		dst = append(dst, `,"correlationStreamName":"`...)
		dst = g.stream(dst, l.follows, random)
		dst = append(dst, '"')
	}
	if cause.stream != "" {
		dst = append(dst, `,"causationMessageStreamName":"`...)
		dst = append(dst, cause.stream...)
		dst = append(dst, `","causationMessagePosition":`...)
		dst = strconv.AppendInt(dst, cause.position, 10)
		dst = append(dst, `,"causationMessageGlobalPosition":`...)
		dst = strconv.AppendInt(dst, cause.global, 10)
	}
	return append(dst, '}')
}

// appendHex appends sixteen digits.
func appendHex(dst []byte, n uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[n>>shift&15])
	}
	return dst
}

// fill makes the events of one append in memory, which it returns for the
// next time; the events are valid until then. cause may be empty.
func (g *workload) fill(events []client.Event, memory []byte, l *line, cause link, random *rand.Rand) []byte {
	for i := range events {
		t := &l.templates[random.IntN(len(l.templates))]
		// Growing moves only what follows: events keep the memory they were made in.
		start := len(memory)
		memory = t.fill(memory, random)
		middle := len(memory)
		memory = g.metadata(memory, l, cause, random)
		e := client.Event{Type: t.name, Data: memory[start:middle:middle]}
		if len(memory) > middle {
			e.Metadata = memory[middle:len(memory):len(memory)]
		}
		events[i] = e
	}
	return memory
}
