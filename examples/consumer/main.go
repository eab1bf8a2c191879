// Command consumer handles a category's messages, as one member of a group:
//
//	evtui serve --data /tmp/evdb &
//	go build -o /tmp/consumer ./examples/consumer
//	/tmp/consumer http://127.0.0.1:8080 "$(cat /tmp/evdb/token)" account 0/2 &
//	/tmp/consumer http://127.0.0.1:8080 "$(cat /tmp/evdb/token)" account 1/2
//
// Kill one, with -9 too, and start it again: it goes on where it was. The
// Groups page of evtui shows the lag of both.
//
// A fifth argument names a type of message that it cannot handle, as a program
// with a fault: those are tried five times, and then parked. Start it again
// without that argument, as the program that is repaired, and retry them on the
// Groups page.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	var group client.Group
	if len(args) != 4 && len(args) != 5 {
		return fmt.Errorf("consumer: give URL TOKEN CATEGORY MEMBER/SIZE [TYPE], got %d arguments", len(args))
	}
	if _, err := fmt.Sscanf(args[3], "%d/%d", &group.Member, &group.Size); err != nil {
		return fmt.Errorf("consumer: member %q is not MEMBER/SIZE, such as 0/2: %w", args[3], err)
	}
	c, err := client.New(args[0], client.WithToken(args[1]))
	if err != nil {
		return err
	}
	defer c.Close()
	one, err := consumer.New(consumer.Config{
		Client: c, Category: args[2], Name: "example", Group: group, Logger: slog.Default(),
		Handle: func(_ context.Context, m client.Message) error {
			if len(args) == 5 && m.Type == args[4] {
				return fmt.Errorf("cannot handle %s", m.Type)
			}
			_, err := fmt.Fprintf(out, "%s #%d %s %s\n", m.Stream, m.Position, m.Type, m.Data)
			return err
		},
	})
	if err != nil {
		return err
	}
	return one.Run(ctx)
}
