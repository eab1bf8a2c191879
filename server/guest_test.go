package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// TestConsumersOfAMessageDB: the positions that Eventide's consumers record there are
// listed with their lag in messages of the category, by the server and, where that does
// not do it, by the client alike.
func TestConsumersOfAMessageDB(t *testing.T) {
	pg := pgtest.Start(t)
	database := pg.Create(t, "TEMPLATE template0")
	pg.MessageDB(t, database)
	write := func(stream, kind, data string) {
		t.Helper()
		pg.Exec(t, database, fmt.Sprintf("SET search_path = message_store, public; SELECT write_message(gen_random_uuid()::varchar, '%s', '%s', '%s')", stream, kind, data))
	}
	for i := range 20 {
		write(fmt.Sprintf("order-%d", i%4), "Placed", `{"n": 1}`) // global positions 1, 3, …, 39
		write("noise-1", "Noise", `{}`)
	}
	write("order:position-billing", "Recorded", `{"position": 9}`)
	write("order:position-billing", "Recorded", `{"position": 20}`)
	write("order:position", "Recorded", `{"position": 39}`)
	write("order:command+position-mail", "Recorded", `{"position": 0}`)
	token := wire.NewToken("default")
	st, err := pgstore.Open(t.Context(), pg.URL(database), pgstore.Options{TokenHash: wire.HashToken(token)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	const want = "order billing position stream 10\norder  position stream 0\norder:command mail position stream 0"
	for name, options := range map[string][]servertest.Option{
		"evtui": {servertest.Token(token)},
		"plain": {servertest.Token(token), servertest.Behind(func(h http.Handler) http.Handler { return peer.Handler(h, peer.Options{}) })},
	} {
		s := servertest.New(t, server.Config{Store: st, Version: "0.0.1"}, options...)
		c, err := client.New(s.Listen(), client.WithToken(token))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var w lag.Watch
		look, err := w.Look(t.Context(), c, "", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range look.Consumers {
			n := "?"
			if m.Messages != nil {
				n = number(*m.Messages)
			}
			all = append(all, fmt.Sprintf("%s %s %s %s", m.Category, m.Name, m.Via, n))
		}
		if got := strings.Join(all, "\n"); got != want {
			t.Errorf("%s tells (%q)\n%s\nwant\n%s", name, look.Why, got, want)
		}
	}
}
