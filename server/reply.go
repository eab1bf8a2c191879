package server

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// spillBytes is how much of a reply gathers before it is sent on.
const spillBytes = 64 << 10

// quietBytes is what net/http buffers: of a reply that fits it finds the
// length by itself.
const quietBytes = 2 << 10

// reply is the answer to a call, encoded into one buffer. What is longer than
// spillBytes goes out in pieces.
type reply struct {
	w     http.ResponseWriter
	stall time.Duration
	buf   []byte
	sent  bool // a piece is out: the status too
	stamp stamp

	pieces chan error  // what sending a piece came to; capacity 1
	timer  *time.Timer // of offer
}

func (p *reply) reset(w http.ResponseWriter, stall time.Duration) {
	p.w, p.stall, p.buf, p.sent = w, stall, p.buf[:0], false
}

// spill sends what has gathered if it is enough. It returns errClientGone when
// the client does not take it.
func (p *reply) spill() error {
	if len(p.buf) < spillBytes {
		return nil
	}
	p.begin()
	err := p.write()
	// A long reply does not end its turn by itself as long as its client takes
	// it: short calls go first.
	runtime.Gosched()
	return err
}

// promptly is how long a piece of a reply may take to be sent while the store
// is being read.
const promptly = 10 * time.Millisecond

// offer sends what has gathered. It reports false when the client does not
// take it promptly; await then must be called before anything else.
func (p *reply) offer() (prompt bool, err error) {
	p.begin()
	if p.pieces == nil {
		p.pieces = make(chan error, 1)
	}
	// On another goroutine, since a write that waits cannot be broken off and
	// gone on with. The handover also lets short calls go first.
	go func() { p.pieces <- p.write() }()
	if p.timer == nil {
		p.timer = time.NewTimer(promptly)
	} else {
		p.timer.Reset(promptly)
	}
	select {
	case err := <-p.pieces:
		p.timer.Stop()
		return true, err
	case <-p.timer.C:
		return false, nil
	}
}

// await waits until what was offered is sent.
func (p *reply) await() error { return <-p.pieces }

// begin sets the header of a reply that goes out in pieces.
func (p *reply) begin() {
	if !p.sent {
		p.sent = true
		p.w.Header()["Content-Type"] = jsonType
		// From here on the client's pace decides how long the call takes.
		_ = http.NewResponseController(p.w).SetReadDeadline(time.Time{})
	}
}

// write sends the buffer, with a deadline where it may have to wait.
func (p *reply) write() error {
	patient := len(p.buf) > quietBytes
	if patient {
		_ = http.NewResponseController(p.w).SetWriteDeadline(time.Now().Add(p.stall))
	}
	_, err := p.w.Write(p.buf)
	if patient {
		_ = http.NewResponseController(p.w).SetWriteDeadline(time.Time{})
	}
	p.buf = p.buf[:0]
	if err != nil {
		return errClientGone
	}
	return nil
}

// finish sends the rest of a reply that succeeded.
func (p *reply) finish() error {
	if !p.sent {
		header := p.w.Header()
		header["Content-Type"] = jsonType
		if len(p.buf) > quietBytes {
			header["Content-Length"] = []string{strconv.Itoa(len(p.buf))}
		}
	}
	return p.write()
}

// fail sends an error instead of the reply. Of a reply that is partly out only
// breaking the connection tells the client that it is not whole.
func (p *reply) fail(f *fault) {
	if p.sent {
		panic(http.ErrAbortHandler)
	}
	p.buf = appendFault(p.buf[:0], f)
	header := p.w.Header()
	header["Content-Type"] = jsonType
	if f.after > 0 {
		header["Retry-After"] = f.retryAfter()
	}
	p.w.WriteHeader(f.status)
	_ = p.write()
}

// jsonType is a header's value that all replies share, which never change it.
var jsonType = []string{"application/json"}

