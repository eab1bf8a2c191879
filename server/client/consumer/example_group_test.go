package consumer_test

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
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

// One member of a group of two gets its share of the category.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, stop, err := exampleServer(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	for _, stream := range []string{"account-1", "account-2", "account-3", "account-4"} {
		if _, err := c.Write(ctx, stream, client.Event{Type: "Opened"}, client.NewStream()); err != nil {
			fmt.Println(err)
			return
		}
	}
	r := &reports{want: 2, done: cancel}
	if err := consume(ctx, c, r.report); err != nil && ctx.Err() == nil {
		fmt.Println(err)
	}
	// Output:
	// account-1 Opened {}
	// account-3 Opened {}
}
