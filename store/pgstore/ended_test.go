package pgstore

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evtui/evtui/store"
)

// TestAskedAfterTheEnd: a question that comes when the connections are closed was asked
// of a closed store, whatever the pool says.
func TestAskedAfterTheEnd(t *testing.T) {
	cfg, err := pgxpool.ParseConfig("postgres://nobody@127.0.0.1:1/nothing")
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGuest(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	g.close()
	if err := g.ask(t.Context(), "SELECT 1", nil, func(row) {}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("asked after the end: %v, want %v", err, store.ErrClosed)
	}
}
