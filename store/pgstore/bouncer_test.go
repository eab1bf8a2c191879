package pgstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/pgstore/pgtest"
	"github.com/evtui/evtui/store/storetest"
)

// TestContractBehindPgBouncer runs the reading half of the contract behind PgBouncer in
// transaction mode, where each transaction may have another connection.
func TestContractBehindPgBouncer(t *testing.T) {
	server := pgtest.Start(t, "max_connections=200")
	template := server.Create(t, "TEMPLATE template0")
	server.EventoDB(t, template)
	bouncer := server.Bouncer(t, 2)
	storetest.RunReading(t, func(t testing.TB) storetest.Harness {
		database := server.Create(t, "TEMPLATE "+template)
		h := seeded(t, server, database)
		h.Open = func() (store.Store, error) {
			return pgstore.Open(context.Background(), bouncer.URL(database), pgstore.Options{PollTime: 5 * time.Millisecond})
		}
		return h
	})
}

// TestBouncersConnectionIsLeftAsItWas has two guests and a program share one
// connection: what the guests set stays in their transactions.
func TestBouncersConnectionIsLeftAsItWas(t *testing.T) {
	server := pgtest.Start(t)
	database := messageDB(t, server)
	bouncer := server.Bouncer(t, 1)
	config, err := pgx.ParseConfig(bouncer.URL(database).String())
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // which keeps nothing on a connection either
	program, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close(context.Background()) }()
	first, second := mustLookAt(t, bouncer.URL(database), pgstore.Options{}), mustLookAt(t, bouncer.URL(database), pgstore.Options{})
	for range 20 {
		for _, s := range []*pgstore.Store{first, second} {
			if _, err := s.Head(t.Context(), "default"); err != nil {
				t.Fatal(err)
			}
		}
		var timeout, readOnly string
		if err := program.QueryRow(t.Context(), "SELECT current_setting('statement_timeout'), current_setting('transaction_read_only')").Scan(&timeout, &readOnly); err != nil {
			t.Fatal(err)
		}
		if timeout != "0" || readOnly != "off" {
			t.Fatalf("a program behind the same bouncer finds statement_timeout %s and read only %s", timeout, readOnly)
		}
	}
}
