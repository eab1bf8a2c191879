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
	c.reply.text(c.s.cfg.Version)
	return nil
}

// systemMethods: ["sys.methods"]: the names of all methods, in order. What is
// not among them is answered METHOD_NOT_FOUND.
func (c *call) systemMethods() error {
	return c.reply.value(slices.Sorted(maps.Keys(c.s.methods)))
}

// engineInfo: ["engine.info"].
func (c *call) engineInfo() error {
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
	return c.reply.value(c.s.samples.latest())
}

// engineHistory: ["engine.history", {since}]: the samples after since, oldest
// first.
func (c *call) engineHistory() error {
	var since time.Time
	if err := c.options(option{name: "since", to: &since}); err != nil {
		return err
	}
	return array(&c.reply, c.s.samples.after(since), func(sample wire.Sample) error {
		// One at a time: an hour of them is some megabytes.
		return cmp.Or(c.reply.value(sample), c.reply.spill())
	})
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
	from := int64(0)
	limit = defaultLines
	err = c.options(
		option{name: "after", to: &from, high: math.MaxInt64},
		option{name: "limit", to: &limit, low: 1, high: maxLines},
	)
	return uint64(from), limit, err
}
