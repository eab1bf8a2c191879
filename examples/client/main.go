// Command client shows the Go client: append, conflict, retry, read, follow.
//
//	evtui serve --data /tmp/evdb &
//	go run ./examples/client http://127.0.0.1:8080 "$(cat /tmp/evdb/token)"
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/evtui/evtui/server/client"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: client URL TOKEN")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, url, token string) error {
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		return err
	}
	defer c.Close()
	// A stream of its own each time, so that it can be run again.
	account := "account-" + client.NewID().String()

	opened := client.Event{Type: "Opened", Data: []byte(`{"owner":"Ada"}`)}
	if _, err := c.Write(ctx, account, opened, client.NewStream()); err != nil {
		return err
	}
	if err := conflict(ctx, out, c, account); err != nil {
		return err
	}
	if err := retry(ctx, out, c, account); err != nil {
		return err
	}
	if err := several(ctx, out, c, account); err != nil {
		return err
	}
	return follow(ctx, out, c, account)
}

// conflict writes on the ground of a version that has passed: somebody was
// faster, and the decision has to be made anew.
func conflict(ctx context.Context, out io.Writer, c *client.Client, account string) error {
	_, err := c.Write(ctx, account, client.Event{Type: "Opened", Data: []byte(`{}`)}, client.NewStream())
	var taken *client.ConflictError
	if !errors.As(err, &taken) {
		return fmt.Errorf("a second opening was not refused: %w", err)
	}
	fmt.Fprintf(out, "expected version %d, the stream is at %d\n", taken.Expected, taken.Actual)
	return nil
}

// retry sends an event with an id of its own twice, as a program does whose
// answer was lost. It is stored once, and both answers are the same.
func retry(ctx context.Context, out io.Writer, c *client.Client, account string) error {
	deposit := client.Event{ID: client.NewID(), Type: "Deposited", Data: []byte(`{"amount":10}`)}
	first, err := c.Write(ctx, account, deposit, client.AnyVersion())
	if err != nil {
		return err
	}
	again, err := c.Write(ctx, account, deposit, client.AnyVersion())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "sent twice, stored once: %v\n", first == again)
	return nil
}

// several appends events all or none.
func several(ctx context.Context, out io.Writer, c *client.Client, account string) error {
	done, err := c.Append(ctx, client.Write{Stream: account, Expect: client.AtVersion(1), Events: []client.Event{
		{Type: "Withdrawn", Data: []byte(`{"amount":4}`)},
		{Type: "Closed", Data: []byte(`{"paid":6}`), Metadata: []byte(`{"by":"Ada"}`)},
	}})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "appended positions %d to %d\n", done.FirstPosition, done.LastPosition)
	return nil
}

// follow subscribes from the stream's start. What is announced is there to be
// read; a page can hold more than was announced.
func follow(ctx context.Context, out io.Writer, c *client.Client, account string) error {
	sub, err := c.Subscribe(ctx, client.SubscribeQuery{Stream: account})
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }()
	heard := make([]client.Announcement, 16)
	for next := int64(0); ; {
		if _, err := sub.Next(ctx, heard); err != nil {
			return err
		}
		page, err := c.ReadStream(ctx, client.StreamQuery{Stream: account, Position: next, Limit: 100})
		if err != nil {
			return err
		}
		for _, m := range page {
			fmt.Fprintf(out, "%d %s %s\n", m.Position, m.Type, m.Data)
			next = m.Position + 1
			if m.Type == "Closed" {
				return nil
			}
		}
	}
}
