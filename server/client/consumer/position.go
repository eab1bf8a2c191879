package consumer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// positionStream is where the member of a group of the size records how far it
// is; size 0 is a consumer alone.
func (c *Consumer) positionStream(member, size int) string {
	return wire.BesideStream(c.Category, wire.PositionKind, wire.MemberName(c.Name, member, size))
}

// position is the data of a Recorded event: the global position of the last
// message that was processed.
type position struct {
	Position int64 `json:"position"`
}

// start finds where to go on: after what this member recorded, or where
// another division of the group had processed every stream up to.
func (c *Consumer) start(ctx context.Context) error {
	own, _, err := c.readPosition(ctx, c.Group.Member, c.Group.Size)
	if err != nil {
		return err
	}
	c.recorded = own
	if c.Group.Size > 0 {
		others, err := c.otherSizes(ctx)
		if err != nil {
			return err
		}
		for size := range others {
			done, err := c.doneBy(ctx, size)
			if err != nil {
				return err
			}
			own = max(own, done)
		}
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	c.next = own + 1
	// So that a group that is resized before this member had a message is whole.
	return c.write(ctx, own)
}

// otherSizes returns the sizes for which members recorded positions; 0 is a
// consumer alone.
func (c *Consumer) otherSizes(ctx context.Context) (map[int]bool, error) {
	sizes := map[int]bool{}
	prefix := c.positionStream(0, 0)
	for s, err := range c.Client.AllStreams(ctx, client.StreamsQuery{Prefix: prefix}) {
		if err != nil {
			return nil, err
		}
		_, identifier, _ := strings.Cut(s.Name, "-")
		if name, _, size := wire.SplitMember(identifier); name == c.Name {
			sizes[size] = true
		}
	}
	return sizes, nil
}

// doneBy returns up to where a whole group of the size processed all streams;
// 0 where one of its members recorded nothing.
func (c *Consumer) doneBy(ctx context.Context, size int) (done int64, err error) {
	for member := range max(size, 1) {
		p, found, err := c.readPosition(ctx, member, size)
		if err != nil || !found {
			return 0, err
		}
		if member == 0 || p < done {
			done = p
		}
	}
	return done, nil
}

func (c *Consumer) readPosition(ctx context.Context, member, size int) (at int64, found bool, err error) {
	m, err := c.Client.LastMessage(ctx, c.positionStream(member, size), wire.RecordedType)
	if errors.Is(err, client.ErrMessageNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	var p position
	if err := json.Unmarshal(m.Data, &p); err != nil {
		return 0, false, fmt.Errorf("read the position in %q: %w", m.Stream, err)
	}
	return p.Position, true, nil
}

// record writes the position if it is another than the newest one.
func (c *Consumer) record(ctx context.Context) error {
	if c.next <= c.recorded+1 {
		return nil
	}
	return c.write(ctx, c.next-1)
}

func (c *Consumer) write(ctx context.Context, at int64) error {
	data, err := json.Marshal(position{at})
	if err != nil {
		return err
	}
	event := client.Event{ID: client.NewID(), Type: wire.RecordedType, Data: data}
	if _, err := c.Client.Write(ctx, c.positionStream(c.Group.Member, c.Group.Size), event, client.AnyVersion()); err != nil {
		return fmt.Errorf("record position %d: %w", at, err)
	}
	c.recorded = at
	return nil
}
