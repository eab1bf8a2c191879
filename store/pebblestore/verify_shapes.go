package pebblestore

import (
	"bytes"
	"errors"

	"github.com/evtui/evtui/store/pebblestore/shape"
)

// readShapes reads the shapes and compares the two records that each has.
// Messages are read with what either of them gives.
func (v *verifier) readShapes() error {
	v.out.shapes = newShapes()
	if err := v.out.shapes.gather(v.snapshot); err != nil {
		return err
	}
	outlines := map[uint32][]byte{}
	err := v.each(familyShape, func(key, value []byte) {
		number, err := numberOfShape(key)
		if _, fault := shape.Parse(value); err != nil || fault != nil {
			v.finding(familyShape, describeKey(key, v.names), "%v", errors.Join(err, fault))
			return
		}
		outlines[number] = bytes.Clone(value)
	})
	if err != nil {
		return err
	}
	err = v.each(familyShapeAgain, func(key, value []byte) {
		number, err := numberOfShape(key)
		if err != nil || !bytes.Equal(outlines[number], value) {
			v.finding(familyShapeAgain, describeKey(key, v.names), "is not what the other record of the shape says")
			return
		}
		delete(outlines, number)
	})
	for number := range outlines {
		v.finding(familyShapeAgain, describeKey(appendShapeKey(nil, familyShapeAgain, number), v.names), "is missing")
	}
	return err
}
