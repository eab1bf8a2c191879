package jetlog

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

const (
	pullMessages  = 4096 // one request for messages
	pullExpires   = 30 * time.Second
	pullHeartbeat = time.Second     // how often a server that has nothing to send says so
	silence       = 3 * time.Second // after which a consumer that was asked is gone
	consumerIdle  = 30 * time.Second
	feedTick      = 500 * time.Millisecond
)

// feed reads a stream by a consumer that it makes again, behind what it has, whenever the old
// one is gone or a message is missing. At most two requests' messages are here and not
// yet read.
type feed struct {
	log            *Log
	id, identity   string
	stream, prefix string
	pullBytes      int

	bell   chan struct{} // there is something for Next
	broken chan struct{} // the session is no good any more
	done   context.Context
	stop   context.CancelFunc
	ended  chan struct{} // closed when run has ended

	mu      sync.Mutex // guards what follows
	queue   []arrived
	bytes   int    // of queue
	last    uint64 // sequence of the last message that came
	err     error
	session *session

	endBefore, lastBefore uint64 // as compare had them
}

type arrived struct {
	record logstore.Record
	behind uint64
	size   int
}

// session is one consumer. Its fields are guarded by the feed's mu.
type session struct {
	feed     *feed
	sub      *nats.Subscription
	inbox    string
	consumer string
	seen     uint64 // messages that came
	request  uint64 // number of the request under way
	asked    int    // messages that are to come of it; 0: none is under way
	heard    time.Time
}

// Follow reads a namespace's records.
func (l *Log) Follow(ctx context.Context, id, identity string, after uint64) (logstore.Feed, error) {
	f := &feed{
		log: l, id: id, identity: identity, stream: streamName(id), prefix: prefix(id) + ".", last: after,
		pullBytes: int(max(l.conn.MaxPayload(), maxRecord)) + 64<<10,
		bell:      make(chan struct{}, 1), broken: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	f.done, f.stop = context.WithCancel(l.done)
	if err := l.retry(ctx, id, f.begin); err != nil {
		f.stop()
		return nil, l.explain(err)
	}
	l.mu.Lock()
	l.feeds[f] = true
	l.mu.Unlock()
	if !l.start(f.run) {
		f.stop()
		f.end()
		return nil, store.ErrClosed
	}
	return f, nil
}

// begin makes a consumer behind the last message, and asks it for more.
func (f *feed) begin(ctx context.Context) error {
	f.mu.Lock()
	from := f.last + 1
	f.mu.Unlock()
	s := &session{feed: f, inbox: f.log.conn.NewInbox(), consumer: "evtui-" + random()}
	sub, err := f.log.conn.Subscribe(s.inbox+".*", s.receive)
	if err != nil {
		return errors.Join(errNotSent, err)
	}
	s.sub = sub
	if err = sub.SetPendingLimits(-1, -1); err == nil {
		err = f.makeConsumer(ctx, s.consumer, from)
	}
	if err != nil {
		_ = sub.Unsubscribe()
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.session, s.heard = s, time.Now()
	s.askLocked()
	return nil
}

// makeConsumer makes a consumer of the stream that the feed is of, and of no other of
// that name.
func (f *feed) makeConsumer(ctx context.Context, name string, from uint64) error {
	request := map[string]any{
		"stream_name": f.stream, "action": "create",
		"config": map[string]any{
			"name": name, "deliver_policy": "by_start_sequence", "opt_start_seq": from, "ack_policy": "none", "replay_policy": "instant",
			"inactive_threshold": consumerIdle, "num_replicas": 1, "mem_storage": true, "max_deliver": 1,
		},
	}
	err := f.sameStream(ctx) // in another's nothing is made
	if err == nil {
		err = f.log.call(ctx, "CONSUMER.CREATE."+f.stream+"."+name, request, nil)
	}
	if err == nil {
		err = f.sameStream(ctx) // it was not replaced before the consumer was made
	}
	if isCode(err, codeNoStream) {
		return store.ErrNamespaceNotFound
	}
	return err
}

func (f *feed) sameStream(ctx context.Context) error {
	var info jetstream.StreamInfo
	if err := f.log.call(ctx, "STREAM.INFO."+f.stream, nil, &info); err != nil {
		return err
	}
	m := info.Config.Metadata
	if !ours(m) || m[keyID] != f.id || m[keyIdentity] != f.identity {
		return store.ErrNamespaceNotFound
	}
	_, err := namespace(m)
	return err
}

// askLocked asks for more messages when none are to come and there is room for them.
func (s *session) askLocked() {
	f := s.feed
	if s.asked > 0 || len(f.queue) > pullMessages || f.bytes > f.pullBytes || f.session != s {
		return
	}
	body, err := json.Marshal(map[string]any{"batch": pullMessages, "max_bytes": f.pullBytes, "expires": pullExpires, "idle_heartbeat": pullHeartbeat})
	if err == nil {
		s.request++
		m := &nats.Msg{Subject: f.log.api + "CONSUMER.MSG.NEXT." + f.stream + "." + s.consumer, Reply: s.inbox + "." + strconv.FormatUint(s.request, 10), Data: body}
		err = f.log.conn.PublishMsg(m)
	}
	if err != nil {
		f.breakDown()
		return
	}
	s.asked, s.heard = pullMessages, time.Now()
}

func (f *feed) breakDown() { ring(f.broken) }

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// receive takes one message of the consumer, or what it says beside them.
func (s *session) receive(m *nats.Msg) {
	f := s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.session != s {
		return
	}
	s.heard = time.Now()
	at, ok := deliveryOf(m.Reply)
	if !ok {
		s.statusLocked(m)
		return
	}
	if at.consumer != s.seen+1 || at.stream <= f.last { // one is missing
		f.session = nil
		f.breakDown()
		return
	}
	s.seen++
	s.asked--
	f.last = at.stream
	size := m.Size()
	f.queue = append(f.queue, arrived{
		record: logstore.Record{Subject: strings.TrimPrefix(m.Subject, f.prefix), Sequence: at.stream, Time: time.Unix(0, at.nanos).UTC(), Body: m.Data},
		behind: at.pending, size: size,
	})
	f.bytes += size
	if s.asked == 0 {
		s.askLocked()
	}
	ring(f.bell)
}

// statusLocked takes what a consumer says beside messages.
func (s *session) statusLocked(m *nats.Msg) {
	status, what := m.Header.Get("Status"), m.Header.Get("Description")
	if m.Subject != s.inbox+"."+strconv.FormatUint(s.request, 10) {
		return // of a request that has ended
	}
	switch {
	case status == "100":
	case status == "408", status == "409" && strings.Contains(what, "MaxBytes"):
		s.asked = 0
		s.askLocked()
	case status == "409" && what == "Batch Completed":
	default: // deleted, no leader, nobody there
		s.feed.breakDown()
	}
}

// run replaces the session when it breaks, until the feed is closed or the stream gone.
func (f *feed) run() {
	defer close(f.ended)
	tick := time.NewTicker(feedTick)
	defer tick.Stop()
	for {
		select {
		case <-f.done.Done():
			f.end()
			return
		case <-f.broken:
		case <-tick.C:
			if !f.silent() {
				continue
			}
		}
		if err := f.renew(); err != nil {
			f.mu.Lock()
			f.err = err
			f.mu.Unlock()
			ring(f.bell)
			f.end()
			return
		}
	}
}

// silent reports whether the consumer has not said anything for too long, and was asked.
func (f *feed) silent() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.session
	return s == nil || s.asked > 0 && time.Since(s.heard) > silence
}

// renew makes another session, trying until it can, or the feed is closed.
func (f *feed) renew() error {
	f.drop()
	for {
		ctx, cancel := context.WithTimeout(f.done, tryTime)
		err := f.begin(ctx)
		cancel()
		if err == nil || errors.Is(err, store.ErrNamespaceNotFound) || errors.As(err, new(*formatError)) || f.done.Err() != nil {
			return err
		}
		f.log.logger.Debug("follow the log", "namespace", f.id, "error", err)
		select {
		case <-f.done.Done():
			return f.done.Err()
		case <-time.After(retryTime):
		}
	}
}

// drop ends the session. The consumer is removed if it is there still, and else ends
// by itself.
func (f *feed) drop() {
	f.mu.Lock()
	s := f.session
	f.session = nil
	f.mu.Unlock()
	if s == nil {
		return
	}
	_ = s.sub.Unsubscribe()
	_ = f.log.conn.Publish(f.log.api+"CONSUMER.DELETE."+f.stream+"."+s.consumer, nil)
}

func (f *feed) end() {
	f.drop()
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	delete(f.log.feeds, f)
}

// Next returns what is there, and waits when there is nothing.
func (f *feed) Next(ctx context.Context, buf []logstore.Record) (int, uint64, error) {
	for {
		n, behind, err := f.take(buf)
		if n > 0 || err != nil || len(buf) == 0 {
			return n, behind, err
		}
		select {
		case <-f.bell:
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		case <-f.done.Done():
			return 0, 0, store.ErrClosed
		}
	}
}

func (f *feed) take(buf []logstore.Record) (n int, behind uint64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return 0, 0, f.err
	}
	n = min(len(buf), len(f.queue))
	for i, a := range f.queue[:n] {
		buf[i], behind = a.record, a.behind
		f.bytes -= a.size
	}
	rest := copy(f.queue, f.queue[n:])
	clear(f.queue[rest:])
	f.queue = f.queue[:rest]
	if f.session != nil {
		f.session.askLocked()
	}
	if rest > 0 {
		ring(f.bell)
	}
	return n, behind, nil
}

