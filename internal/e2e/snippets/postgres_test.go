//go:build unix

package snippets

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// postgres is a PostgreSQL with a Message DB and a few messages.
type postgres struct{ port string }

// without keeps why a PostgreSQL cannot be had, where a test would be skipped.
type without struct {
	testing.TB
	why string
}

func (w *without) Skip(args ...any) {
	w.why = fmt.Sprint(args...)
	runtime.Goexit()
}

func (w *without) Skipf(format string, args ...any) { w.Skip(fmt.Sprintf(format, args...)) }

// mustPostgres starts one, and runs the pages' blocks of SQL on it, which give
// evtui its role. It returns nil where there is none.
func mustPostgres(t *testing.T, all []page) (server *postgres) {
	t.Helper()
	w := &without{TB: t}
	ended := make(chan struct{})
	go func() { // which a skip ends
		defer close(ended)
		one := pgtest.Start(w)
		const name = "message_store"
		one.Exec(w, "postgres", "CREATE DATABASE "+name)
		one.MessageDB(w, name)
		one.Exec(w, name, `SET search_path = message_store, public; SELECT setval('message_store.messages_global_position_seq', 1000); SELECT write_message(gen_random_uuid()::varchar, 'wallet-' || n, 'Opened', '{"n": 1}') FROM generate_series(1, 20) n`)
		for _, p := range all {
			for _, fence := range p.fences {
				if fence.Kind == "sql" {
					one.Exec(w, name, fence.Text)
				}
			}
		}
		server = &postgres{port: strconv.Itoa(one.Port)}
	}()
	<-ended
	if server == nil {
		t.Logf("without a PostgreSQL, so that the pages' SQL is not run either: %s", w.why)
	}
	return server
}
