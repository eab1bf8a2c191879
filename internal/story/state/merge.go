package state

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// Merging is the [Reducer] without a program: the data of the messages, merged.
//
// Objects are merged name by name, at any depth; anything else takes the place of
// what stood there, null too: what was said to be null is shown as null. Data that
// is null or missing as a whole changes nothing. Names stand in the order in which
// they first came, values as they were written; of names that an object has twice
// the last counts.
type Merging struct{}

// Fold implements [Reducer].
func (Merging) Fold(ctx context.Context, from json.RawMessage, list []store.Message) (Folded, error) {
	out := Folded{State: from, Held: -1}
	if len(list) == 0 {
		return out, nil
	}
	state, err := parse(from)
	if err != nil {
		return out, fmt.Errorf("read the state so far: %w", err)
	}
	for i := range list {
		if err := ctx.Err(); err != nil {
			return Folded{State: from, Held: -1}, err
		}
		if fault := state.take(&list[i]); fault != nil {
			out.State = state.appendTo(nil)
			return out, fault
		}
		out.Applied++
	}
	out.State = state.appendTo(nil)
	return out, nil
}

// Close implements [Reducer].
func (Merging) Close() error { return nil }

// take merges a message's data; a fault leaves the value as it was.
func (v *value) take(m *store.Message) *Fault {
	if data := bytes.TrimSpace(m.Data); len(data) == 0 || string(data) == "null" {
		return nil
	}
	data, err := parse(m.Data)
	if err != nil {
		return faultAt(m, "its data is no JSON: "+err.Error())
	}
	if grown := v.bytes() + data.bytes(); grown > MaxBytes {
		return faultAt(m, fmt.Sprintf("the state so far and its data have more than %d MiB together", MaxBytes>>20))
	}
	v.merge(data)
	return nil
}

// value is a JSON value: an object, or anything else as it was written.
type value struct {
	raw    []byte
	object *object // nil: it is none
}

// object is a JSON object, in the order of its names.
type object struct {
	names  []string
	values []value
	places map[string]int
	size   int // bytes that it takes as JSON, about: of what its names and values have
}

func parse(raw []byte) (value, error) {
	s := rawjson.New(raw)
	v, err := parseValue(&s)
	if err == nil {
		err = s.End()
	}
	return v, err
}

func parseValue(s *rawjson.Scanner) (value, error) {
	if s.Kind() != rawjson.Object {
		raw, err := s.Value()
		return value{raw: raw}, err
	}
	o := &object{places: map[string]int{}}
	err := s.Object(func(name []byte) error {
		v, err := parseValue(s)
		if err == nil {
			o.set(string(name), v)
		}
		return err
	})
	return value{object: o}, err
}

// bytes is about how much it takes as JSON.
func (v *value) bytes() int {
	if v.object != nil {
		return v.object.size + 2
	}
	return len(v.raw)
}

// merge puts another value over this one.
func (v *value) merge(over value) {
	if v.object == nil || over.object == nil {
		*v = over
		return
	}
	o := v.object
	for i, name := range over.object.names {
		at, known := o.places[name]
		if !known {
			o.set(name, over.object.values[i])
			continue
		}
		before := o.values[at].bytes()
		o.values[at].merge(over.object.values[i])
		o.size += o.values[at].bytes() - before
	}
}

func (o *object) set(name string, v value) {
	if at, known := o.places[name]; known {
		o.size += v.bytes() - o.values[at].bytes()
		o.values[at] = v
		return
	}
	o.places[name] = len(o.names)
	o.names, o.values = append(o.names, name), append(o.values, v)
	o.size += len(name) + 4 + v.bytes()
}

func (v *value) appendTo(dst []byte) []byte {
	if v.object == nil {
		return append(dst, v.raw...)
	}
	dst = append(dst, '{')
	for i, name := range v.object.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(rawjson.AppendString(dst, name), ':')
		dst = v.object.values[i].appendTo(dst)
	}
	return append(dst, '}')
}