// Close ends the feed.
func (f *feed) Close() {
	f.stop()
	<-f.ended
}

// delivery is what the reply subject of a consumer's message says.
type delivery struct {
	stream, consumer, pending uint64
	nanos                     int64
}

// deliveryOf reads $JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE.NUMBER.TIME.PENDING, or
// the form with domain and account before STREAM, and a token behind.
func deliveryOf(reply string) (d delivery, ok bool) {
	rest, ok := strings.CutPrefix(reply, "$JS.ACK.")
	if !ok {
		return d, false
	}
	skip := 3 // stream, consumer, delivered
	if strings.Count(rest, ".") > 6 {
		skip = 5
	}
	for range skip {
		_, rest, _ = strings.Cut(rest, ".")
	}
	var numbers [4]uint64
	for i := range numbers {
		var text string
		text, rest, _ = strings.Cut(rest, ".")
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return d, false
		}
		numbers[i] = n
	}
	return delivery{stream: numbers[0], consumer: numbers[1], nanos: int64(numbers[2]), pending: numbers[3]}, true
}

// compare is told where the stream ends by its leader's word. A consumer that was asked and
// had all the time since the last such word to send what was there then, and sent nothing, is on a
// replica that is cut off.
func (f *feed) compare(end uint64, there bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.session
	if !there || s != nil && s.asked > 0 && f.endBefore > f.last && f.lastBefore == f.last {
		f.breakDown()
	}
	f.endBefore, f.lastBefore = end, f.last
}
