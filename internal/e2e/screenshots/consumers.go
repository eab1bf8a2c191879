package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
)

// readers are consumers of what the load writes: a group of three of category
// order, and one of category payment that a brake makes slow.
type readers struct {
	client *client.Client
	stop   context.CancelFunc
	done   sync.WaitGroup
	brake  atomic.Int64 // nanoseconds that the slow one takes for a message
}

// How long the consumers take for a message: as long as they may to keep up, so
// that they record their positions now and then instead of after every message.
const invoicing, checking = 8 * time.Millisecond, 3 * time.Millisecond

// read starts the readers on the server of a data directory.
func read(data string) (*readers, error) {
	var place [2]string
	for i, name := range []string{"endpoint", "token"} {
		text, err := os.ReadFile(filepath.Join(data, name))
		if err != nil {
			return nil, fmt.Errorf("read where the server is: %w", err)
		}
		place[i] = strings.TrimSpace(string(text))
	}
	c, err := client.New(place[0], client.WithToken(place[1]))
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &readers{client: c, stop: stop}
	r.brake.Store(int64(checking))
	err = r.start(ctx, "payment", "fraud", client.Group{}, func() time.Duration { return time.Duration(r.brake.Load()) })
	for member := range 3 {
		err = errors.Join(err, r.start(ctx, "order", "invoices", client.Group{Member: member, Size: 3}, func() time.Duration { return invoicing }))
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// start starts a consumer that takes so long for each message.
func (r *readers) start(ctx context.Context, category, name string, group client.Group, takes func() time.Duration) error {
	handle := func(ctx context.Context, _ client.Message) error {
		select {
		case <-time.After(takes()):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	one, err := consumer.New(consumer.Config{Client: r.client, Category: category, Name: name, Group: group, Handle: handle})
	if err != nil {
		return err
	}
	if err := r.skip(ctx, category, name, group); err != nil {
		return fmt.Errorf("have consumer %s begin at the end of %s: %w", name, category, err)
	}
	r.done.Go(func() {
		if err := one.Run(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "screenshots: consumer %s of %s: %v\n", name, category, err)
		}
	})
	return nil
}

// skip records that a consumer has handled all that there is.
func (r *readers) skip(ctx context.Context, category, name string, group client.Group) error {
	head, err := r.client.Head(ctx)
	if err != nil {
		return err
	}
	stream := category + ":position-" + name
	if group.Size > 0 {
		stream += fmt.Sprintf("-%d-of-%d", group.Member, group.Size)
	}
	_, err = r.client.Write(ctx, stream, client.Event{Type: "Recorded", Data: fmt.Appendf(nil, `{"position":%d}`, head)}, client.Expect{})
	return err
}

// Close stops the readers and waits for them.
func (r *readers) Close() {
	r.stop()
	r.done.Wait()
	r.client.Close()
}
