package pgstore

import (
	"context"
	"time"

	"github.com/evtui/evtui/store"
)

// one reads a message, or returns ErrMessageNotFound.
func (sp *space) one(ctx context.Context, where string, args ...argument) (store.Message, error) {
	if sp.schema == "" {
		return store.Message{}, store.ErrMessageNotFound
	}
	var p page
	err := sp.ask(ctx, `SELECT `+messageColumns+` FROM `+sp.table+` WHERE `+where+` LIMIT 1`, args, func(r row) { p.add(r) })
	switch {
	case err != nil:
		return store.Message{}, err
	case len(p.messages) == 0:
		return store.Message{}, store.ErrMessageNotFound
	}
	return p.messages[0], nil
}

// LastMessage returns the newest message of a stream.
func (s *Store) LastMessage(ctx context.Context, namespace, stream, messageType string) (store.Message, error) {
	sp, err := s.toRead(ctx, namespace, store.CheckStreamName(stream))
	if err != nil {
		return store.Message{}, err
	}
	if messageType == "" {
		return sp.one(ctx, `stream_name = $1 ORDER BY position DESC`, words(stream))
	}
	return sp.one(ctx, `stream_name = $1 AND type = $2 ORDER BY position DESC`, words(stream), words(messageType))
}

// MessageByID returns the message with an id.
func (s *Store) MessageByID(ctx context.Context, namespace string, id store.ID) (store.Message, error) {
	sp, err := s.space(ctx, namespace)
	if err != nil {
		return store.Message{}, err
	}
	return sp.one(ctx, `id = $1`, uuid(id))
}

// numbers reads one row of numbers. Without a row they stay as they are.
func (sp *space) numbers(ctx context.Context, sql string, args []argument, into ...*int64) error {
	return sp.ask(ctx, sql, args, func(r row) {
		for i := range into {
			*into[i] = r.int(i)
		}
	})
}

// Version returns the last position of a stream.
func (s *Store) Version(ctx context.Context, namespace, stream string) (int64, error) {
	sp, err := s.toRead(ctx, namespace, store.CheckStreamName(stream))
	if err != nil || sp.schema == "" {
		return store.NoStream, err
	}
	version := int64(store.NoStream)
	err = sp.numbers(ctx, `SELECT coalesce(max(position), -1) FROM `+sp.table+` WHERE stream_name = $1`, []argument{words(stream)}, &version)
	return version, err
}

// Head returns the settled head.
func (s *Store) Head(ctx context.Context, namespace string) (int64, error) {
	sp, err := s.space(ctx, namespace)
	if err != nil || sp.schema == "" {
		return 0, err
	}
	return sp.settle(ctx)
}

// PositionAt returns the global position of the first message that is as late as t.
// There is no index on times: it is found by bisection over the positions, in one
// question. Where clocks ran backwards it is one of several.
func (s *Store) PositionAt(ctx context.Context, namespace string, t time.Time) (int64, error) {
	sp, err := s.space(ctx, namespace)
	if err != nil || sp.schema == "" {
		return 1, err
	}
	at := int64(1)
	err = sp.numbers(ctx, `WITH RECURSIVE b(low, high) AS (
		SELECT coalesce(min(global_position), 1), coalesce(max(global_position), 0) + 1 FROM `+sp.table+`
		UNION ALL
		SELECT CASE WHEN x.time < $1 THEN x.at + 1 ELSE b.low END, CASE WHEN x.time < $1 THEN b.high ELSE (b.low + b.high) / 2 END
		FROM b, LATERAL (SELECT m.global_position AS at, m.time FROM `+sp.table+` m
			WHERE m.global_position >= (b.low + b.high) / 2 ORDER BY m.global_position LIMIT 1) x
		WHERE b.low < b.high)
		SELECT coalesce((SELECT m.global_position FROM `+sp.table+` m WHERE m.global_position >= b.low ORDER BY m.global_position LIMIT 1),
			(SELECT coalesce(max(global_position), 0) + 1 FROM `+sp.table+`))
		FROM b WHERE b.low >= b.high LIMIT 1`, []argument{moment(ceilMicro(t))}, &at)
	return at, err
}

// ceilMicro is the first microsecond, which PostgreSQL counts in, that is as late as
// t, within the years that it knows.
func ceilMicro(t time.Time) time.Time {
	t = t.UTC()
	switch {
	case t.Year() < 1:
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	case t.Year() > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	if rest := t.Nanosecond() % 1000; rest > 0 {
		t = t.Add(time.Duration(1000 - rest))
	}
	return t
}
