package pgstore_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/pgstore/pgtest"
	"github.com/evtui/evtui/store/storetest"
)

// TestContractEventoDB runs the reading half of the contract on databases that are
// laid out as EventoDB does, which orders names by their bytes.
func TestContractEventoDB(t *testing.T) {
	server := pgtest.Start(t, "max_connections=200")
	template := server.Create(t, "TEMPLATE template0")
	server.EventoDB(t, template)
	storetest.RunReading(t, func(t testing.TB) storetest.Harness {
		return seeded(t, server, server.Create(t, "TEMPLATE "+template))
	})
}

// TestContractCollation runs it where names are ordered as people order them.
func TestContractCollation(t *testing.T) {
	server := pgtest.Start(t, "max_connections=200")
	template := server.Create(t, "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
	server.EventoDB(t, template)
	storetest.RunReading(t, func(t testing.TB) storetest.Harness {
		return seeded(t, server, server.Create(t, "TEMPLATE "+template))
	})
}

// seeded is a store that is filled behind its back.
func seeded(t testing.TB, server *pgtest.Server, database string) storetest.Harness {
	return storetest.Harness{
		Persistent: true,
		Resolution: time.Microsecond,
		EmptyIDs:   true,
		Open: func() (store.Store, error) {
			return pgstore.Open(context.Background(), server.URL(database), pgstore.Options{PollTime: 5 * time.Millisecond})
		},
		Seed: func(ctx context.Context, namespace string, messages []store.ImportMessage) error {
			schema := "eventodb_" + hex.EncodeToString([]byte(namespace))
			if len(messages) == 0 {
				hash := sha256.Sum256([]byte(namespace))
				server.Namespace(t, database, namespace, schema, hex.EncodeToString(hash[:]))
				return nil
			}
			return insert(ctx, server, database, pgx.Identifier{schema, "messages"}.Sanitize(), messages)
		},
	}
}

func insert(ctx context.Context, server *pgtest.Server, database, table string, messages []store.ImportMessage) error {
	c, err := pgx.Connect(ctx, server.URL(database).String())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	var b pgx.Batch
	b.Queue("BEGIN")
	for _, m := range messages {
		var metadata any
		if m.Metadata != nil {
			metadata = string(m.Metadata)
		}
		b.Queue(fmt.Sprintf(`INSERT INTO %s (id, stream_name, type, position, global_position, data, metadata, time) VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8)`, table),
			m.ID.String(), m.Stream, m.Type, m.Position, m.GlobalPosition, string(m.Data), metadata, m.Time.UTC())
	}
	b.Queue("COMMIT")
	return c.SendBatch(ctx, &b).Close()
}

// TestContractMessageDB runs what needs one namespace only on the real Message DB.
func TestContractMessageDB(t *testing.T) {
	server := pgtest.Start(t, "max_connections=200")
	template := server.Create(t, "TEMPLATE template0")
	server.MessageDB(t, template)
	storetest.RunGroups(t, func(t testing.TB) storetest.Harness {
		database := server.Create(t, "TEMPLATE "+template)
		h := seeded(t, server, database)
		h.Open = func() (store.Store, error) {
			s, err := pgstore.Open(context.Background(), server.URL(database), pgstore.Options{PollTime: 5 * time.Millisecond})
			if err != nil {
				return nil, err
			}
			s.Rename("n")
			return s, nil
		}
		h.Seed = func(ctx context.Context, _ string, messages []store.ImportMessage) error {
			if len(messages) == 0 {
				return nil
			}
			return insert(ctx, server, database, "message_store.messages", messages)
		}
		return h
	}, "ReadStream", "ReadCategory", "Lookup", "Borrowed", "List")
}
