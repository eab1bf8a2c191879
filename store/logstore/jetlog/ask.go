package jetlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/evtui/evtui/store"
)

// What may go wrong between a question and its answer. The first two are certain: nobody got the question.
var (
	errNotSent      = errors.New("not connected to any server")
	errNoResponders = errors.New("no server answers for it")
	errLost         = errors.New("the connection was lost before an answer came")
	errClosed       = errors.New("the log is closed")
)

// certain reports whether an error says that nobody got the question.
func certain(err error) bool { return errors.Is(err, errNotSent) || errors.Is(err, errNoResponders) }

const shards = 16

// replies gives answers to who waits for them: one subscription for all.
type replies struct {
	prefix string // of reply subjects, with the dot
	next   atomic.Uint64
	shards [shards]replyShard
}

type replyShard struct {
	mu      sync.Mutex // guards waiting
	waiting map[uint64]*question
	_       [40]byte // a cache line each
}

// question is one that waits. Its channel takes one answer.
type question struct {
	answer chan answer
	number uint64
}

type answer struct {
	msg *nats.Msg
	err error
}

var questions = sync.Pool{New: func() any { return &question{answer: make(chan answer, 1)} }}

func newReplies(prefix string) *replies {
	r := &replies{prefix: prefix + "."}
	for i := range r.shards {
		r.shards[i].waiting = map[uint64]*question{}
	}
	return r
}

func (r *replies) begin() *question {
	q := questions.Get().(*question)
	q.number = r.next.Add(1)
	s := &r.shards[q.number%shards]
	s.mu.Lock()
	s.waiting[q.number] = q
	s.mu.Unlock()
	return q
}

// take returns a question that still waits, and nobody else gets it.
func (r *replies) take(number uint64) *question {
	s := &r.shards[number%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.waiting[number]
	delete(s.waiting, number)
	return q
}

// end gives a question up that may have been answered meanwhile.
func (r *replies) end(q *question) {
	if r.take(q.number) == nil {
		<-q.answer // whoever took it answers at once
	}
	questions.Put(q)
}

// receive is called for each message to the reply subjects.
func (r *replies) receive(m *nats.Msg) {
	number, err := strconv.ParseUint(m.Subject[len(r.prefix):], 36, 64)
	if err != nil {
		return
	}
	if q := r.take(number); q != nil {
		a := answer{msg: m}
		if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
			a = answer{err: errNoResponders}
		}
		q.answer <- a
	}
}

// fail answers all that wait with an error.
func (r *replies) fail(err error) {
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		for number, q := range s.waiting {
			delete(s.waiting, number)
			q.answer <- answer{err: err}
		}
		s.mu.Unlock()
	}
}

// unasked are the errors of the client library after which nothing was handed to
// the connection.
var unasked = []error{
	nats.ErrReconnectBufExceeded, nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrConnectionReconnecting,
	nats.ErrInvalidConnection, nats.ErrBadSubject, nats.ErrHeadersNotSupported,
}

// hand hands messages to the connection; the last asks for the answer.
func (l *Log) hand(q *question, msgs []*nats.Msg) error {
	msgs[len(msgs)-1].Reply = l.replies.prefix + strconv.FormatUint(q.number, 36)
	for _, m := range msgs {
		err := l.conn.PublishMsg(m)
		switch {
		case err == nil:
		case errors.Is(err, nats.ErrMaxPayload): // parts without the last are nothing
			return &store.InvalidError{Field: "record", Reason: fmt.Sprintf("must be at most %d bytes", l.MaxRecord())}
		case slices.ContainsFunc(unasked, func(known error) bool { return errors.Is(err, known) }):
			return fmt.Errorf("%w: %w", errNotSent, err)
		default:
			return fmt.Errorf("%w: %w", errLost, err)
		}
	}
	return nil
}

// ask sends messages and waits for the answer to the last, at most as long as ctx
// lasts and at most maxWait.
func (l *Log) ask(ctx context.Context, msgs ...*nats.Msg) (*nats.Msg, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotSent, err)
	}
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, maxWait)
		defer cancel()
	}
	q := l.replies.begin()
	if err := l.hand(q, msgs); err != nil {
		l.replies.end(q)
		return nil, err
	}
	select {
	case a := <-q.answer:
		questions.Put(q)
		return a.msg, a.err
	case <-ctx.Done():
		l.replies.end(q)
		return nil, ctx.Err()
	}
}

// maxWait is how long an answer is waited for where the caller sets no limit.
const maxWait = 30 * time.Second
