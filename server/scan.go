package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// What one scan may ask for, and what it gets unless it asks.
const (
	maxFilterBytes = 4 << 10

	defaultScanMessages = 100_000
	maxScanMessages     = 1_000_000
	defaultScanBytes    = 64 << 20
	maxScanBytes        = 1 << 30
	defaultScanMillis   = 1000
	maxScanMillis       = 10_000
)

// How a scan shares the processors with others. The first few messages of each
// scan wait for no turn, so that small ones are as fast as other reads.
const (
	scanFirst = 256                   // messages that wait for no turn,
	firstSize = 4 << 20               // in so many bytes
	scanTurn  = 1000                  // messages of a turn, at most
	turnTime  = 10 * time.Millisecond // of a turn, about
	lookEvery = 16                    // messages between two looks at the clock,
	lookBytes = 64 << 10              // or so many bytes
)

// scanOptions are the options of category.scan and stream.scan.
type scanOptions struct {
	readOptions
	filter                           filter.Filter
	maxMessages, maxBytes, maxMillis int64
	ordinals                         bool
}

func newScanOptions() scanOptions {
	return scanOptions{
		readOptions: newReadOptions(),
		maxMessages: defaultScanMessages, maxBytes: defaultScanBytes, maxMillis: defaultScanMillis,
	}
}

// read reads an option; others go to rest.
func (o *scanOptions) read(c *call, name []byte, rest func(*call, []byte) error) error {
	takes := [...]option{
		{name: "filter", to: func() error { return o.readFilter(c, name) }},
		{name: "maxMessages", to: &o.maxMessages, low: 1, high: maxScanMessages},
		{name: "maxBytes", to: &o.maxBytes, low: 1, high: maxScanBytes},
		{name: "maxMillis", to: &o.maxMillis, low: 1, high: maxScanMillis},
		{name: "ordinals", to: &o.ordinals},
	}
	if found, err := readAny(&c.args, takes[:], name); found {
		return err
	}
	return rest(c, name)
}

// check refuses options that do not go together.
func (o *scanOptions) check() error {
	if o.ordinals && o.batch == store.NoLimit {
		return invalid("ordinals", "needs a batchSize, which bounds how many there are")
	}
	return nil
}

func (o *scanOptions) readFilter(c *call, name []byte) error {
	var line string
	if err := (&option{to: &line}).read(&c.args, name); err != nil {
		return err
	}
	if len(line) > maxFilterBytes {
		return invalid("filter", "must be at most %d bytes, got %d", maxFilterBytes, len(line))
	}
	// Times without a date or a zone are counted in UTC: a client that means its
	// own sends them in full.
	f, err := filter.Parse(line, time.Now().UTC())
	if wrong, ok := errors.AsType[*filter.Error](err); ok {
		bad := refuse(http.StatusBadRequest, wire.InvalidRequest, "filter, character %d: %s", wrong.Column(), wrong.Reason)
		bad.details = fmt.Appendf(nil, `{"character":%d}`, wrong.Column())
		return bad
	}
	o.filter = f
	return err
}

// categoryScan: ["category.scan", category, {filter, position, globalPosition,
// batchSize, backward, correlation, consumerGroup, maxMessages, maxBytes,
// maxMillis, ordinals}].
func (c *call) categoryScan() error {
	o := newScanOptions()
	err := cmp.Or(c.eachOption(func(name []byte) error { return o.read(c, name, o.readOfCategory) }), o.check())
	if err == nil && c.name != "" {
		err = store.CheckCategory(c.name)
	}
	if err != nil {
		return err
	}
	c.category = c.name
	// What the group and the correlation leave out is looked at too, and counts:
	// in the store's hands it would be unbounded.
	q := store.CategoryQuery{Category: c.name, GlobalPosition: o.bound(), Backward: o.backward}
	r := &categoryRead{c: c, q: q}
	return c.scan(&scan{
		c: c, o: &o, r: r, limit: func(n int) { r.q.Limit = n }, withStream: true,
		next: q.GlobalPosition, lowest: 1, place: func(m *store.Message) int64 { return m.GlobalPosition },
	})
}

// streamScan: ["stream.scan", stream, {filter, position, globalPosition,
// batchSize, backward, maxMessages, maxBytes, maxMillis, ordinals}].
func (c *call) streamScan() error {
	o := newScanOptions()
	err := cmp.Or(c.eachOption(func(name []byte) error { return o.read(c, name, o.readOptions.read) }), o.check())
	if err == nil {
		err = store.CheckStreamName(c.name)
	}
	if err != nil {
		return err
	}
	c.category = store.Category(c.name)
	q := o.ofStream(c.name)
	r := &streamRead{c: c, q: q}
	return c.scan(&scan{
		c: c, o: &o, r: r, limit: func(n int) { r.q.Limit = n },
		next: q.Position, place: func(m *store.Message) int64 { return m.Position },
	})
}

// scan is a scan under way.
type scan struct {
	c          *call
	o          *scanOptions
	r          reading
	limit      func(int) // sets how many messages r.begin reads
	place      func(*store.Message) int64
	lowest     int64 // place that there can be
	withStream bool

	message  store.Message // that is looked at, borrowed
	until    time.Time
	messages int64 // looked at
	bytes    int64 // of their data and metadata
	kept     int64
	ordinals []int64 // of those kept, among those looked at, from 0
	next     int64   // place to go on at
	last     cursor  // the message looked at last
	over     bool    // it has what it wants, or has used up what it may
	complete bool    // there is nothing more
	offered  bool    // a piece of the reply is on its way to the client

	later     bool // it is not the first turn
	turnEnds  time.Time
	lookAfter int64 // messages,
	lookSize  int64 // and bytes, at which to look at the clock next
}

