package jetlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

// Headers that JetStream reads, of its documentation and of ADR-50.
const (
	headerID       = "Nats-Msg-Id"
	headerExpected = "Nats-Expected-Last-Subject-Sequence"
	headerBatch    = "Nats-Batch-Id"
	headerPart     = "Nats-Batch-Sequence"
	headerCommit   = "Nats-Batch-Commit"

	maxParts = 1000 // JetStream's own limit on a batch
	maxID    = 256  // bytes; what overhead leaves room for
)

// ack is what JetStream answers to what it stored, or did not.
type ack struct {
	Stream   string    `json:"stream"`
	Sequence uint64    `json:"seq"`
	Error    *apiError `json:"error"`
}

// Publish appends a record. One that has several parts is a batch: the stream has all of them,
// one behind the other, or none; its id is not looked for then.
func (l *Log) Publish(ctx context.Context, id string, r logstore.Publication) (uint64, error) {
	msgs, err := l.messages(id, r)
	if err != nil {
		return 0, err
	}
	l.counts[publishes].Add(1)
	sequence, err := l.publish(ctx, id, msgs)
	switch {
	case err == nil:
	case errors.Is(err, logstore.ErrInFlight):
		l.counts[inFlight].Add(1)
	case errors.Is(err, logstore.ErrUnanswered):
		l.counts[unanswered].Add(1)
	case errors.As(err, new(*logstore.WrongLastError)):
		l.counts[conflicts].Add(1)
	}
	return sequence, err
}

// messages are what a record is sent as.
func (l *Log) messages(id string, r logstore.Publication) ([]*nats.Msg, error) {
	switch {
	case len(r.Parts) == 0:
		return nil, &store.InvalidError{Field: "record", Reason: "must have a part"}
	case len(r.Parts) > maxParts:
		return nil, &store.InvalidError{Field: "record", Reason: fmt.Sprintf("must be smaller: it has %d parts, the log stores at most %d whole", len(r.Parts), maxParts)}
	case len(r.ID) > maxID || strings.ContainsAny(r.ID, "\r\n"):
		return nil, &store.InvalidError{Field: "record", Reason: fmt.Sprintf("has an id that is no line of at most %d bytes", maxID)}
	}
	most, subject := l.MaxRecord(), prefix(id)+"."+r.Subject
	batch := ""
	if len(r.Parts) > 1 {
		batch = random()
	}
	msgs := make([]*nats.Msg, len(r.Parts))
	for i, part := range r.Parts {
		if len(part)+len(r.ID)+len(r.Subject) > most {
			return nil, &store.InvalidError{Field: "record", Reason: fmt.Sprintf("must be at most %d bytes, has %d", most, len(part)+len(r.ID)+len(r.Subject))}
		}
		h := nats.Header{}
		if i == 0 {
			h[headerExpected] = []string{strconv.FormatUint(r.Expected, 10)}
		}
		if batch != "" {
			h[headerBatch], h[headerPart] = []string{batch}, []string{strconv.Itoa(i + 1)}
		} else if r.ID != "" {
			h[headerID] = []string{r.ID}
		}
		msgs[i] = &nats.Msg{Subject: subject, Header: h, Data: part}
	}
	if batch != "" {
		msgs[len(msgs)-1].Header[headerCommit] = []string{"1"}
	}
	return msgs, nil
}

func (l *Log) publish(ctx context.Context, id string, msgs []*nats.Msg) (uint64, error) {
	a, err := l.ask(ctx, msgs...)
	if err != nil {
		return 0, l.unpublished(ctx, id, err)
	}
	var got ack
	if err := json.Unmarshal(a.Data, &got); err != nil {
		return 0, fmt.Errorf("%w: it said %.200q", logstore.ErrUnanswered, a.Data)
	}
	if got.Error != nil {
		return 0, l.refused(ctx, id, msgs[0], got.Error)
	}
	if got.Stream != streamName(id) || got.Sequence == 0 {
		return 0, fmt.Errorf("publish to namespace %q: stream %q has its subjects", id, got.Stream)
	}
	return got.Sequence, nil
}

// unpublished is what became of a record that nobody answered for.
func (l *Log) unpublished(ctx context.Context, id string, err error) error {
	switch {
	case errors.As(err, new(*store.InvalidError)):
		return err
	case errors.Is(err, errNotSent) && l.done.Err() != nil:
		return store.ErrClosed
	case errors.Is(err, errNotSent) && ctx.Err() != nil:
		return &store.UnavailableError{Namespace: id, Reason: "the write was given up before it was sent"}
	case errors.Is(err, errNotSent):
		return unavailable(id, err)
	case errors.Is(err, errNoResponders): // no leader, or no stream
		short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		if _, _, gone := l.stream(short, id); errors.Is(gone, store.ErrNamespaceNotFound) {
			return gone
		}
		return unavailable(id, err)
	}
	return fmt.Errorf("%w: %w", logstore.ErrUnanswered, err)
}

// errRefused is for a record that a leader refused for now. Another leader may have
// been elected meanwhile, got it too, and stored it.
var errRefused = fmt.Errorf("%w, or the leader was deposed: %w", logstore.ErrInFlight, logstore.ErrUnanswered)

// refused is what a JetStream error means for a record. Only what any leader
// would say, whether it still is one or not, tells that it was not stored.
func (l *Log) refused(ctx context.Context, id string, m *nats.Msg, e *apiError) error {
	switch e.ErrCode {
	case codeWrongLast:
		_, said, _ := strings.Cut(e.Description, "wrong last sequence: ")
		actual, _ := strconv.ParseUint(said, 10, 64)
		return l.wrongLast(ctx, id, m, actual)
	case codeInFlight, codeBatchesInFlight, codeBatchIncomplete: // the last: parts were lost with the leader that had them
		return errRefused
	case codeTooLarge, codeHeaderTooLarge, codeBatchTooLarge:
		return &store.InvalidError{Field: "record", Reason: "is larger than the log takes: " + e.Description}
	case codeBatchDisabled, codeBatchMissingSeq, codeBatchHeader, codeBatchID, codeBatchCommit:
		return fmt.Errorf("publish to namespace %q: %w", id, e)
	}
	return fmt.Errorf("%w: %w", logstore.ErrUnanswered, e)
}

// wrongLast is the answer for a record whose subject ends at another sequence than it expected. What
// a leader has stored every later one has. So if the subject ends behind what was expected,
// the record cannot be stored any more. If it ends before, records were dropped,
// or the leader was deposed and does not know the latest: then another may take the record.
func (l *Log) wrongLast(ctx context.Context, id string, m *nats.Msg, actual uint64) error {
	expected, _ := strconv.ParseUint(m.Header[headerExpected][0], 10, 64)
	if actual > expected {
		return &logstore.WrongLastError{Actual: actual}
	}
	if _, err := l.End(ctx, id); err != nil {
		return errRefused
	}
	subject := strings.TrimPrefix(m.Subject, prefix(id)+".")
	if last, err := l.Last(ctx, id, subject); err != nil || last != actual {
		return errRefused
	}
	return &logstore.WrongLastError{Actual: actual}
}
