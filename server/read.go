package server

import (
	"math"

	"github.com/evtui/evtui/server/rawjson"
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
		return c.int("position", &o.position)
	case "globalPosition":
		o.hasGlobal = c.args.Kind() != rawjson.Null
		return c.int("globalPosition", &o.globalPosition)
	case "batchSize":
		if err := c.int("batchSize", &o.batch); err != nil {
			return err
		}
		if o.batch < store.NoLimit || o.batch > maxBatch {
			return invalid("batchSize", "must be from 0 to %d, or -1 for no limit, got %d", maxBatch, o.batch)
		}
		return nil
	case "backward":
		return c.bool("backward", &o.backward)
	}
	return c.args.Skip()
}

// readOfCategory reads the option name of category.get.
func (o *readOptions) readOfCategory(c *call, name []byte) error {
	switch string(name) {
	case "correlation":
		if err := c.string("correlation", &o.correlation); err != nil || o.correlation == "" {
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
	const unset = math.MinInt64
	var member, size int64 = unset, unset
	err := c.args.Object(func(name []byte) error {
		switch string(name) {
		case "member":
			return c.int("consumerGroup.member", &member)
		case "size":
			return c.int("consumerGroup.size", &size)
		}
		return c.args.Skip()
	})
	if err != nil {
		return orRefuse(err, "consumerGroup must be an object")
	}
	if member == unset || size == unset {
		return invalid("consumerGroup", "needs both member and size")
	}
	o.group, err = groupOf(member, size)
	return err
}

// groupOf checks a member of a consumer group that a client names.
func groupOf(member, size int64) (store.Group, error) {
	if size < 1 || size > math.MaxInt32 || member < 0 || member >= size {
		return store.Group{}, invalid("consumerGroup", "needs 0 <= member < size, got member %d, size %d", member, size)
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
