package server

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// call is one request to /rpc under way. Calls are pooled, with the buffers of
// body and reply: nothing may keep a part of one past its end.
type call struct {
	s      *Server
	ctx    context.Context
	r      *http.Request
	scope  scope
	body   []byte
	args   rawjson.Scanner // over body, inside its array
	step   string          // what is being done, for the message of a backend's error
	name   string          // of the stream, category or namespace that the call begins with, if it does
	reply  reply
	event  [1]store.Event // what stream.write appends
	events []store.Event  // what stream.append appends

	deadline *deadline // of a write; nil: there was none yet
	large    int64     // bytes of body that count against the limit of large ones

	// For the figures: messages, the category that they are of ("" for none or
	// several), and the global position of the last one read.
	appended, read int64
	scanned        int64 // messages that a scan looked at
	category       string
	given          int64
}

// keepEvents is how many events a pooled call keeps room for.
const keepEvents = 1024

// keepBytes is the most that a pooled buffer may hold: a body or a reply that
// was larger gives its buffer back to the collector.
const keepBytes = 256 << 10

func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	c := s.calls.Get().(*call)
	c.s, c.r, c.ctx = s, r, r.Context()
	c.step = "read the request"
	c.reply.reset(w, s.cfg.Limits.StallTime)
	return c
}

// release gives the call back to the pool. A call that failed keeps its body's
// buffer and events away from it: after an error nobody can tell for certain
// that the store does not look at them any more.
func (s *Server) release(c *call, failed bool) {
	if c.large > 0 {
		s.load.bodies.Add(-c.large)
	}
	body, buf := c.body[:0], c.reply.buf[:0]
	if failed || cap(body) > keepBytes {
		body = nil
	}
	if cap(buf) > keepBytes {
		buf = nil
	}
	events := c.events
	clear(events)
	if failed || cap(events) > keepEvents {
		events = nil
	}
	*c = call{body: body, events: events[:0], reply: reply{buf: buf, pieces: c.reply.pieces, timer: c.reply.timer}, deadline: c.deadline}
	s.calls.Put(c)
}

// readBody reads the whole body, no more than the limit.
func (c *call) readBody() error {
	limit := c.s.cfg.Limits.BodyBytes
	if err := checkEncoding(c.r); err != nil {
		return err
	}
	if c.r.ContentLength > limit {
		return tooLarge(limit)
	}
	// The length that a client declares makes room only up to what is cheap.
	want := int(min(max(c.r.ContentLength, 512), keepBytes))
	if want > smallBody {
		if err := c.grow(int64(want)); err != nil {
			return err
		}
	}
	body := c.body[:0]
	if cap(body) < want {
		body = make([]byte, 0, want)
	}
	for {
		n, err := c.r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		c.body = body
		switch {
		case int64(len(body)) > limit:
			return tooLarge(limit)
		case errors.Is(err, io.EOF), c.r.ContentLength == int64(len(body)) && err == nil:
			return nil
		case err != nil:
			return refuse(http.StatusBadRequest, wire.InvalidRequest, "the body broke off after %d bytes", len(body))
		}
		if len(body) == cap(body) {
			if 2*cap(body) > smallBody {
				if err := c.grow(2*int64(cap(body)) - c.large); err != nil {
					return err
				}
			}
			body = append(make([]byte, 0, 2*cap(body)), body...)
		}
	}
}

// checkEncoding refuses a body that is compressed, which would otherwise be told to be
// malformed JSON.
func checkEncoding(r *http.Request) error {
	for _, encoding := range r.Header["Content-Encoding"] {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return refuse(http.StatusBadRequest, wire.InvalidRequest, "the body must not be compressed: Content-Encoding is not supported")
		}
	}
	return nil
}

func tooLarge(limit int64) error {
	return refuse(http.StatusRequestEntityTooLarge, wire.InvalidRequest, "the body must be at most %d bytes", limit)
}

// method reads the method's name, the first element of the body's array.
func (c *call) method() ([]byte, error) {
	if err := c.args.OpenArray(); err != nil {
		return nil, orRefuse(err, "the body", "must be an array: [\"method\", argument, …]")
	}
	if more, err := c.args.More(); err != nil {
		return nil, err
	} else if !more {
		return nil, refuse(http.StatusBadRequest, wire.InvalidRequest, "the body must name a method: [\"method\", argument, …]")
	}
	name, err := c.args.Text()
	if err != nil {
		return nil, orRefuse(err, "the method's name", "must be a string")
	}
	return name, nil
}

// orRefuse says what was wrong with a value of the wrong kind, and keeps
// errors that know better.
func orRefuse(err error, field, must string) error {
	var (
		syntax  *rawjson.SyntaxError
		known   *fault
		illegal *store.InvalidError
	)
	if errors.As(err, &syntax) || errors.As(err, &known) || errors.As(err, &illegal) {
		return err
	}
	return invalid(field, "%s", must)
}

// next steps to the next argument, which must be there.
func (c *call) next(name string) error {
	more, err := c.args.More()
	if err == nil && !more {
		return invalid(name, "is missing")
	}
	return err
}

// text reads the next argument, a string.
func (c *call) text(name string) (string, error) {
	if err := c.next(name); err != nil {
		return "", err
	}
	raw, err := c.args.Text()
	if err != nil {
		return "", orRefuse(err, name, "must be a string")
	}
	return string(raw), nil
}

