package pebblestore

import "github.com/evtui/evtui/store/pebblestore/shape"

// cut is a message taken apart by whoever appends it. The zero value is one
// that is stored whole.
type cut struct {
	number  uint32 // of its shape; 0: none yet
	outline []byte // to be learned, when there is no number
	values  []byte
}

// cutting takes the messages of one op apart, outside of the committer, which
// has all others to serve too.
type cutting struct {
	cuts     []cut
	outlines []byte // what cuts point into
	values   []byte
}

// add cuts the next message.
func (c *cutting) add(s *shapes, messageType string, metadata, data []byte) {
	outline, values := len(c.outlines), len(c.values)
	var ok bool
	c.outlines, c.values, ok = shape.Cut(c.outlines, c.values, messageType, metadata, data)
	var one cut
	if ok {
		number, again := s.find(c.outlines[outline:])
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

// maxKeptCutting is how much room an op that is done keeps for the next one.
const maxKeptCutting = 64 << 10

// empty returns c without its messages.
func (c *cutting) empty() cutting {
	if cap(c.outlines)+cap(c.values) > maxKeptCutting {
		return cutting{}
	}
	clear(c.cuts)
	return cutting{cuts: c.cuts[:0], outlines: c.outlines[:0], values: c.values[:0]}
}

// fit has the record hold its values instead of its text, if it was cut, and
// stores the shape when it is the first that has it.
func (c *committer) fit(g *group, r *record, from *cut) {
	number := from.number
	if number == 0 && from.outline != nil {
		var fresh bool
		if number, fresh = c.ns.shapes.learn(from.outline); fresh {
			c.setValue(g, appendShapeKey(c.keys[:0], familyShape, number), from.outline)
			c.setValue(g, appendShapeKey(c.keys[:0], familyShapeAgain, number), from.outline)
		}
	}
	if number != 0 {
		r.flags |= flagShaped
		r.shape, r.values = number, from.values
	}
}
