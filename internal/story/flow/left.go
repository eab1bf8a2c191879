package flow

import "slices"

// Note is something that a graph does not count, or counts with a caveat.
type Note struct {
	Count int64
	Noun  string // of what, for one
	Why   string
}

// Notes say what is not in the graph.
func (s *Sum) Notes() []Note {
	return some(
		Note{s.Middle, "stream", "first seen past their beginning: no start, no variant"},
		Note{s.Holes, "hole", "positions of a stream are missing: nothing is counted across them"},
		Note{s.Backwards, "time", "below zero, since a clock ran backwards: counted as 0"},
		Note{s.Repeated, "message", "at a position that its stream has had: not counted"},
		Note{s.Beyond.Streams, "stream", "beyond the memory for streams: not counted"},
		Note{s.Beyond.Messages, "message", "of streams beyond that memory: not counted"},
		Note{s.Beyond.Typed, "message", "of types beyond those kept: their transitions are not listed"},
		Note{s.Beyond.Transitions, "transition", "beyond those kept: not listed"},
		Note{s.Beyond.Ends, "stream", "ending on a type beyond those kept: not listed"},
	)
}

// Notes say of which streams the order is not known.
func (v *Variants) Notes() []Note {
	return some(
		Note{v.Middle, "stream", "first seen past their beginning: no variant"},
		Note{v.Holes, "stream", "with positions missing: no variant"},
		Note{v.Long, "stream", "longer than variants are kept: no variant"},
		Note{v.Full, "stream", "beyond the memory for variants, or of types beyond those kept: no variant"},
		Note{v.Rest, "stream", "of rarer variants, not listed"},
	)
}

func some(list ...Note) []Note {
	return slices.DeleteFunc(list, func(n Note) bool { return n.Count <= 0 })
}