// option is one that a method takes, or a member of another object: its name, and where its value
// goes. null leaves that as it is.
type option struct {
	name string
	// to is a *string, *bool, *int, *int64, *time.Time or *store.ID, of which null makes none; or
	// a func() error, which reads the value, null too.
	to        any
	low, high int64              // of an integer; both 0: any
	required  bool               // null is no value for it
	given     *bool              // unless nil: whether there is a value, and it is not null
	check     func(string) error // unless nil: of a string that is not "", after all was read
}

// options reads the last argument, an object of options, of which unknown ones are passed
// over: null and absent stand for none. It reads the body to its end.
func (c *call) options(takes ...option) error {
	err := c.eachOption(func(name []byte) error { return c.option(takes, name) })
	for i := range takes {
		if text, is := takes[i].to.(*string); err == nil && is && *text != "" && takes[i].check != nil {
			err = takes[i].check(*text)
		}
	}
	return err
}

// option reads the value of one of them.
func (c *call) option(takes []option, name []byte) error {
	if found, err := readAny(&c.args, takes, name); found {
		return err
	}
	return c.args.Skip()
}

// readAny reads the value of the one with the name, if there is one.
func readAny(s *rawjson.Scanner, takes []option, name []byte) (found bool, err error) {
	for i := range takes {
		if string(name) == takes[i].name {
			return true, takes[i].read(s, name)
		}
	}
	return false, nil
}

// read reads a value; errors call it by the name.
func (o *option) read(s *rawjson.Scanner, name []byte) (err error) {
	null := s.Kind() == rawjson.Null
	if o.given != nil {
		*o.given = !null
	}
	if id, is := o.to.(*store.ID); is {
		*id = store.ID{}
	}
	if read, is := o.to.(func() error); is {
		return read()
	}
	if null && !o.required {
		return s.Skip()
	}
	switch to := o.to.(type) {
	case *int64:
		*to, err = o.integer(s, name, *to)
	case *int:
		var n int64
		n, err = o.integer(s, name, int64(*to))
		*to = int(n)
	case *bool:
		var is bool
		if is, err = s.Bool(); err != nil {
			return orRefuse(err, string(name), "must be true or false")
		}
		*to = is
	default:
		var raw []byte
		if raw, err = s.Text(); err != nil {
			return orRefuse(err, string(name), "must be a string")
		}
		return o.text(raw, name)
	}
	return err
}

// text takes what is written as a string.
func (o *option) text(raw, name []byte) (err error) {
	switch to := o.to.(type) {
	case *string:
		*to = string(raw)
	case *time.Time:
		var at time.Time
		if at, err = wire.ParseTime(raw); err != nil {
			return invalid(string(name), "%s", err)
		}
		*to = at
	case *store.ID:
		var id store.ID
		if id, err = parseID(string(raw)); err == nil {
			*to = id
		}
	}
	return err
}

// integer reads one from low to high, and returns the one before with an error.
func (o *option) integer(s *rawjson.Scanner, name []byte, before int64) (int64, error) {
	low, high := o.low, o.high
	if low == 0 && high == 0 {
		low, high = math.MinInt64, math.MaxInt64
	}
	n, err := s.Int()
	if beyond, ok := errors.AsType[*rawjson.RangeError](err); ok {
		return before, outOfRange(string(name), beyond.Text, low, high)
	}
	if err != nil {
		return before, orRefuse(err, string(name), "must be an integer")
	}
	if n < low || n > high {
		return before, outOfRange(string(name), strconv.FormatInt(n, 10), low, high)
	}
	return n, nil
}

// eachOption is options for who reads the values itself: it calls option with each name;
// unknown ones must be skipped.
func (c *call) eachOption(option func(name []byte) error) error {
	more, err := c.args.More()
	if err == nil && more {
		if c.args.Kind() == rawjson.Null {
			err = c.args.Skip()
		} else if err = c.args.Object(option); errors.Is(err, rawjson.ErrNotObject) {
			return invalid("options", "must be an object or null")
		}
		if err == nil {
			more, err = c.args.More()
		}
		if err == nil && more {
			return c.tooMany()
		}
	}
	if err != nil {
		return err
	}
	return c.args.End()
}

// answer encodes what a call came to, unless that is an error.
func (c *call) answer(v any, err error) error {
	if err != nil {
		return err
	}
	return c.reply.value(v)
}

// tooMany reads the rest, since what is malformed is that first.
func (c *call) tooMany() error {
	if err := c.skipRest(); err != nil {
		return err
	}
	return refuse(http.StatusBadRequest, wire.InvalidRequest, "there are more arguments than the method takes")
}

// skipRest reads the element that More announced and all that follows.
func (c *call) skipRest() error {
	for {
		if err := c.args.Skip(); err != nil {
			return err
		}
		more, err := c.args.More()
		if err != nil {
			return err
		}
		if !more {
			return c.args.End()
		}
	}
}

// parseID reads a UUID. The nil UUID is refused: to the store it means that
// none was given.
func parseID(text string) (store.ID, error) {
	id, err := store.ParseID(text)
	if err == nil && id.IsZero() {
		return id, &store.InvalidError{Field: "id", Reason: "must not be the nil UUID"}
	}
	return id, err
}

// outOfRange refuses an integer, given as it was written.
func outOfRange(name, given string, low, high int64) error {
	const longest = 40
	if len(given) > longest {
		given = given[:longest] + "…"
	}
	return invalid(name, "must be from %d to %d, got %s", low, high, given)
}
