package consumer_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
	"github.com/evtui/evtui/store/storetest"
)

// reports is what a consumer writes.
type reports struct {
	want int
	done context.CancelFunc
}

func (r *reports) report(_ context.Context, m client.Message) error {
	fmt.Println(m.Stream, m.Type, string(m.Data))
	if r.want--; r.want == 0 {
		r.done()
	}
	return nil
}

// consume runs one member of a group until ctx ends.
func consume(ctx context.Context, c *client.Client, report func(context.Context, client.Message) error) error {
	one, err := consumer.New(consumer.Config{
		Client: c, Category: "account", Name: "reports",
		Group:  client.Group{Member: 0, Size: 2},
		Handle: func(ctx context.Context, m client.Message) error { return report(ctx, m) },
	})
	if err != nil {
		return err
	}
	return one.Run(ctx) // until ctx ends
}

func Example() {
	model := storetest.NewModel()
	token, err := server.EnsureDefault(context.Background(), model, "", "")
	if err != nil {
		log.Fatal(err)
	}
	s, err := server.New(server.Config{Store: model})
	if err != nil {
		log.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	c, err := client.New(web.URL, client.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	ctx, cancel := context.WithCancel(context.Background())
	for _, stream := range []string{"account-1", "account-2", "account-3", "account-4"} {
		if _, err := c.Write(ctx, stream, client.Event{Type: "Opened"}, client.NewStream()); err != nil {
			log.Fatal(err)
		}
	}
	r := &reports{want: 2, done: cancel}
	if err := consume(ctx, c, r.report); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
	// Output:
	// account-1 Opened {}
	// account-3 Opened {}
}
