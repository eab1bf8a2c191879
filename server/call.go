package server

import (
	"context"
	"errors"
	"fmt"
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
		return nil, orRefuse(err, "the body must be an array: [\"method\", argument, …]")
	}
	if more, err := c.args.More(); err != nil {
		return nil, err
	} else if !more {
		return nil, refuse(http.StatusBadRequest, wire.InvalidRequest, "the body must name a method: [\"method\", argument, …]")
	}
	name, err := c.args.Text()
	if err != nil {
		return nil, orRefuse(err, "the method's name must be a string")
	}
	return name, nil
}

// orRefuse says what was wrong with a value of the wrong kind, and keeps
// errors that know better.
func orRefuse(err error, message string) error {
	var (
		syntax *rawjson.SyntaxError
		known  *fault
	)
	if errors.As(err, &syntax) || errors.As(err, &known) {
		return err
	}
	return refuse(http.StatusBadRequest, wire.InvalidRequest, "%s", message)
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
		return "", orRefuse(err, name+" must be a string")
	}
	return string(raw), nil
}

// stream reads the next argument, the name of a stream. From here on profiles
// tell its category.
func (c *call) stream() (string, error) {
	stream, err := c.text("stream")
	if err == nil {
		c.s.labels.set(c.step, c.scope.namespace, store.Category(stream), isUI(c.r))
	}
	return stream, err
}

// ofCategory is stream for the name of a category.
func (c *call) ofCategory() (string, error) {
	category, err := c.text("category")
	if err == nil {
		c.s.labels.set(c.step, c.scope.namespace, category, isUI(c.r))
	}
	return category, err
}

// options reads the last argument, an object of options: null and absent stand
// for none. It calls option with each name; unknown ones must be skipped. It
// then reads the body to its end.
func (c *call) options(option func(name []byte) error) error {
	more, err := c.args.More()
	if err != nil {
		return err
	}
	if !more {
		return c.args.End()
	}
	if c.args.Kind() == rawjson.Null {
		err = c.args.Skip()
	} else {
		err = c.args.Object(option)
	}
	if err != nil {
		if errors.Is(err, rawjson.ErrNotObject) {
			return invalid("options", "must be an object or null")
		}
		return err
	}
	if more, err = c.args.More(); err != nil {
		return err
	}
	if more {
		return c.tooMany()
	}
	return c.args.End()
}

// noOptions reads the body to its end where a method has no options. An
// object is let pass, as with unknown options.
func (c *call) noOptions() error {
	return c.options(func([]byte) error { return c.args.Skip() })
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

// integer reads an option that is an integer from low to high; null leaves to as it
// is.
func (c *call) integer(name string, to *int64, low, high int64) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	n, err := c.args.Int()
	if beyond, ok := errors.AsType[*rawjson.RangeError](err); ok {
		return outOfRange(name, beyond.Text, low, high)
	}
	if err != nil {
		return orRefuse(err, name+" must be an integer")
	}
	if n < low || n > high {
		return outOfRange(name, strconv.FormatInt(n, 10), low, high)
	}
	*to = n
	return nil
}

// position is integer for what may be any integer of the protocol.
func (c *call) position(name string, to *int64) error {
	return c.integer(name, to, math.MinInt64, math.MaxInt64)
}

// str reads an option that is a string; null leaves to as it is.
func (c *call) str(name string, to *string) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	raw, err := c.args.Text()
	if err != nil {
		return orRefuse(err, name+" must be a string")
	}
	*to = string(raw)
	return nil
}

// boolean reads an option that is true or false; null leaves to as it is.
func (c *call) boolean(name string, to *bool) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	b, err := c.args.Bool()
	if err != nil {
		return orRefuse(err, name+" must be true or false")
	}
	*to = b
	return nil
}

// timestamp reads an option that is a time; null leaves to as it is.
func (c *call) timestamp(name string, to *time.Time) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	raw, err := c.args.Text()
	if err != nil {
		return orRefuse(err, name+" must be a string")
	}
	t, err := wire.ParseTime(raw)
	if err != nil {
		return invalid(name, "%s", err)
	}
	*to = t
	return nil
}

// id reads an option that is a UUID; null leaves to as it is.
func (c *call) id(name string, to *store.ID) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	var text string
	if err := c.str(name, &text); err != nil {
		return err
	}
	id, err := parseID(text)
	if err != nil {
		return err
	}
	*to = id
	return nil
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
	return invalid(name, "%s", rangeReason(given, low, high))
}

// rangeReason says of an integer, given as it was written, what it must be.
func rangeReason(given string, low, high int64) string {
	const longest = 40
	if len(given) > longest {
		given = given[:longest] + "…"
	}
	return fmt.Sprintf("must be from %d to %d, got %s", low, high, given)
}

// hasDash reports whether a name cannot be a category's, which ends before the
// first dash.
func hasDash(name string) bool { return strings.Contains(name, "-") }
