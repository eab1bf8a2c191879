package server_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/pgstore/pgtest"
)

// TestScanOnPostgreSQL scans what others wrote to a database.
func TestScanOnPostgreSQL(t *testing.T) {
	database := pgtest.Start(t)
	name := database.Create(t, "TEMPLATE template0")
	database.EventoDB(t, name)
	token := wire.NewToken("shop")
	hash := wire.HashToken(token)
	database.Namespace(t, name, "shop", "shop", hex.EncodeToString(hash[:]))
	database.Exec(t, name, `INSERT INTO shop.messages (stream_name, type, position, data)
		SELECT 'a-' || n % 3, 'T' || n % 2, n / 3, jsonb_build_object('n', n) FROM generate_series(0, 2999) AS n`)
	st, err := pgstore.Open(context.Background(), database.URL(name), pgstore.Options{PollTime: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t, func(c *server.Config) { c.Store = st })
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	h.admin = token
	for _, c := range []struct{ method, name, options, want string }{
		{"category.scan", "a", `{"filter":"data.n>=2990 type=T1"}`, "2992 2994 2996 2998 3000 of 3000, 3001 complete"},
		{"category.scan", "a", `{"filter":"data.n<4","backward":true,"batchSize":3}`, "4 3 2 of 2999, 1"},
		{"category.scan", "", `{"filter":"none","maxMessages":1500}`, "of 1500, 1501"},
		{"category.scan", "a", fmt.Sprintf(`{"filter":"data.n<9","consumerGroup":{"member":%d,"size":2},"maxMessages":9}`, owner("a-1", 2)), ""},
		{"stream.scan", "a-1", `{"filter":"pos>=998"}`, "998 999 of 1000, 1000 complete"},
		{"stream.scan", "a-1", `{"filter":"pos>=998","backward":true,"maxMessages":700}`, "999 998 of 700, 299"},
	} {
		got := h.scan(c.method, c.name, c.options)
		if c.want == "" {
			for _, r := range got.Messages {
				var stream string
				mustDecode(t, string(r[1]), &stream)
				if owner(stream, 2) != owner("a-1", 2) {
					t.Errorf("%s: %s is another member's", c.options, stream)
				}
			}
			if len(got.Messages) < 3 || got.Read.Messages != 9 {
				t.Errorf("%s: got %s", c.options, got)
			}
			continue
		}
		if got.String() != c.want {
			t.Errorf("%s %s %s: got %q, want %q", c.method, c.name, c.options, got, c.want)
		}
	}
	h.refused(wire.NewToken("shop"), `["category.scan","a"]`, 403, "AUTH_UNAUTHORIZED")
}
