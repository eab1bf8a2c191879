package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
)

// An exchange is the memory of one call: the request's body and the answer's.
type exchange struct {
	fields       // the request's body, which starts with [ "method"; the members are those of its options
	options bool // the object of options is open
	reply   []byte
	patient bool // it may take as long as it takes
	kind    answerKind
	rows    int   // of a page, at most; negative: no limit
	level   int   // how deep a page's rows lie; 0: 1, in an array
	most    int64 // bytes at which a page is cut; 0: it is not
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// maxPooled keeps a rare large page from staying in memory for good.
const maxPooled = 1 << 20

// newExchange begins a call: the body holds the opened array, the method and
// what its arguments begin with. The caller frees it.
func newExchange(method string, args ...string) *exchange {
	x := exchanges.Get().(*exchange)
	x.body = append(x.body[:0], `["`...)
	x.body = append(x.body, method...)
	x.body = append(x.body, '"')
	x.reply = x.reply[:0]
	x.count, x.options = 0, false
	x.patient, x.kind, x.rows, x.level, x.most = false, shortAnswer, 0, 0, 0
	for _, arg := range args {
		x.comma()
		x.body = rawjson.AppendString(x.body, arg)
	}
	return x
}

func (x *exchange) free() {
	if cap(x.body) > maxPooled {
		x.body = nil
	}
	if cap(x.reply) > maxPooled {
		x.reply = nil
	}
	exchanges.Put(x)
}

// comma starts the next argument.
func (x *exchange) comma() { x.body = append(x.body, ',') }

// optional opens the object of options, the last argument of a call. What is added to
// the fields from then on is an option.
func (x *exchange) optional() *fields {
	if !x.options {
		x.options = true
		x.body = append(x.body, ',', '{')
	}
	return &x.fields
}

// text adds an option, unless it is "".
func (x *exchange) text(name, value string) {
	if value != "" {
		x.optional().str(name, value)
	}
}

// number adds an option, unless it is 0.
func (x *exchange) number(name string, value int64) {
	if value != 0 {
		x.optional().num(name, value)
	}
}

// flag adds an option, unless it is false.
func (x *exchange) flag(name string, is bool) {
	if is {
		x.optional().raw(name, []byte("true"))
	}
}

// end closes the body.
func (x *exchange) end() {
	if x.options {
		x.body = x.closeObject()
	}
	x.body = append(x.body, ']')
}

// take returns the reply, owned by the caller.
func (x *exchange) take() []byte {
	if cap(x.reply) > maxPooled {
		owned := x.reply
		x.reply = nil
		return owned
	}
	return bytes.Clone(x.reply)
}

// call sends the body, and leaves the answer in x.reply.
func (c *Client) call(ctx context.Context, x *exchange, kind callKind) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := c.allows(kind); err != nil {
		return err
	}
	if err := c.mayName(ctx); err != nil {
		return err
	}
	return c.send(ctx, x, kind)
}

// callKind says whether a call may be sent twice.
type callKind int

const (
	reading callKind = iota // changes nothing: may be sent again
	writing                 // is sent once, unless the server says that it did nothing
	keyed                   // writes events that all have ids: may be sent again, and is stored once
)

// send closes the body, sends it, and leaves the answer in x.reply. Where the server asks
// to come again it does, as far as the client's Retries go.
func (c *Client) send(ctx context.Context, x *exchange, kind callKind) error {
	if c.err != nil {
		return c.err
	}
	header := c.header.Clone()
	header["Content-Type"] = jsonType
	if kind != writing {
		// Empty it is not sent, but tells net/http that it may send the body
		// again when a kept connection turns out to be dead.
		header["Idempotency-Key"] = nil
	}
	x.end()
	// net/http may still read the body when it has returned, so it gets a copy.
	body := bytes.Clone(x.body)
	return c.retry(ctx, kind, func() error {
		var err error
		x.reply, err = c.fetch(ctx, c.post(ctx, header, body), c.limit(x), x.reply[:0], c.bound(x))
		return err
	})
}

var jsonType = []string{"application/json"}

// post makes the request of a call.
func (c *Client) post(ctx context.Context, header http.Header, body []byte) *http.Request {
	reader := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req := &http.Request{
		Method: http.MethodPost, URL: c.shared.rpc, Host: c.shared.rpc.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)), GetBody: reader,
	}
	req.Body, _ = reader()
	return req.WithContext(ctx)
}

// limit returns how long the call may take, 0 for as long as it takes.
func (c *Client) limit(x *exchange) time.Duration {
	if x.patient {
		return 0
	}
	return c.shared.timeout
}

// Call calls any method: args are encoded with encoding/json (give
// json.RawMessage for what must stay to the letter), the result is returned as
// it came, owned by the caller, and is bounded by Limits.Answer. It is sent
// once, unless the server says that it did nothing.
func (c *Client) Call(ctx context.Context, method string, args ...any) (json.RawMessage, error) {
	x := newExchange("")
	defer x.free()
	x.kind = listAnswer
	x.body = rawjson.AppendString(x.body[:1], method)
	for i, arg := range args {
		encoded, err := json.Marshal(arg)
		if err != nil {
			return nil, fmt.Errorf("encode argument %d of %s: %w", i+1, method, err)
		}
		x.comma()
		x.body = append(x.body, encoded...)
	}
	if err := c.call(ctx, x, writing); err != nil {
		return nil, fmt.Errorf("call %s: %w", method, err)
	}
	return x.take(), nil
}

// decode makes the call, frees x, and decodes the answer into v with encoding/json.
func (c *Client) decode(ctx context.Context, x *exchange, kind callKind, v any) error {
	defer x.free()
	if x.kind == shortAnswer {
		x.kind = listAnswer
	}
	if err := c.call(ctx, x, kind); err != nil {
		return err
	}
	if err := json.Unmarshal(x.reply, v); err != nil {
		return fmt.Errorf("understand the answer: %w", err)
	}
	return nil
}

// ask is decode whose answer is returned. Its error says, by a format and what goes into it,
// what was to be done. There is one for each type of answer, so it has no more in it than
// needs the type.
func ask[T any](ctx context.Context, c *Client, x *exchange, kind callKind, doing string, args ...any) (answer T, err error) {
	if err = c.decode(ctx, x, kind, &answer); err != nil {
		answer, err = *new(T), notDone(doing, args, err)
	}
	return answer, err
}

func notDone(doing string, args []any, err error) error {
	return fmt.Errorf(doing+": %w", append(args, err)...)
}
