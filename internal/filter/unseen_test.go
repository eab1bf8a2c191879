package filter

import (
	"fmt"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// TestUnseen names what no message has, and nothing else.
func TestUnseen(t *testing.T) {
	list := []*store.Message{
		{Type: "PaymentCaptured", Stream: "payment-1", Position: 7, Data: []byte(`{"amount":1,"owner":{"name":"Ann"}}`)},
		{Type: "OrderPlaced", Stream: "order-1", Data: []byte(`{"items":[{"sku":"A"}]}`)},
	}
	for line, want := range map[string]string{
		"":                                "",
		"type~Captured":                   "[{type Captured}]",
		"type~*Captured":                  "",
		"type=orderplaced":                "[{type orderplaced}]",
		"not type~Captured":               "[{type Captured}]",
		"type~Captured or type~Order":     "[{type Captured}]",
		"category=account stream~order-1": "[{category account}]",
		"type~/^Pay/":                     "",
		"type~/^pay/":                     "[{type ^pay}]",
		"data.amout>100":                  "[{data.amout }]",
		"data.amount>100":                 "", // there, and less
		"data.amount!=1":                  "",
		"data.items[*].sku=B":             "",
		"data.owner.nme":                  "[{data.owner.nme }]",
		"meta.traceId=1":                  "[{metadata.traceId }]",
		"kind(data.amout)=string":         "[{data.amout }]",
		"kind(data.amount)=string":        "", // there, and a number
		"pos=99 gpos>5 Ann":               "", // of one message each
	} {
		f, err := Parse(line, time.Now())
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got := ""
		if unseen := f.Unseen(list); len(unseen) > 0 {
			got = fmt.Sprint(unseen)
		}
		if got != want {
			t.Errorf("%s: unseen %s, want %s", line, got, want)
		}
	}
}
