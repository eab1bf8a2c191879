package server

import (
	"cmp"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// systemVersion: ["sys.version"].
func (c *call) systemVersion() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	c.reply.text(c.s.cfg.Version)
	return nil
}

// systemMethods: ["sys.methods"]: the names of all methods, in order. What is
// not among them is answered METHOD_NOT_FOUND.
func (c *call) systemMethods() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	return c.reply.value(slices.Sorted(maps.Keys(c.s.methods)))
}

// engineInfo: ["engine.info"].
func (c *call) engineInfo() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	d := c.s.cfg.Store.Describe()
	_, witness := c.s.cfg.Store.(store.Witness)
	witness = witness && (d.ReadOnly || !d.Shared) // else what is written here is counted as well
	return c.reply.value(wire.Info{
		Version: c.s.cfg.Version, Backend: d.Backend, Durability: d.Durability,
		StartedAt: c.s.started, PID: os.Getpid(), TestMode: c.s.cfg.TestMode, Exposed: c.s.exposed.Load(),
		ReadOnly: d.ReadOnly || c.scope.readOnly, Clocks: d.Clocks, Witness: witness, Shared: d.Shared, Damaged: c.s.damaged(), Notices: c.s.notices(),
	})
}

// engineSample: ["engine.sample"].
func (c *call) engineSample() error {
	if err := c.noOptions(); err != nil {
		return err
	}
	return c.reply.value(c.s.samples.latest())
}

// engineHistory: ["engine.history", {since}]: the samples after since, oldest
// first.
func (c *call) engineHistory() error {
	var since time.Time
	err := c.options(func(name []byte) error {
		if string(name) == "since" {
			return c.timestamp("since", &since)
		}
		return c.args.Skip()
	})
	if err != nil {
		return err
	}
	c.reply.raw("[")
	for i, sample := range c.s.samples.after(since) {
		if i > 0 {
			c.reply.raw(",")
		}
		// One at a time: an hour of them is some megabytes.
		if err := cmp.Or(c.reply.value(sample), c.reply.spill()); err != nil {
			return err
		}
	}
	c.reply.raw("]")
	return nil
}

// Limits on engine.log.
const (
	defaultLines = 200
	maxLines     = 10000
)

// engineLog: ["engine.log", {after, limit}]: the lines after the one with that
// sequence number, oldest first.
func (c *call) engineLog() error {
	after, limit, err := c.sequence()
	if err != nil {
		return err
	}
	if c.s.cfg.Log == nil {
		c.reply.raw("[]")
		return nil
	}
	return c.reply.value(c.s.cfg.Log.After(after, limit))
}

// sequence reads the options of methods that page through what is numbered:
// after (0 for the start) and limit.
func (c *call) sequence() (after uint64, limit int, err error) {
	from, most := int64(0), int64(defaultLines)
	err = c.options(func(name []byte) error {
		switch string(name) {
		case "after":
			return c.integer("after", &from, 0, math.MaxInt64)
		case "limit":
			return c.integer("limit", &most, 1, maxLines)
		}
		return c.args.Skip()
	})
	return uint64(from), int(most), err
}
