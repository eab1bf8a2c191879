// Command consumer shows a consumer group of three: its members share the
// streams of a category, handle each stream's messages in order, and keep how
// far they are in the store itself. Stop it and start it again: it goes on.
//
//	evtui serve --data /tmp/evdb &
//	evtui load --data /tmp/evdb --duration 10s
//	go run ./examples/consumer http://127.0.0.1:8080 "$(cat /tmp/evdb/token)" order
//
// In production each member is a process of its own; who runs which member is
// for whatever starts them to say. The Groups page of evtui shows their lag.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// groupSize is how many members share the streams.
const groupSize = 3

// restTime is how long a member rests before it tries again.
const restTime = time.Second

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: consumer URL TOKEN CATEGORY")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := client.New(os.Args[1], client.WithToken(os.Args[2]))
	if err != nil {
		fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
	defer c.Close()
	var mu sync.Mutex // guards standard output
	runGroup(ctx, c, os.Args[3], func(member int, m store.Message) error {
		mu.Lock()
		defer mu.Unlock()
		_, err := fmt.Printf("member %d: %s #%d %s\n", member, m.Stream, m.Position, m.Type)
		return err
	})
}

// runGroup runs all members until ctx ends. A member that fails rests, then
// goes on from the position that it recorded last: what it handled since comes
// again, so that handling must bear to be repeated.
func runGroup(ctx context.Context, c *client.Client, category string, handle func(member int, m store.Message) error) {
	var members errgroup.Group
	for member := range groupSize {
		one := &consumer{
			client: c, category: category, name: "example", group: store.Group{Member: member, Size: groupSize},
			handle: func(_ context.Context, m store.Message) error { return handle(member, m) },
		}
		members.Go(func() error {
			for {
				err := one.run(ctx)
				if err == nil {
					return nil
				}
				fmt.Fprintf(os.Stderr, "member %d: %v; it goes on in %v\n", member, err, restTime)
				select {
				case <-time.After(restTime):
				case <-ctx.Done():
					return nil
				}
			}
		})
	}
	_ = members.Wait() // they return nil
}
