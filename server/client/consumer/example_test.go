package consumer_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
	"github.com/evtui/evtui/store/storetest"
)

// exampleServer is a server for an example, in memory.
func exampleServer(ctx context.Context) (c *client.Client, stop func(), err error) {
	model := storetest.NewModel()
	token, err := server.EnsureDefault(ctx, model, "", "")
	if err != nil {
		return nil, nil, err
	}
	s, err := server.New(server.Config{Store: model})
	if err != nil {
		return nil, nil, err
	}
	web := httptest.NewServer(s.Handler())
	c, err = client.New(web.URL, client.WithToken(token))
	return c, func() { c.Close(); web.CloseClientConnections() }, err
}

// A consumer handles the messages of a category, here until it has seen two. What it
// cannot handle it parks, and goes on with other streams.
func ExampleConsumer() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, stop, err := exampleServer(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	for _, stream := range []string{"account-1", "account-2", "account-1"} {
		if _, err := c.Write(ctx, stream, client.Event{Type: "Deposited", Data: []byte(`{"amount":10}`)}, client.AnyVersion()); err != nil {
			fmt.Println(err)
			return
		}
	}
	handled := 0
	reports, err := consumer.New(consumer.Config{
		Client: c, Category: "account", Name: "reports", Attempts: 1,
		Handle: func(_ context.Context, m client.Message) error {
			if m.Stream == "account-2" {
				return fmt.Errorf("no such account")
			}
			fmt.Println(m.Stream, m.Type, string(m.Data))
			if handled++; handled == 2 {
				cancel()
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := reports.Run(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%+v\n", reports.Counters())
	// Output:
	// account-1 Deposited {"amount":10}
	// account-1 Deposited {"amount":10}
	// {Handled:2 Failed:1 Parked:1 Retried:0 Reconnected:0}
}

// Lots lists what consumers have parked, and has it retried.
func ExampleLots() {
	ctx := context.Background()
	c, stop, err := exampleServer(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	parked := client.Event{Type: "Parked", Data: []byte(`{"stream":"account-2","type":"Deposited","position":0,"globalPosition":2,"error":"no such account","retry":-1}`)}
	if _, err := c.Write(ctx, "account:parked-reports", parked, client.AnyVersion()); err != nil {
		fmt.Println(err)
		return
	}
	var lots consumer.Lots
	list, err := lots.Read(ctx, c, "account")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, lot := range list {
		for _, m := range lot.Heads() {
			fmt.Println(lot.Consumer, m.Stream, m.GlobalPosition, m.Error)
			if _, err := lot.Retry(ctx, c, m.GlobalPosition); err != nil {
				fmt.Println(err)
			}
		}
	}
	asked, err := c.LastMessage(ctx, "account:retry-reports", "")
	fmt.Println(asked.Type, string(asked.Data), err)
	// Output:
	// reports account-2 2 no such account
	// Retry {"globalPosition":2} <nil>
}