// scan answers a scan. It reads in turns, which it shares with those who read
// the past, and between two of them holds nothing of the store's.
func (c *call) scan(s *scan) error {
	began := time.Now()
	s.until = began.Add(time.Duration(s.o.maxMillis) * time.Millisecond)
	c.reply.raw(`{"messages":[`)
	for s.over = s.o.batch == 0; !s.over && !s.complete; {
		if err := s.turn(); err != nil {
			return err
		}
		if s.offered {
			s.offered = false
			if err := c.reply.await(); err != nil {
				return err
			}
		}
	}
	s.finish(time.Since(began))
	return nil
}

// turn reads one turn's messages.
func (s *scan) turn() error {
	if s.messages == 0 {
		s.limit(scanFirst)
		return s.read(s.r.begin(), scanFirst)
	}
	ctx, cancel := context.WithDeadline(s.c.ctx, s.until)
	end, err := s.c.s.turn(ctx)
	cancel()
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && s.c.ctx.Err() == nil {
			s.over = true // its time is up; what it has is worth having
			return nil
		}
		return err
	}
	defer end()
	s.later = true
	return s.read(s.r.resume(s.last, scanTurn+1), scanTurn)
}

// read looks at what seq yields, of limit messages at most. After the first
// turn the message looked at last comes again, before them.
func (s *scan) read(seq iter.Seq2[store.Message, error], limit int) error {
	again, rows := s.messages > 0, 0
	s.turnEnds = time.Now().Add(turnTime)
	for m, err := range seq {
		switch {
		case err != nil:
			return err
		case again:
			// What was there is not there any more: the answer cannot be whole.
			if cursorOf(&m) != s.last {
				return store.ErrReplaced
			}
			again = false
			continue
		}
		rows++
		s.message = m // not a new one each time: a filter is code that may keep what it is given
		turned, err := s.look(&s.message)
		if err != nil || turned || s.over || s.complete {
			return err
		}
	}
	if again {
		return store.ErrReplaced
	}
	s.complete = rows < limit
	return nil
}

// look takes in one message, and reports whether the turn is over.
func (s *scan) look(m *store.Message) (turned bool, err error) {
	s.messages++
	s.bytes += int64(len(m.Data) + len(m.Metadata))
	s.last = cursorOf(m)
	if s.next = s.place(m) + 1; s.o.backward {
		s.next = s.place(m) - 1
		s.complete = s.next < s.lowest
	}
	if s.keeps(m) {
		s.keep(m)
	}
	s.over = s.o.batch > 0 && s.kept >= s.o.batch || s.messages >= s.o.maxMessages || s.bytes >= s.o.maxBytes
	if s.messages >= s.lookAfter || s.bytes >= s.lookSize {
		s.lookAfter, s.lookSize = s.messages+lookEvery, s.bytes+lookBytes
		if err := s.c.ctx.Err(); err != nil {
			return false, err
		}
		now := time.Now()
		s.over = s.over || !now.Before(s.until) || s.c.s.stopping.Err() != nil
		turned = s.later && !now.Before(s.turnEnds)
	}
	turned = turned || !s.later && s.bytes >= firstSize
	if len(s.c.reply.buf) < spillBytes {
		return turned, nil
	}
	prompt, err := s.c.reply.offer()
	s.offered = !prompt && err == nil
	return turned || !prompt, err
}

func (s *scan) keeps(m *store.Message) bool {
	o := s.o
	return o.group.Owns(m.Stream) && (o.correlation == "" || correlates(m, o.correlation)) && o.filter.Keeps(m)
}

// correlates reports whether the message's metadata names a stream of the
// category as what it correlates with.
func correlates(m *store.Message, category string) bool {
	if len(m.Metadata) == 0 {
		return false
	}
	metadata := rawjson.New(m.Metadata)
	_, correlation, err := readMetadata(&metadata)
	return err == nil && correlation == category
}

// keep encodes a message that the scan is for.
func (s *scan) keep(m *store.Message) {
	if s.kept > 0 {
		s.c.reply.raw(",")
	}
	s.kept++
	s.c.read++
	if s.o.ordinals {
		s.ordinals = append(s.ordinals, s.messages-1)
	}
	s.c.reply.message(m, s.withStream)
}

// finish encodes what follows the messages.
func (s *scan) finish(took time.Duration) {
	p := &s.c.reply
	s.c.scanned = s.messages
	p.raw("]")
	if s.o.ordinals {
		p.raw(`,"ordinals":`)
		_ = array(p, s.ordinals, func(n int64) error { p.integer(n); return nil }) // which does not fail
	}
	p.raw(`,"read":`)
	p.object("messages", s.messages, "bytes", s.bytes, "duration", int64(took))
	if s.complete && s.o.backward {
		p.raw(`,"next":null`) // before the first there is no place to go on at
	} else {
		p.members("next", max(s.next, s.lowest))
	}
	p.members("complete", s.complete)
	p.raw("}")
}

// turn waits until few enough others read the past: by the store's own count,
// or by the server's where the store keeps none.
func (s *Server) turn(ctx context.Context) (end func(), err error) {
	if turner, ok := s.cfg.Store.(store.Turner); ok {
		return turner.Turn(ctx)
	}
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
