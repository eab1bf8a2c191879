package pagetest

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// Noon is when every test begins, unless it moves its clock.
var Noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// Shop is a small store of known content: accounts, orders and a few hostile
// names, one message a second until noon.
func Shop() []store.ImportMessage {
	streams := []string{
		"account-1", "order-7", "account-2", "payment-9", "order-8", "account-1", "order-7", "größe-ä€",
		"evil-\u202egnp.exe", "account-1+retry", "日本-語",
	}
	types := []string{"AccountOpened", "OrderPlaced", "Deposited", "PaymentCaptured", "OrderItemAdded", "Withdrawn"}
	positions := map[string]int64{}
	var out []store.ImportMessage
	for i := range 120 {
		stream := streams[i%len(streams)]
		at := Noon.Add(time.Duration(i-121) * time.Second)
		id := store.MakeID(at, [10]byte{byte(i)})
		m := store.Message{
			ID: id, Stream: stream, Type: types[i%len(types)], Position: positions[stream], GlobalPosition: int64(i + 1), Time: at,
			Data: fmt.Appendf(nil, `{"amount":%d.50,"big":9007199254740993,"owner":{"name":"Ann \u001b[31mé","tags":["a","b"]},"n":null}`, i),
		}
		if i%3 == 0 {
			m.Metadata = []byte(`{"correlationStreamName":"order-7","traceId":"d663a929"}`)
		}
		positions[stream]++
		out = append(out, store.ImportMessage{Message: m})
	}
	return out
}

// Write stores n messages in a stream of the default namespace, at a time. seed
// counts what was written.
func Write(ctx context.Context, st store.Store, now time.Time, stream string, n int, seed *int64) error {
	head, err := st.Head(ctx, store.DefaultNamespace)
	if err != nil {
		return err
	}
	version, err := st.Version(ctx, store.DefaultNamespace, stream)
	if err != nil {
		return err
	}
	messages := make([]store.ImportMessage, n)
	for i := range messages {
		*seed++
		at := int64(i + 1)
		messages[i].Message = store.Message{
			ID: store.NewID(now), Stream: stream, Type: "Written", Time: now,
			Position: version + at, GlobalPosition: head + at, Data: fmt.Appendf(nil, `{"n":%d}`, *seed),
		}
	}
	return st.(store.Importer).Import(ctx, store.DefaultNamespace, messages)
}
