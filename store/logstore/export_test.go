package logstore

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// EncodeForTest is a record of one event.
func EncodeForTest(of, stream string, expected int64) (subject string, body []byte) {
	e := entry{of: of, kind: recordAppend, token: newToken(), write: store.Write{Stream: stream, ExpectedVersion: expected, Events: []store.Event{{
		ID: store.NewID(time.Now()), Type: "Deposited", Data: fmt.Appendf(nil, `{"amount":%d,"currency":"EUR","note":"a note that is some forty letters long","by":"desk-%d"}`, expected*7, expected%9), Metadata: []byte(`{"correlationStreamName":"transfer-12"}`),
	}}}}
	parts, err := e.encode(1 << 20)
	if err != nil {
		panic(err)
	}
	return e.subject(), parts[0]
}

// Probe asks the log how far a namespace is, as is done for those at rest that somebody looks at.
func Probe(ctx context.Context, s *Store, id string) { s.keep(id).follower.probe(ctx) }
