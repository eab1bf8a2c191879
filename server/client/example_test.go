package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store/storetest"
)

// exampleServer is a server for the examples; use its address and token as those of
// your own.
func exampleServer() (url, token string, stop func()) {
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
	return web.URL, token, web.Close
}

func Example() {
	url, token, stop := exampleServer()
	defer stop()
	c, err := client.New(url, client.WithToken(token),
		client.WithTimeout(5*time.Second),
		client.WithRetries(client.Retries{Tries: 5, Within: 20 * time.Second, MakeIDs: true}))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	ctx := context.Background()
	for _, amount := range []string{`{"amount":10}`, `{"amount":5}`} {
		if _, err := c.Write(ctx, "account-1", client.Event{Type: "Deposited", Data: []byte(amount)}, client.AnyVersion()); err != nil {
			log.Fatal(err)
		}
	}
	for m, err := range c.Stream(ctx, client.StreamQuery{Stream: "account-1"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Position, m.Type, string(m.Data))
	}
	// Output:
	// 0 Deposited {"amount":10}
	// 1 Deposited {"amount":5}
}

func ExampleClient_Scan() {
	url, token, stop := exampleServer()
	defer stop()
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	ctx := context.Background()
	for i, amount := range []string{`{"amount":10}`, `{"amount":250}`, `{"amount":5}`} {
		if _, err := c.Write(ctx, fmt.Sprintf("account-%d", i), client.Event{Type: "Deposited", Data: []byte(amount)}, client.AnyVersion()); err != nil {
			log.Fatal(err)
		}
	}
	var cost client.ScanCost
	q := client.ScanQuery{Categories: []string{"account"}, Filter: "type=Deposited data.amount>9", Progress: func(c client.ScanCost) { cost = c }}
	for m, err := range c.Scan(ctx, q) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Stream, string(m.Data))
	}
	fmt.Println(cost.Messages, "messages were looked at")
	// Output:
	// account-0 {"amount":10}
	// account-1 {"amount":250}
	// 3 messages were looked at
}

func ExampleClient_Write_conflict() {
	url, token, stop := exampleServer()
	defer stop()
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	ctx := context.Background()
	opened := client.Event{Type: "Opened", Data: []byte(`{"owner":"Ada"}`)}
	for range 2 {
		_, err := c.Write(ctx, "account-1", opened, client.NewStream())
		var conflict *client.ConflictError
		switch {
		case errors.As(err, &conflict):
			fmt.Println("somebody was faster: the stream is at", conflict.Actual)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("opened")
		}
	}
	// Output:
	// opened
	// somebody was faster: the stream is at 0
}

func ExampleClient_Subscribe() {
	url, token, stop := exampleServer()
	defer stop()
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	ctx := context.Background()
	for _, stream := range []string{"account-1", "order-7", "account-2"} {
		if _, err := c.Write(ctx, stream, client.Event{Type: "Opened"}, client.AnyVersion()); err != nil {
			log.Fatal(err)
		}
	}
	// What is stored first, then what comes: it only ends when you break off.
	sub, err := c.Subscribe(ctx, client.SubscribeQuery{Category: "account"})
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()
	for a, err := range sub.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(a.Stream, a.Position, a.GlobalPosition)
		if a.GlobalPosition == 3 {
			break
		}
	}
	// Output:
	// account-1 0 1
	// account-2 0 3
}
