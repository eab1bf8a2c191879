package pebblestore

import (
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/pebblestore/shape"
)

// cut is a message taken apart by whoever appends it. The zero value is one
// that is stored whole.
type cut struct {
	number  uint32 // of its shape; 0: none yet
	outline []byte // to be learned, when there is no number
	values  []byte
}

// cutting holds the messages of one append taken apart, outside of the
// committer, which has all others to serve too.
type cutting struct {
	of       *database
	cuts     []cut
	outlines []byte // what cuts point into
	values   []byte
}

// Prepare cuts messages into shapes and values.
func (d *database) Prepare(messages engine.Messages) engine.Prepared {
	c := d.cuttings.Get().(*cutting)
	for i := range messages.Len() {
		c.add(messages.At(i))
	}
	return c
}

// add cuts the next message.
func (c *cutting) add(messageType string, metadata, data []byte) {
	outline, values := len(c.outlines), len(c.values)
	var ok bool
	c.outlines, c.values, ok = shape.Cut(c.outlines, c.values, messageType, metadata, data)
	var one cut
	if ok {
		number, again := c.of.shapes.find(c.outlines[outline:])
		if number != 0 || again {
			one = cut{number: number, values: c.values[values:len(c.values):len(c.values)]}
		}
		if again {
			one.outline = c.outlines[outline:len(c.outlines):len(c.outlines)]
			outline = len(c.outlines)
		}
	}
	c.outlines = c.outlines[:outline]
	if one.values == nil {
		c.values = c.values[:values]
	}
	c.cuts = append(c.cuts, one)
}

// maxKeptCutting is how much room is kept for the next append.
const maxKeptCutting = 64 << 10

// Release gives the cutting back.
func (c *cutting) Release() {
	d := c.of
	if cap(c.outlines)+cap(c.values) > maxKeptCutting {
		*c = cutting{of: d}
	} else {
		clear(c.cuts)
		*c = cutting{of: d, cuts: c.cuts[:0], outlines: c.outlines[:0], values: c.values[:0]}
	}
	d.cuttings.Put(c)
}
