package sqlitestore

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// End finds a stream's last message up to the bound. A stream's row that does
// not fit the stream's messages is damaged: going on from it would leave a gap,
// or lie.
func (d *database) End(stream string, bound int64) (engine.End, error) {
	var (
		e                engine.End
		position, global sql.NullInt64
	)
	// The index by stream and position holds all that is asked of messages.
	found, err := d.lookups.one(`SELECT s.number, s.version, s.last, s.time, m.position, m.gpos
		FROM streams s LEFT JOIN messages m ON m.gpos = (SELECT gpos FROM messages WHERE stream = s.number ORDER BY position DESC LIMIT 1)
		WHERE s.name = ?`, []any{stream}, &e.Ref, &e.Version, &e.GlobalPosition, &e.Time, &position, &global)
	switch {
	case err != nil:
		return engine.End{}, fmt.Errorf("look up stream: %w", err)
	case !found:
		return engine.End{Version: store.NoStream}, nil
	case position.Int64 != e.Version || global.Int64 != e.GlobalPosition || !global.Valid:
		return engine.End{}, fmt.Errorf("stream %q is damaged: its row ends at position %d (#%d), its messages at %d (#%d)",
			stream, e.Version, e.GlobalPosition, position.Int64, global.Int64)
	case bound >= 0 && e.GlobalPosition > bound:
		return d.endBefore(e.Ref, bound)
	}
	return e, nil
}

// endBefore looks through a stream's messages for its end, where its row is
// ahead of the bound.
func (d *database) endBefore(number, bound int64) (engine.End, error) {
	e := engine.End{Ref: number}
	found, err := d.found("stream", `SELECT position, gpos, time FROM messages WHERE stream = ? AND gpos <= ? ORDER BY position DESC LIMIT 1`,
		[]any{number, bound}, &e.Version, &e.GlobalPosition, &e.Time)
	if !found {
		e.Version = store.NoStream
	}
	return e, err
}

// found looks one row up.
func (d *database) found(what, text string, args []any, into ...any) (bool, error) {
	found, err := d.lookups.one(text, args, into...)
	if err != nil {
		err = fmt.Errorf("look up %s: %w", what, err)
	}
	return found, err
}

// ByID finds the message of an id that a client gave.
func (d *database) ByID(id store.ID) (global int64, err error) {
	_, err = d.found("id", `SELECT gpos FROM messages WHERE id = ? AND given = 1`, []any{id[:]}, &global)
	return global, err
}

// Taken reports whether a position is taken.
func (d *database) Taken(stream string, position int64) (taken bool, err error) {
	var one int64
	if stream == "" {
		return d.found("position", `SELECT 1 FROM messages WHERE gpos = ?`, []any{position}, &one)
	}
	return d.found("position", `SELECT 1 FROM messages WHERE stream = (SELECT number FROM streams WHERE name = ?) AND position = ?`,
		[]any{stream, position}, &one)
}

// Next finds the first message from a global position on.
func (d *database) Next(position int64) (found bool, global int64, written time.Time, err error) {
	var at int64
	found, err = d.found("global position", `SELECT gpos, time FROM messages WHERE gpos >= ? ORDER BY gpos LIMIT 1`, []any{position}, &global, &at)
	return found, global, unixTime(at), err
}
