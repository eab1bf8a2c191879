package server

import (
	"math"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// What one read may ask for, by the protocol.
const (
	defaultBatch = 1000
	maxBatch     = 10000
)

// readOptions are the options that stream.get and category.get share.
type readOptions struct {
	position, globalPosition int64
	hasPosition, hasGlobal   bool
	batch                    int64
	backward                 bool

	correlation string
	group       store.Group
}

func newReadOptions() readOptions { return readOptions{batch: defaultBatch} }

// read reads the option name of stream.get.
func (o *readOptions) read(c *call, name []byte) (err error) {
	switch string(name) {
	case "position":
		o.hasPosition = c.args.Kind() != rawjson.Null
		return c.position("position", &o.position)
	case "globalPosition":
		o.hasGlobal = c.args.Kind() != rawjson.Null
		return c.position("globalPosition", &o.globalPosition)
	case "batchSize":
		return c.integer("batchSize", &o.batch, store.NoLimit, maxBatch)
	case "backward":
		return c.boolean("backward", &o.backward)
	}
	return c.args.Skip()
}

// readOfCategory reads the option name of category.get.
func (o *readOptions) readOfCategory(c *call, name []byte) error {
	switch string(name) {
	case "correlation":
		if err := c.str("correlation", &o.correlation); err != nil || o.correlation == "" {
			return err
		}
		if hasDash(o.correlation) {
			return invalid("correlation", "must be a category, without a dash")
		}
		return nil
	case "consumerGroup":
		return o.readGroup(c)
	}
	return o.read(c, name)
}

func (o *readOptions) readGroup(c *call) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	const unset = -1 // no member, and no size
	var member, size int64 = unset, unset
	err := c.args.Object(func(name []byte) error {
		switch string(name) {
		case "member":
			member = unset
			return c.integer("consumerGroup.member", &member, 0, maxGroupSize-1)
		case "size":
			size = unset
			return c.integer("consumerGroup.size", &size, 1, maxGroupSize)
		}
		return c.args.Skip()
	})
	if err != nil {
		return orRefuse(err, "consumerGroup must be an object")
	}
	if member == unset || size == unset {
		return invalid("consumerGroup", "needs both member and size")
	}
	o.group, err = groupOf("consumerGroup", member, size)
	return err
}

// maxGroupSize is the most members of a consumer group that a client may name:
// more than there are streams to share, and an int on every system.
const maxGroupSize = math.MaxInt32

// groupOf checks a member of a consumer group that a client names, each of
// whose numbers is in its range.
func groupOf(field string, member, size int64) (store.Group, error) {
	if member >= size {
		return store.Group{}, invalid(field, "needs member < size, got member %d of size %d", member, size)
	}
	return store.Group{Member: int(member), Size: int(size)}, nil
}

// bound is the inclusive bound on global positions where position and
// globalPosition are two names for it: when both stand, both hold.
func (o *readOptions) bound() int64 {
	switch {
	case !o.hasPosition:
		return o.globalPosition
	case !o.hasGlobal:
		return o.position
	case o.backward && o.position > 0 && o.globalPosition > 0:
		return min(o.position, o.globalPosition)
	}
	return max(o.position, o.globalPosition)
}
