package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// pageSize is how many messages are read, and handled, between two records of
// the position.
const pageSize = 100

// consumer handles the messages of a category that fall to one member of a
// group: those of each stream in order, all of them, and again after a crash
// those since the last record of its position.
type consumer struct {
	client   *client.Client
	category string
	name     string      // of the group, such as "reports"
	group    store.Group // which member of how many
	handle   func(context.Context, store.Message) error
}

// positionStream is where the consumer keeps how far it is, by the convention
// of Eventide: {category}:position-{consumer}. A group of another size divides
// the streams anew, so that its members have positions of their own.
func (c *consumer) positionStream() string {
	of := c.category + ":position"
	if strings.Contains(c.category, ":") {
		// A category that has a type gets another: account:command+position.
		of = c.category + "+position"
	}
	return fmt.Sprintf("%s-%s-%d-of-%d", of, c.name, c.group.Member, c.group.Size)
}

// recorded is the data of a message in the position stream: the global
// position of the last message that was handled.
type recorded struct {
	Position int64 `json:"position"`
}

// start returns the global position to go on from.
func (c *consumer) start(ctx context.Context) (int64, error) {
	last, err := c.client.LastMessage(ctx, c.positionStream(), "Recorded")
	if errors.Is(err, store.ErrMessageNotFound) {
		return 1, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the position: %w", err)
	}
	var at recorded
	if err := json.Unmarshal(last.Data, &at); err != nil {
		return 0, fmt.Errorf("read the position: %w", err)
	}
	return at.Position + 1, nil
}

func (c *consumer) record(ctx context.Context, position int64) error {
	data, err := json.Marshal(recorded{position})
	if err != nil {
		return err
	}
	_, err = c.client.Write(ctx, c.positionStream(), client.Event{Type: "Recorded", Data: data}, client.AnyVersion())
	if err != nil {
		return fmt.Errorf("record the position %d: %w", position, err)
	}
	return nil
}

// run handles messages until ctx ends, which is no error, or something fails.
// It may then be run again, and goes on where it was.
func (c *consumer) run(ctx context.Context) error {
	err := c.follow(ctx)
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

func (c *consumer) follow(ctx context.Context) error {
	next, err := c.start(ctx)
	if err != nil {
		return err
	}
	// Announcements say only that there is something: what it is comes from
	// reading. So none is needed for what is there already.
	sub, err := c.client.Subscribe(ctx, client.SubscribeQuery{Category: c.category, From: next, Group: c.group})
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }()
	heard := make([]store.Announcement, pageSize)
	for {
		if next, err = c.catchUp(ctx, next); err != nil {
			return err
		}
		if _, err := sub.Next(ctx, heard); errors.Is(err, io.EOF) {
			return errors.New("the server has ended the subscription")
		} else if err != nil {
			return err
		}
	}
}

// catchUp handles all there is from the position on and returns the next one.
func (c *consumer) catchUp(ctx context.Context, next int64) (int64, error) {
	for {
		page, err := c.client.ReadCategory(ctx, client.CategoryQuery{
			Category: c.category, GlobalPosition: next, Limit: pageSize, Group: c.group,
		})
		if err != nil {
			return next, err
		}
		for _, m := range page {
			if err := c.handle(ctx, m); err != nil {
				return next, fmt.Errorf("handle message %d of %s: %w", m.Position, m.Stream, err)
			}
			next = m.GlobalPosition + 1
		}
		if len(page) > 0 {
			if err := c.record(ctx, next-1); err != nil {
				return next, err
			}
		}
		if len(page) < pageSize {
			return next, nil
		}
	}
}