func (p *reply) raw(s string)    { p.buf = append(p.buf, s...) }
func (p *reply) integer(n int64) { p.buf = strconv.AppendInt(p.buf, n, 10) }
func (p *reply) text(s string)   { p.buf = rawjson.AppendString(p.buf, s) }

func (p *reply) timestamp(t time.Time) {
	p.buf = append(p.buf, '"')
	p.buf = p.stamp.appendTime(p.buf, t)
	p.buf = append(p.buf, '"')
}

// orNull is a time that is encoded as null when it is zero.
type orNull time.Time

// members encodes members of the object that was begun: names and their values, strings,
// integers, booleans and times, in turn.
func (p *reply) members(pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		if p.buf[len(p.buf)-1] != '{' {
			p.raw(",")
		}
		p.raw(`"`)
		p.raw(pairs[i].(string))
		p.raw(`":`)
		switch value := pairs[i+1].(type) {
		case string:
			p.text(value)
		case int64:
			p.integer(value)
		case bool:
			p.buf = strconv.AppendBool(p.buf, value)
		case time.Time:
			p.timestamp(value)
		case orNull:
			if time.Time(value).IsZero() {
				p.raw("null")
			} else {
				p.timestamp(time.Time(value))
			}
		}
	}
}

// object encodes an object of such members.
func (p *reply) object(pairs ...any) {
	p.raw("{")
	p.members(pairs...)
	p.raw("}")
}

// array encodes an array, each row by one.
func array[T any](p *reply, rows []T, one func(T) error) error {
	p.raw("[")
	for i, row := range rows {
		if i > 0 {
			p.raw(",")
		}
		if err := one(row); err != nil {
			return err
		}
	}
	p.raw("]")
	return nil
}

// value encodes what is not worth encoding by hand.
func (p *reply) value(v any) error {
	encoded, err := json.Marshal(v)
	p.buf = append(p.buf, encoded...)
	return err
}

// message encodes a row of stream.get or, with the stream's name, of
// category.get.
func (p *reply) message(m *store.Message, withStream bool) {
	b := append(p.buf, `["`...)
	b = append(m.ID.AppendTo(b), `",`...)
	if withStream {
		b = append(rawjson.AppendString(b, m.Stream), ',')
	}
	b = append(rawjson.AppendString(b, m.Type), ',')
	b = append(strconv.AppendInt(b, m.Position, 10), ',')
	b = append(strconv.AppendInt(b, m.GlobalPosition, 10), ',')
	b = append(append(b, m.Data...), ',')
	if m.Metadata == nil {
		b = append(b, "null,"...)
	} else {
		b = append(append(b, m.Metadata...), ',')
	}
	p.buf = b
	p.timestamp(m.Time)
	p.buf = append(p.buf, ']')
}

// stamp writes times as [time.RFC3339Nano] does in UTC. Messages that follow one
// another are of the same second, mostly, so its text is kept: the calendar is
// most of what formatting a time costs.
type stamp struct {
	second int64 // Unix time of text
	text   [len("2006-01-02T15:04:05")]byte
	known  bool
}

// appendTime appends the time to dst.
func (s *stamp) appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	if second := t.Unix(); !s.known || second != s.second {
		if year := t.Year(); year < 1000 || year > 9999 {
			return t.AppendFormat(dst, time.RFC3339Nano)
		}
		t.AppendFormat(s.text[:0], "2006-01-02T15:04:05")
		s.second, s.known = second, true
	}
	dst = append(dst, s.text[:]...)
	if nanos := t.Nanosecond(); nanos != 0 {
		var digits [10]byte
		digits[0] = '.'
		for i := 9; i > 0; i-- {
			digits[i] = byte('0' + nanos%10)
			nanos /= 10
		}
		last := 9
		for digits[last] == '0' {
			last--
		}
		dst = append(dst, digits[:last+1]...)
	}
	return append(dst, 'Z')
}
