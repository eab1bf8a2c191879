package jetlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/evtui/evtui/store"
)

// JetStream's error codes that are told apart.
const (
	codeNoSuitablePeers   = 10005
	codeNotAvailable      = 10008 // no leader of the cluster's metadata
	codeInsufficient      = 10023
	codeNoMessage         = 10037
	codeNotForAccount     = 10039
	codeTooLarge          = 10054
	codeNameInUse         = 10058
	codeNoStream          = 10059
	codeOverlap           = 10065
	codeWrongLast         = 10071
	codeReplicas          = 10074
	codeNotEnabled        = 10076
	codeHeaderTooLarge    = 10097
	codeConsumerExists    = 10148
	codeDuplicateOnItsWay = 10158
	codeInFlight          = 10164
	codeBatchDisabled     = 10174
	codeBatchMissingSeq   = 10175
	codeBatchIncomplete   = 10176
	codeBatchHeader       = 10177
	codeBatchID           = 10179
	codeBatchTooLarge     = 10199
	codeBatchCommit       = 10200
	codeBatchesInFlight   = 10210
)

// apiError is an error that JetStream answers.
type apiError struct {
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

func (e *apiError) Error() string { return fmt.Sprintf("JetStream: %s (%d)", e.Description, e.ErrCode) }

// isCode reports whether an error is JetStream's of that code.
func isCode(err error, codes ...int) bool {
	e, ok := errors.AsType[*apiError](err)
	return ok && slices.Contains(codes, e.ErrCode)
}

// call asks JetStream's API once and reads the answer into response, which may be nil.
func (l *Log) call(ctx context.Context, operation string, request, response any) error {
	m := nats.NewMsg(l.api + operation)
	if request != nil {
		body, err := json.Marshal(request)
		if err != nil {
			return err
		}
		m.Data = body
	}
	a, err := l.ask(ctx, m)
	if err != nil {
		return err
	}
	var failed struct {
		Error *apiError `json:"error"`
	}
	err = json.Unmarshal(a.Data, &failed)
	if err == nil && failed.Error != nil {
		return failed.Error
	}
	if err == nil && response != nil {
		err = json.Unmarshal(a.Data, response)
	}
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", operation, err)
	}
	return nil
}

const (
	tryTime   = 2 * time.Second        // how long one try of a read waits for its answer
	retryTime = 100 * time.Millisecond // between two tries
)

// passing reports whether an error may go away by itself.
func passing(err error) bool {
	return certain(err) || errors.Is(err, errLost) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNoQuorum) || isCode(err, codeNotAvailable)
}

// read asks until there is an answer, what may be asked more than once. What it is about is for the
// *store.UnavailableError that it returns when ctx ends first.
func (l *Log) read(ctx context.Context, about, operation string, request, response any) error {
	return l.retry(ctx, about, func(ctx context.Context) error { return l.call(ctx, operation, request, response) })
}

// retry tries until the error is none that passes, or ctx ends.
func (l *Log) retry(ctx context.Context, about string, try func(context.Context) error) error {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, maxWait)
		defer cancel()
	}
	for {
		one, cancel := context.WithTimeout(ctx, tryTime)
		err := try(one)
		cancel()
		if err == nil || !passing(err) {
			return err
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return unavailable(about, err)
		case <-l.done.Done():
			return store.ErrClosed
		case <-time.After(retryTime):
		}
	}
}

// unavailable says in words for clients why a log cannot serve.
func unavailable(id string, err error) error {
	reason := "the log does not answer"
	switch {
	case errors.Is(err, errNotSent):
		reason = "no server of the log can be reached"
	case errors.Is(err, errNoResponders), isCode(err, codeNotAvailable):
		reason = "the log has no leader"
	case errors.Is(err, errNoQuorum):
		reason = "the log's leader does not hear a majority of its replicas"
	}
	return &store.UnavailableError{Namespace: id, Reason: reason, After: time.Second}
}
